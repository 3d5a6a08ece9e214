"""What verbs share that read a stored sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnsweep.cli.output import echo

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.folder.open import StoredSweep


NAMED = 4
"""Up to this many written files are all named."""


def read_sweep(source: str, results: str, overrides: Sequence[str] = (), trainer: str = "") -> tuple[Sweep, str]:
    """Read a sweep that is to be run, by its file, name or folder. Return it and the parent of its results folder."""
    from nnsweep.folder.asked import asked

    sweep, root = asked(source, Path(results), overrides, trainer)
    return sweep, str(root)


def open_with_untrained(source: str, results: str, overrides: Sequence[str] = (), trainer: str = "") -> StoredSweep:
    """Open a sweep to look at single trials. With a file, this includes trials that are not trained yet."""
    from nnsweep.folder.open import StoredSweep
    from nnsweep.folder.select import is_file

    if overrides or is_file(source):
        sweep, root = read_sweep(source, results, overrides, trainer)
        return StoredSweep.grown(sweep, Path(root))
    return StoredSweep.open(source, Path(results))


def format_written(stored: StoredSweep, paths: Sequence[Path]) -> str:
    """Say what was written. Nothing was if the files in the folder belong to another sweep than the one asked for."""
    if stored.differs:
        return f"nothing written: the files in {stored.folder.root} are of the sweep that was last run there"
    shown = [str(path) for path in (paths if len(paths) <= NAMED else paths[:2])]
    return f"written: {' and '.join([*shown, *([f'{len(paths) - 2:,} more'] if len(paths) > NAMED else [])])}"


def print_json(value: Any) -> None:
    """Print strict JSON, in which a number that is not finite is null."""
    from nnsweep.tables.strict_json import to_json

    echo(to_json(value))


def open_stored(source: str, results: str, overrides: Sequence[str] = ()) -> StoredSweep:
    """Open a stored sweep by its file, name or folder, and print warnings that affect how to read its numbers."""
    from nnsweep.folder.open import StoredSweep

    stored = StoredSweep.open(source, Path(results), overrides)
    for notice in stored.notices:
        echo(f"warning: {notice}", err=True)
    return stored


def print_next_commands(source: str, results: str, overrides: Sequence[str], trainer: str, retry: bool = False) -> None:
    """Print the command that lists the failed trials and, with `retry`, the one that trains them again."""
    from nnsweep.data import trust
    from nnsweep.folder.commands import command

    options: Any = {"results": results, "trainer": trainer, "overrides": overrides, "trust": not trust.is_limited()}
    echo(f"to see what failed: {command('show', source, '--failed', **options)}")
    if retry:
        echo(f"to train again what failed: {command('retry', source, **options)}")
