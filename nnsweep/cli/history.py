"""The verb `history`: the runs of a sweep, and what changed between two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import json_option, results_option, sweep_argument
from nnsweep.cli.output import echo
from nnsweep.cli.stored import print_json
from nnsweep.errors import NnsweepError

if TYPE_CHECKING:
    from nnsweep.folder.paths import Folder
    from nnsweep.questions.history.difference import Difference
    from nnsweep.questions.history.runs import PastRun


@cli.command(short_help="List the runs of a sweep, or show what changed between two.")
@sweep_argument
@click.argument("others", nargs=-1, metavar="[RUN [RUN] | SWEEP]")
@click.option("--diff", is_flag=True, help="Also print the uncommitted changes that a run was made with.")
@results_option
@json_option
def history(source: str, others: Sequence[str], diff: bool, results: str, as_json: bool) -> None:
    """List the runs that trained trials of a sweep: when, how many, with which code and command. With the number of a
    run, show all that is recorded of it. With two numbers, or two sweeps, show what changed from one to the other: in
    settings, code, data, versions and numbers.

    Of two runs, the trials that each trained are compared if no later run replaced them; of two sweeps, all trials of
    their grids. Trials are matched by their parameters. Of two sweeps, the last run of each is compared.

    \b
    Example:
      nnsweep history forum
      nnsweep history forum 3 --diff
      nnsweep history forum 3 5
      nnsweep history forum forum_fixes
    """
    from nnsweep.folder.select import find_folder
    from nnsweep.questions.history.runs import count_stored, find_run, read_runs
    from nnsweep.questions.history.text import format_run, format_runs

    folder = find_folder(source, Path(results))
    name, runs = folder.root.name, read_runs(folder)
    if not others:
        echo(format_runs(name, runs)) if not as_json else print_json([run.to_json() for run in runs])
    elif len(others) == 1 and others[0].isdecimal():
        run = find_run(runs, int(others[0]), folder)
        statuses = count_stored(folder, run.number)
        text = format_run(name, run, statuses, diff)
        echo(text) if not as_json else print_json(run.to_json() | {"stored": statuses})
    else:
        found = _differ(folder, runs, others, Path(results))
        echo(found) if not as_json else print_json(found.to_json())


def _differ(folder: Folder, runs: list[PastRun], others: Sequence[str], results: Path) -> Difference:
    """Compare two runs of a folder, by their numbers, or a folder with another one.

    Raises:
        NnsweepError: neither is named.
    """
    from nnsweep.folder.select import find_folder
    from nnsweep.questions.history.difference import differ_runs, differ_sweeps
    from nnsweep.questions.history.runs import find_run

    if len(others) == 2 and all(other.isdecimal() for other in others):
        before, after = (find_run(runs, int(number), folder) for number in others)
        return differ_runs(folder, before, after)
    if len(others) == 1:
        return differ_sweeps(folder, find_folder(others[0], results))
    raise NnsweepError(
        f"history {folder.root.name} {' '.join(others)}: allowed: a sweep, alone, with one number of a run or with "
        "two, or another sweep"
    )
