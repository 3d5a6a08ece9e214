"""The verb `gc`: remove what results folders do not need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import results_option
from nnsweep.cli.output import echo
from nnsweep.cli.removing import confirm_and_remove, dry_run_option, yes_option
from nnsweep.errors import NnsweepError


@cli.command(short_help="Remove what results folders do not need: stale trials, old copies.")
@click.argument("sources", nargs=-1, metavar="[GRID.TOML|NAME|FOLDER]...")
@yes_option
@dry_run_option
@results_option
def gc(sources: Sequence[str], yes: bool, dry_run: bool, results: str) -> None:
    """Remove from results folders, by default from all, what nothing needs. First list it, and ask.

    \b
    - Trials that the sweep, as it was last run, does not have: of other
      settings, of an earlier version of your trainer or of the data. More seeds
      of its settings stay. If you last ran a part of a sweep, run the whole
      before.
    - Stores that were set aside by --fresh, and files that killed runs left
      half-written.
    - Saved files and traces of trials that are gone.

    \b
    Example:
      nnsweep gc --dry-run
      nnsweep gc forum --yes
    """
    from nnsweep.folder.removable import Removal, list_killed, list_unused
    from nnsweep.folder.select import all_folders

    folders, roots = all_folders(sources, Path(results))
    removals: list[Removal] = [each for root in roots for each in list_killed(root)]
    left: list[str] = []
    for folder in folders:
        try:
            removals.append(list_unused(folder))
        except NnsweepError as error:
            left.append(f"left alone: {error}")
    removals = [each for each in removals if each]
    if removals:
        confirm_and_remove(removals, yes, dry_run, left)
    else:
        echo("\n".join([*left, "nothing to remove"]))
