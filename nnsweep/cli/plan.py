"""The verb `plan`: print what would be trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import jobs_option, json_option, sweep_argument, sweep_options
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json, read_sweep

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.questions.power import Power
    from nnsweep.sweepfile.outline import Outline


@cli.command(short_help="Print what would be trained.")
@sweep_argument
@jobs_option
@sweep_options
@click.option("--on", metavar="AXIS=VALUE,VALUE", help="Compute how many seeds would separate two values of an axis.")
@click.option("--difference", type=click.FloatRange(0, 1, min_open=True), default=0.1, show_default=True, metavar="D")
@click.option("--no-code", is_flag=True, help="Import and call nothing that the sweep names: only count its trials.")
@click.option(
    "--rate", type=click.FloatRange(0, 1), metavar="R", help="Assume this success rate instead of the stored ones."
)
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
    no_code: bool,
    as_json: bool,
) -> None:
    """Count the new, stored and stale trials of a sweep, and estimate how long the new ones take. With --on, also
    compute how many seeds detect a --difference between the success rates of two settings with 80 % power. The
    computation uses the stored rates, or an assumed --rate of the first setting.

    A stale trial has the parameters of a trial of the grid, but was trained by another version of the trainer or on
    other data. It is kept, and the trial of the grid is trained.

    A sweep file is code: it can name modules, which are imported, and functions, which are called. With --no-code,
    nothing is imported or called. If the sweep names any code, its trials are only counted and the names are listed.

    \b
    Example:
      nnsweep plan sweeps/forum.toml --set seed={count=60}
      nnsweep plan sweeps/forum.toml --on hidden=2,4 --difference 0.1
    """
    from nnsweep.execution.options import Options
    from nnsweep.folder.paths import Folder
    from nnsweep.plan_sweep import plan_sweep
    from nnsweep.report.plan_text import format_plan

    outline = _outline_of_code(source, overrides) if no_code else None
    if outline is not None:
        if as_json:
            print_json(outline.to_json())
        else:
            echo(outline)
        return
    sweep, results = read_sweep(source, results, overrides, trainer)
    counts = plan_sweep(sweep, Folder(Path(results) / sweep.name), Options(jobs).jobs, None)
    needed = _seeds_needed(sweep, Path(results), on, difference, rate) if on else None
    if as_json:
        print_json({"name": sweep.name, **counts.to_json(), **({"power": needed.to_json()} if needed else {})})
    else:
        echo(format_plan(sweep, counts))
        if needed:
            echo(needed)


def _outline_of_code(source: str, overrides: Sequence[str]) -> Outline | None:
    """Outline a sweep file that names code; None if it names none, or if the sweep is a stored one."""
    from nnsweep.folder.select import is_file
    from nnsweep.sweepfile.outline import outline

    found = outline(Path(source), overrides) if is_file(source) else None
    return found if found is not None and found.code else None


def _seeds_needed(sweep: Sweep, results: Path, on: str, difference: float, rate: float | None) -> Power:
    from nnsweep.questions.power import power  # needs scipy, which a plan without --on must not wait for

    return power(sweep, results, on, difference, rate)
