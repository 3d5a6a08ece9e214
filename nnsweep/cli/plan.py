"""The verb `plan`: what would be trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import jobs_option, json_option, results_option, set_option, sweep_argument, trainer_option
from nnsweep.cli.stored import print_json, read_sweep

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.questions.power import Power


@cli.command(short_help="Say what would run.")
@sweep_argument
@jobs_option
@set_option
@trainer_option
@results_option
@click.option("--on", metavar="AXIS=VALUE,VALUE", help="Two values of an axis: how many seeds would tell them apart?")
@click.option("--difference", type=click.FloatRange(0, 1, min_open=True), default=0.1, show_default=True, metavar="D")
@click.option("--rate", type=click.FloatRange(0, 1), metavar="R", help="Assume this success rate, not those stored.")
@json_option
def plan(
    source: str,
    jobs: int | None,
    overrides: Sequence[str],
    trainer: str,
    results: str,
    on: str | None,
    difference: float,
    rate: float | None,
    as_json: bool,
) -> None:
    """Say which trials are new, stored and stale, and about how long the new ones take. With --on, say how many seeds
    it takes to find a --difference of two settings' success rates with 80 % power: from the rates that are stored, or
    from an assumed --rate of the first setting.

    A stale trial has the parameters of one of the grid, but its trainer was of another version, or its data were
    others: it is kept, and trained anew.

    \b
    Example:
      nnsweep plan sweeps/forum.toml --set seed={count=60}
      nnsweep plan sweeps/forum.toml --on hidden=2,4 --difference 0.1
    """
    from nnsweep import api, report

    sweep, results = read_sweep(source, results, overrides, trainer)
    found = api.plan(sweep, results, jobs)
    needed = _seeds_needed(sweep, Path(results), on, difference, rate) if on else None
    if as_json:
        print_json({"name": sweep.name, **found.to_json(), **({"power": needed.to_json()} if needed else {})})
    else:
        click.echo(report.planned(sweep, found))
        if needed:
            click.echo(needed)


def _seeds_needed(sweep: Sweep, results: Path, on: str, difference: float, rate: float | None) -> Power:
    from nnsweep.questions.power import power  # needs scipy, which a plan without --on must not wait for

    return power(sweep, results, on, difference, rate)
