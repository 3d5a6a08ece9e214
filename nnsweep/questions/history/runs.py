"""The runs of a results folder, as its store has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.execution.diffs import unpack_diff
from nnsweep.folder.paths import Folder
from nnsweep.folder.recorded import Environment, first_problem
from nnsweep.store import Store, is_held

SHORT = 10
"""Digits of a commit that are shown."""


@dataclass(frozen=True)
class PastRun:
    """One run: its command, when it was, what it trained, and where and with what. Times are ISO 8601, UTC."""

    number: int
    command: str
    started: str
    ended: str | None
    """None while it runs, and if it was killed."""
    trials: int | None
    """How many trials it trained; None if it has not ended."""
    seconds: float | None
    environment: Mapping[str, Any] = field(repr=False)
    """The machine, versions, code, data and settings, as `env.json` has them; older runs have less."""
    running: bool = False
    """Whether it is going on."""

    @property
    def git(self) -> Mapping[str, Any]:
        """The checkout; empty if there was none."""
        return self.environment.get("git") or {}

    @property
    def diff(self) -> str:
        """The uncommitted changes, as long as they were kept."""
        return unpack_diff(self.git)

    @property
    def taken(self) -> Mapping[str, int]:
        """How many trials it took from where, if it trained none: other folders, or an earlier version of a trainer."""
        return self.environment.get("copied") or self.environment.get("accepted") or {}

    @property
    def when(self) -> str:
        """The start for readers: `2026-11-29 05:50 UTC`."""
        return f"{self.started[:16].replace('T', ' ')} UTC"

    @property
    def code(self) -> str:
        """The commit, with a plus sign if there were changes; `no commit` without one."""
        commit = str(self.git.get("commit", ""))[:SHORT]
        changed = self.git.get("uncommitted_changes", "none") != "none" or bool(self.git.get("untracked"))
        return f"{commit}{'+' * changed}" if commit else "" if self.taken else "no commit"

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict for JSON."""
        names = "number", "command", "started", "ended", "trials", "seconds", "running"
        git = {name: value for name, value in self.git.items() if name != "packed_diff"}
        kept = {**self.environment, "git": {**git, "diff": self.diff}} if self.git else dict(self.environment)
        return {name: getattr(self, name) for name in names} | {"environment": kept}


def read_runs(folder: Folder) -> list[PastRun]:
    """Read the runs of a results folder, the oldest first.

    Raises:
        StoreError: they are not as nnsweep writes them.
    """
    with Store.read(folder.store) as store:
        rows = store.runs()
    held = is_held(folder.root)
    last = rows[-1]["number"] if rows else 0
    return [_run(folder, row, held and row["ended"] is None and row["number"] == last) for row in rows]


def _run(folder: Folder, row: Mapping[str, Any], running: bool) -> PastRun:
    try:
        found = Environment.model_validate_json(row["environment"]).model_dump(exclude_none=True)
        unpack_diff(found.get("git") or {})
    except ValidationError as error:
        raise StoreError(f"{folder.store}: run {row['number']}: {first_problem(error)}") from None
    except ValueError:
        raise StoreError(f"{folder.store}: run {row['number']}: its changes cannot be unpacked") from None
    return PastRun(**{**row, "environment": found}, running=running)


def find_run(runs: list[PastRun], number: int, folder: Folder) -> PastRun:
    """Find a run by its number.

    Raises:
        NnsweepError: there is none of this number.
    """
    for run in runs:
        if run.number == number:
            return run
    known = [str(run.number) for run in runs]
    allowed = f"{known[0]} to {known[-1]}" if len(known) > 1 else "".join(known) or "none has begun"
    raise NnsweepError(f"{folder.root}: no run {number}; allowed: {allowed}")


def count_stored(folder: Folder, number: int) -> Counter[str]:
    """Count, by status, the trials that are stored as a run trained them: a later run may have replaced others."""
    with Store.read(folder.store) as store:
        return Counter(store.statuses_of(number))
