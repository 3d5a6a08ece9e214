"""What changed from one run, or one sweep, to another: the whole answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.folder.paths import Folder
from nnsweep.questions.history.changes import Change, changes, unknown_parts
from nnsweep.questions.history.numbers import Numbers, Side, compare_numbers
from nnsweep.questions.history.runs import PastRun, read_runs
from nnsweep.questions.history.text import format_difference


@dataclass(frozen=True)
class Difference:
    """What changed from one run or sweep to another. Its text describes it."""

    names: tuple[str, str]
    changes: Sequence[Change]
    """Settings, code, data, versions and machine."""
    unknown: Sequence[str]
    """Parts of which one of the two recorded nothing."""
    numbers: Numbers | None
    why: str = ""
    """Why there are no numbers."""

    def __str__(self) -> str:
        return format_difference(self.names, self.changes, self.unknown, self.numbers, self.why)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict for JSON."""
        return {
            "names": list(self.names),
            "changes": [change._asdict() for change in self.changes],
            "unknown": list(self.unknown),
            "numbers": None if self.numbers is None else self.numbers.to_json(),
        }


def differ_runs(folder: Folder, before: PastRun, after: PastRun) -> Difference:
    """Compare two runs of a results folder: the trials that each trained, if no later run replaced them.

    Raises:
        StoreError: the store is damaged.
    """
    one, other = (f"run {run.number}" for run in (before, after))
    names = f"{folder.root.name}: {one}, {before.when}", f"{other}, {after.when}"
    sides = Side(folder, one, before.number), Side(folder, other, after.number)
    return _differ(names, (before, after), *sides)


def differ_sweeps(before: Folder, after: Folder) -> Difference:
    """Compare the last runs of two results folders, and all trials of their sweeps.

    Raises:
        NnsweepError: a folder has no run. StoreError: a store is damaged.
    """
    runs = _last(before), _last(after)
    apart = before.root.name != after.root.name
    one, other = (folder.root.name if apart else str(folder.root) for folder in (before, after))
    names = f"{one}: run {runs[0].number}, {runs[0].when}", f"{other}: run {runs[1].number}, {runs[1].when}"
    return _differ(names, runs, Side(before, one), Side(after, other))


def _differ(names: tuple[str, str], runs: tuple[PastRun, PastRun], before: Side, after: Side) -> Difference:
    numbers, why = None, ""
    try:
        numbers = compare_numbers(before, after)
    except StoreError:
        raise
    except NnsweepError as error:  # there are too many trials
        why = str(error)
    return Difference(names, changes(*runs), unknown_parts(*runs), numbers, why)


def _last(folder: Folder) -> PastRun:
    runs = read_runs(folder)
    if not runs:
        raise NnsweepError(f"{folder.root}: no run has trained anything")
    return next((run for run in reversed(runs) if not run.taken), runs[-1])
