"""Which files the trials of a sweep saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.questions.trial.inspection import labelled
from nnsweep.questions.trial.text import format_size, settings
from nnsweep.store import Store
from nnsweep.trainers.saved import SavedFile
from nnsweep.trials.trial import Trial
from nnsweep.trials.where import matching


@dataclass(frozen=True)
class TrialFiles:
    """A trial and the files that it saved."""

    trial: Trial
    files: Sequence[SavedFile]

    def to_json(self) -> dict[str, Any]:
        """Return the id, and name, bytes and digest of each file."""
        files = [{"name": each.name, "bytes": each.size, "blake2b": each.content} for each in self.files]
        return {"id": self.trial.id, "files": files}


def find_files(stored: StoredSweep, where: Sequence[str], names: Sequence[str] = ()) -> list[TrialFiles]:
    """Find the files of the trials that meet the conditions, all of them or those with some names.

    Raises:
        NnsweepError: there are none.
    """
    trials = matching(stored.grid, stored.sweep, where)
    with Store.read(stored.folder.store) as store:
        saved = store.saved([trial.id for trial in trials])
    wanted = {id: [each for each in files if not names or each.name in names] for id, files in saved.items()}
    found = [TrialFiles(labelled(stored.sweep, each), wanted[each.id]) for each in trials if wanted.get(each.id)]
    if not found:
        there = sorted({file.name for files in saved.values() for file in files})
        named = f" of the name {' or '.join(f'`{name}`' for name in names)}; there are: {', '.join(there)}"
        what = "this trial" if len(trials) == 1 else f"these {len(trials):,} trials"
        raise NnsweepError(f"{stored.folder.root}: {what} saved no file{named if names and there else ''}")
    return found


def format_files(found: Sequence[TrialFiles]) -> str:
    """Write a line for each trial, and one for each of its files."""
    lines = []
    for each in found:
        lines.append(f"trial {each.trial.id}  {settings(each.trial)}".rstrip())
        width = max(len(file.name) for file in each.files)
        lines += [f"  {file.name:<{width}}  {format_size(file.size)}" for file in each.files]
    return "\n".join(lines)
