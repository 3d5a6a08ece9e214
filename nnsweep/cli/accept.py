"""The verb `accept`: a trainer's changed source means the same."""

from __future__ import annotations

from collections.abc import Sequence

from nnsweep.cli.group import cli
from nnsweep.cli.options import (
    json_option,
    results_option,
    set_option,
    sweep_argument,
    trainer_option,
    trust_option,
)
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json, read_sweep


@cli.command(short_help="Declare that a trainer's changed source gives the same.")
@sweep_argument
@set_option
@trainer_option
@results_option
@trust_option
@json_option
def accept(source: str, overrides: Sequence[str], trainer: str, results: str, as_json: bool) -> None:
    """Declare that a change of your trainer's source does not change its results: the stored trials count as trials of
    the present source, and none is trained again.

    They get the ids that they would have now. The rows from before the change stay, and the table of runs in the store
    records which trials were accepted.

    \b
    Example:
      nnsweep accept grid.toml
    """
    from nnsweep import api, report

    sweep, results = read_sweep(source, results, overrides, trainer)
    counts = api.accept(sweep, results)
    plan = api.plan(sweep, results)
    if as_json:
        print_json({"name": sweep.name, "accepted": counts, "new": plan.new, "cached": plan.cached})
    else:
        echo(report.format_accepted(sweep, counts, plan))
