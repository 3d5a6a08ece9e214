"""Which sweep, and which of its trials, notes and tags are about."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.notes import Notes, Remarks, read_notes
from nnsweep.folder.open import StoredSweep
from nnsweep.folder.paths import Folder
from nnsweep.questions.trial.inspection import labelled, matching
from nnsweep.questions.trial.text import settings
from nnsweep.store import Store
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.trial import DIGITS, Trial
from nnsweep.trials.where import setting

MOST = 1_000
"""Trials that one command may note something of: nobody reads notes of more, one by one."""


@dataclass(frozen=True)
class Noted:
    """What is noted of a trial, or without an id of the sweep."""

    id: str
    settings: str
    """Its values on the axes; empty if it is no longer in the sweep."""
    remarks: Remarks

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict for JSON."""
        return {"id": self.id, "settings": self.settings, **self.remarks.model_dump()}


def find_trials(folder: Folder, where: Sequence[str]) -> list[str]:
    """Find the ids of the trials of a stored sweep that meet all conditions; none without conditions.

    Raises:
        NnsweepError: no trial meets them, or more than `MOST` do.
    """
    if not where:
        return []
    stored = StoredSweep.open(str(folder.root), folder.root.parent)
    found = matching(stored.grid, stored.sweep, where)
    if len(found) > MOST:
        raise NnsweepError(f"{' '.join(where)}: found {len(found):,} trials; allowed: at most {MOST:,} at once")
    return [trial.id for trial in found]


def split_text(words: Sequence[str], folder: Folder) -> tuple[Sequence[str], str | None]:
    """Tell the conditions from the text of a note, which is the last word unless that names trials, too."""
    if not words or _is_condition(words[-1], folder):
        return words, None
    return words[:-1], words[-1]


def _is_condition(word: str, folder: Folder) -> bool:
    """Whether a word is a setting, such as `hidden=4`, or the first digits of a stored id, at least six."""
    name, value = setting(word)
    is_digits = 6 <= len(word) <= DIGITS and {*word} <= {*"0123456789abcdef"}
    if not is_digits and not (value and word.split() == [word]):
        return False
    with Store.read(folder.store) as store:
        if is_digits:
            first, last = (np.uint64(int(word.ljust(DIGITS, fill), 16)) for fill in "0f")
            known = store.known()
            return bool(((known >= first) & (known <= last)).any())
        sweep = store.sweep()
        return sweep is not None and name in {each for axis in sweep.axes for each in (axis.name, axis.parameter)}


def all_noted(sweep: Sweep | None, trials: Sequence[Trial], notes: Notes) -> list[Noted]:
    """List what is noted: of the sweep, then of its trials in grid order, then of trials that it no longer has."""
    shown = _settings(sweep, trials, list(notes.trials)) if sweep is not None and notes.trials else {}
    ids = [*shown, *(id for id in notes.trials if id not in shown)]
    found = [Noted("", "", notes.sweep), *(Noted(id, shown.get(id, ""), notes.trials[id]) for id in ids)]
    return [each for each in found if each.remarks]


def noted_in(folder: Folder) -> list[Noted]:
    """List what is noted in a results folder, whatever became of its store.

    Raises:
        StoreError: the file of notes is damaged.
    """
    notes = read_notes(folder)
    if notes.trials:
        with suppress(NnsweepError):
            stored = StoredSweep.open(str(folder.root), folder.root.parent)
            return all_noted(stored.sweep, stored.grid, notes)
    return all_noted(None, (), notes)


def _settings(sweep: Sweep, trials: Sequence[Trial], ids: Sequence[str]) -> dict[str, str]:
    """Write the values on the axes of those of some trials that a sweep has, in grid order."""
    grid = Grid.of(trials)
    chosen = grid.take(np.isin(grid.ids, to_numbers(ids))).distinct
    return {trial.id: settings(labelled(sweep, trial)) for trial in chosen}
