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


@cli.command(short_help="Say that a trainer's changed source means the same.")
@sweep_argument
@set_option
@trainer_option
@results_option
@trust_option
@json_option
def accept(source: str, overrides: Sequence[str], trainer: str, results: str, as_json: bool) -> None:
    """Say that the source of a trainer of yours has changed without changing what it gives: its stored trials are taken
    as those of the present source, and none is trained anew.

    They get the ids that they would have now. What was stored before the change stays as it is, and the store's table
    of runs tells which trials were accepted.

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
        echo(report.accepted(sweep, counts, plan))
