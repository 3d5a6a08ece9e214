"""The verb `accept`: keep the results of a trainer whose source has changed."""

from __future__ import annotations

from collections.abc import Sequence

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, sweep_argument, sweep_options
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json, read_sweep


@cli.command(short_help="Declare that a change of a trainer's source keeps its results.")
@sweep_argument
@sweep_options
@json_option
def accept(source: str, overrides: Sequence[str], trainer: str, results: str, as_json: bool) -> None:
    """Declare that a change of your trainer's source does not change its results. The stored trials then count as
    trials of the present source, and none is trained again.

    Each accepted trial is stored again under the id that it has now. The old rows stay, and the table of runs in the
    store records which trials were accepted.

    \b
    Example:
      nnsweep accept grid.toml
    """
    from nnsweep import api
    from nnsweep.report.plan_text import format_accepted

    sweep, results = read_sweep(source, results, overrides, trainer)
    counts = api.accept(sweep, results)
    plan = api.plan(sweep, results)
    if as_json:
        print_json({"name": sweep.name, "accepted": counts, "new": plan.new, "cached": plan.cached})
    else:
        echo(format_accepted(sweep, counts, plan))
