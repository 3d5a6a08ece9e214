"""The verb `rm`: remove a results folder, or trials of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nnsweep.cli.group import cli
from nnsweep.cli.options import results_option, where_option
from nnsweep.cli.removing import confirm_and_remove, dry_run_option, yes_option


@cli.command(short_help="Remove a results folder, or single trials.")
@click.argument("source", metavar="GRID.TOML|NAME|FOLDER")
@click.argument("words", nargs=-1, metavar="[NAME=VALUE | ID]...")
@where_option
@yes_option
@dry_run_option
@results_option
def rm(source: str, words: Sequence[str], where: Sequence[str], yes: bool, dry_run: bool, results: str) -> None:
    """Remove a results folder with everything in it or, with settings or the first digits of an id, only these trials
    of its store, with the files that they saved. First list what is removed and how much room that frees, and ask.

    A folder that a run is using, or that is no results folder, is left alone. A later run trains the trials again that
    its sweep asks for.

    \b
    Example:
      nnsweep rm forum-old
      nnsweep rm forum hidden=2 seed=7
      nnsweep rm forum --where hidden=2 --dry-run
    """
    from nnsweep.folder.open import StoredSweep
    from nnsweep.folder.removable import list_trials, list_whole
    from nnsweep.folder.select import find_folder
    from nnsweep.trials.where import matching

    folder = find_folder(source, Path(results))
    conditions = [*words, *where]
    if conditions:
        stored = StoredSweep.open(str(folder.root), folder.root.parent)
        removal = list_trials(folder, matching(stored.grid, stored.sweep, conditions).ids)
    else:
        removal = list_whole(folder)
    confirm_and_remove([removal], yes, dry_run)
