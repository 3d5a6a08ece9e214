"""Trials that are written together: as rows that are copied from another store, or as a part of a grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import SEED
from nnsweep.store.rows import Row
from nnsweep.store.settings import SettingsWriter
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trainers.protocol import Outcome, Trainer
from nnsweep.trials.codes import number_rows
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import Ids, to_numbers

Numbers = tuple[NDArray[np.int64], NDArray[np.int64]]
"""For each trial the number of its settings, and the seed that they leave out."""


class Batch(Protocol):
    """Trials of different ids, and what became of each."""

    ids: Ids
    outcomes: Sequence[Outcome]

    def number(self, settings: SettingsWriter) -> Numbers:
        """Number the settings of the trials."""
        ...


class RowBatch:
    """Rows; of several with one id, the last one."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = list({row.id: row for row in rows}.values())
        self.ids = to_numbers(row.id for row in self._rows)
        self.outcomes: Sequence[Outcome] = [row.outcome for row in self._rows]

    def number(self, settings: SettingsWriter) -> Numbers:
        return _columns(settings.number(row.trainer, row.version, row.params) for row in self._rows)


class GridBatch:
    """A part of a grid. Trials that differ in their seed alone have the same settings, which are written once."""

    def __init__(self, trials: Grid, outcomes: Sequence[Outcome], trainer: Trainer) -> None:
        self.ids, self.outcomes, self._trials, self._trainer = trials.ids, outcomes, trials, trainer

    def number(self, settings: SettingsWriter) -> Numbers:
        others, seeds = self._trials.columns_without(SEED), self._trials.seeds
        if others is not None and seeds is not None:
            first, cell = number_rows(others, len(seeds))
            last = first.copy()
            last[cell] = np.arange(len(seeds))  # of several rows of a cell, the last one is written last
            (numbers, found), (same, ends) = self._ask(settings, first), self._ask(settings, last)
            if (numbers == same).all() and (found == seeds[first]).all() and (ends == seeds[last]).all():
                return numbers[cell], seeds
        return self._ask(settings, np.arange(len(self.ids)))

    def _ask(self, settings: SettingsWriter, rows: NDArray[np.intp]) -> Numbers:
        name, version = self._trainer.name, self._trainer.version
        return _columns(settings.number(name, version, text) for text in self._trials.take(rows).params_texts())


def batches_of(trials: Grid, outcomes: Sequence[Outcome], trainer: Trainer) -> list[Batch]:
    """Make a batch of trials; of outcomes in columns, one of those that the columns tell, and one of the others."""
    if not isinstance(outcomes, OutcomeColumns) or (plain := outcomes.plain).all():
        return [GridBatch(trials, outcomes, trainer)]
    rest, rows = np.flatnonzero(~plain), np.flatnonzero(plain)
    found: list[Batch] = [GridBatch(trials.take(rest), [outcomes[row] for row in rest.tolist()], trainer)]
    return [*found, GridBatch(trials.take(rows), outcomes.take(rows), trainer)] if len(rows) else found


def _columns(pairs: Iterable[tuple[int, int]]) -> Numbers:
    found = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
