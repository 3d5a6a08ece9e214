"""Outcomes of a stack as columns: an `Outcome` is made only for the trial that somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
from numpy.typing import NDArray

from nnsweep.trainers.protocol import Outcome, compact

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class OutcomeColumns(Sequence[Outcome]):
    """The outcomes of T trials, which are checkpoints of trainings.

    `metrics` and `diagnosis` are columns (T,). `records`, (records, metrics), are the histories of the trainings, one
    after the other: a record of all metrics for each epoch. `starts`, (trainings,), tells where each training begins.
    `training`, (T,), is the place of each trial's, and `epochs`, (T,), how many of its epochs the trial has. `seconds`
    is the share of one trial. `others` are outcomes that are not as the columns say, by place.
    """

    metrics: Mapping[str, Array]
    diagnosis: Mapping[str, Array]
    records: Array
    starts: Ints
    training: Ints
    epochs: Ints
    seconds: float
    others: Mapping[int, Outcome]

    def __len__(self) -> int:
        """Count the trials."""
        return len(self.epochs)

    @overload
    def __getitem__(self, place: int) -> Outcome: ...

    @overload
    def __getitem__(self, place: slice) -> list[Outcome]: ...

    def __getitem__(self, place: int | slice) -> Outcome | list[Outcome]:
        """Make an outcome, or several."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(f"trial {place} of {len(self)}")
        place %= len(self)
        return self.others[place] if place in self.others else self._make(place)

    def _make(self, place: int) -> Outcome:
        start, epochs = self.starts[self.training[place]], self.epochs[place]
        metrics, diagnosis = (
            {name: values[place].item() for name, values in table.items()} for table in (self.metrics, self.diagnosis)
        )
        columns = zip(self.metrics, self.records[start : start + epochs].T, strict=True)
        lists = compact({name: values.tolist() for name, values in columns})
        return Outcome("ok", metrics, lists, self.seconds, diagnosis=diagnosis)

    @property
    def plain(self) -> NDArray[np.bool_]:
        """Which trials are as the columns say, and have only numbers that a store keeps as they are, (T,)."""
        found = np.ones(len(self), dtype=bool)
        found[list(self.others)] = False
        for values in (*self.metrics.values(), *self.diagnosis.values()):
            found &= np.isfinite(values) & ((values != 0) | ~np.signbit(values))
        return found

    def take(self, rows: NDArray[np.intp]) -> OutcomeColumns:
        """Give some of the trials, none of which is among the others."""
        metrics, diagnosis = (
            {name: values[rows] for name, values in table.items()} for table in (self.metrics, self.diagnosis)
        )
        return replace(
            self,
            metrics=metrics,
            diagnosis=diagnosis,
            training=self.training[rows],
            epochs=self.epochs[rows],
            others={},
        )
