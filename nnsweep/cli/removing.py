"""What `rm` and `gc` share: they list, ask, and remove."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from nnsweep.cli.output import echo
from nnsweep.errors import NnsweepError

if TYPE_CHECKING:
    from nnsweep.folder.removable import Removal

yes_option = click.option("-y", "--yes", is_flag=True, help="Remove without asking, as in scripts.")

dry_run_option = click.option("--dry-run", is_flag=True, help="Only list what would be removed.")


def confirm_and_remove(removals: Sequence[Removal], yes: bool, dry_run: bool, lead: Sequence[str] = ()) -> None:
    """List what is to be removed, ask, and remove it. A folder that cannot be changed keeps no other from it.

    Raises:
        NnsweepError: there is no terminal to ask in, or a folder cannot be changed.
    """
    from nnsweep.folder.removal import Removed, format_amount, remove

    for line in (*lead, *removals):
        echo(line)
    files, trials = sum(len(each.files) for each in removals), sum(each.trials for each in removals)
    echo(f"frees {format_amount(files, trials, sum(each.bytes for each in removals))}")
    if dry_run:
        return
    if not yes:
        _ask()
    done, problems = Removed(), list[str]()
    for removal in removals:
        try:
            done.add(remove(removal))
        except NnsweepError as error:
            problems.append(str(error))
    if done or not problems:
        echo(done)
    if problems:
        raise NnsweepError("\n".join(problems))


def is_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def _ask() -> None:
    if not is_terminal():
        raise NnsweepError("nothing was removed: there is no terminal to ask in; --yes removes, --dry-run only lists")
    if not click.confirm("Remove this?"):
        raise NnsweepError("nothing was removed")
