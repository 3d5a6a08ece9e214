"""The trials of one sweep as columns that fill while a run trains them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnsweep.questions.trial.text import settings
from nnsweep.report.html.context import value_labels
from nnsweep.status import ENDED, FAILURES
from nnsweep.store.sweep_record import SweepRecord
from nnsweep.tables import Columns, Layout, choose_layout
from nnsweep.tables.layout import is_no_grid
from nnsweep.tables.metrics import seen
from nnsweep.tables.settings import in_order
from nnsweep.tables.trials import shown_values
from nnsweep.trainers.failures import signature
from nnsweep.trials.codes import number_rows
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.outcomes import MISSING, STATUSES, Numbers, Outcomes

METRICS = 12
"""The most metrics that are kept: of more, those that come first."""
LATEST = 48
"""Trials that ended last which are remembered."""

Rows = NDArray[np.intp]
Labels = Mapping[str, Mapping[object, str]]


@dataclass
class Failure:
    """Trials that failed alike, and the last one of them."""

    status: str
    kind: str
    where: str
    count: int = 0
    row: int = -1
    message: str = ""
    turn: int = 0
    """Grows with each failure: the largest is the latest."""


class LiveTrials:
    """One row for each trial of a grid, in its order."""

    def __init__(self, record: SweepRecord) -> None:
        """Make the columns; no trial has ended yet."""
        self.sweep, self.grid, size = record.sweep, record.trials, len(record.trials)
        self.status = np.full(size, MISSING, dtype=np.uint8)
        self.number = np.full(size, -1, dtype=np.int64)
        """The number of each trial in the store; −1 of one that is not stored."""
        self.values: dict[str, Numbers] = {name: np.full(size, np.nan) for name in self._kept(record)}
        self.latest: deque[int] = deque(maxlen=LATEST)
        self.failures: dict[tuple[str, str, str], Failure] = {}
        self._failure_of: dict[int, Failure] = {}
        self._order = np.argsort(self.grid.ids, kind="stable")
        self._sorted = self.grid.ids[self._order]
        codes = dict(zip(self.grid.names, self.grid.codes, strict=False))
        self.first, self.cell = number_rows([codes[axis.name] for axis in self.sweep.cell_axes], size)
        self.searched: tuple[object, object] | None = None
        """What was last shown of a search, after what it was computed from."""
        self._turn = 0

    def is_like(self, other: LiveTrials) -> bool:
        """Whether both have the same trials of the same sweep, whatever became of them."""
        return self.sweep == other.sweep and np.array_equal(self.grid.ids, other.grid.ids)

    @staticmethod
    def _kept(record: SweepRecord) -> list[str]:
        judged = record.sweep.judged_by
        return sorted(record.metrics, key=lambda name: name != judged)[:METRICS]

    def add(self, outcomes: Outcomes, numbers: NDArray[np.int64]) -> None:
        """Fill in what became of trials; of a trial that is stored again, the later outcome counts.

        `numbers` are those of the trials in the store, (T,).
        """
        rows, places = self._places(outcomes)
        self.status[places], self.number[places] = outcomes.status[rows], numbers[rows]
        for name in outcomes.metrics:
            if name not in self.values and len(self.values) < METRICS:
                self.values[name] = np.full(len(self.grid), np.nan)
        for name, column in self.values.items():
            found = outcomes.metrics.get(name)
            column[places] = np.nan if found is None else found[rows]
        self.latest.extend(places[-LATEST:].tolist())
        self._add_failures(outcomes, rows, places)

    def _places(self, outcomes: Outcomes) -> tuple[Rows, Rows]:
        """Find the rows of outcomes that are of this grid, and their places in it: a trial may have several."""
        start = np.searchsorted(self._sorted, outcomes.ids, side="left")
        count = np.searchsorted(self._sorted, outcomes.ids, side="right") - start
        rows = np.repeat(np.arange(len(count)), count)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
        return rows, self._order[start[rows] + within]

    def _add_failures(self, outcomes: Outcomes, rows: Rows, places: Rows) -> None:
        if self._failure_of:  # trials that are stored again
            for place in set(places.tolist()) & self._failure_of.keys():
                self._failure_of.pop(place).count -= 1
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            if STATUSES[outcomes.status[row]] in FAILURES:
                self._add_failure(place, STATUSES[outcomes.status[row]], outcomes.failures.get(row, ""))

    def _add_failure(self, place: int, status: str, text: str) -> None:
        kind, where, message = signature(text)
        failure = self.failures.setdefault((status, kind, where), Failure(status, kind, where))
        self._turn += 1
        failure.count, failure.row, failure.message, failure.turn = failure.count + 1, place, message, self._turn
        self._failure_of[place] = failure

    @property
    def newest_failures(self) -> list[Failure]:
        """Failures that are alike together, the latest first."""
        found = [failure for failure in self.failures.values() if failure.count]
        return sorted(found, key=lambda failure: -failure.turn)

    @cached_property
    def _is_first(self) -> NDArray[np.bool_]:
        """Whether a row is the first one of its id."""
        found = np.ones(len(self.grid), dtype=bool)
        found[self._order[1:][self._sorted[1:] == self._sorted[:-1]]] = False
        return found

    @property
    def total(self) -> int:
        """The number of different trials."""
        return int(self._is_first.sum())

    @property
    def done(self) -> int:
        """The number of different trials that are stored."""
        return int((self._is_first & (self.status != MISSING)).sum())

    @property
    def statuses(self) -> dict[str, int]:
        """The number of different trials of each status."""
        counts = np.bincount(self.status[self._is_first], minlength=MISSING + 1)
        return {name: int(count) for name, count in zip(STATUSES, counts, strict=False) if count}

    def having(self, *statuses: str) -> NDArray[np.bool_]:
        """Tell which rows have one of some statuses."""
        return np.isin(self.status, [STATUSES.index(name) for name in STATUSES if name in statuses])

    def count(self, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Count rows in each cell."""
        return np.bincount(self.cell[rows], minlength=len(self.first))

    @property
    def successes(self) -> NDArray[np.bool_]:
        """Tell which rows are a success; none is, if the sweep does not define it."""
        success = self.sweep.success
        if success is None or success.metric not in self.values:
            return np.zeros(len(self.grid), dtype=bool)
        return success.holds(self.values[success.metric])

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Tell which rows ended, and measure the metric of success: see `tables.summary`."""
        table: Columns = {"": self.cell, **self.values}
        judged_by = self.sweep.judged_by or None
        return self.having(*ENDED) & seen(table, [""], list(self.values), judged_by)

    @cached_property
    def layout(self) -> Layout:
        """Which axis is rows, columns and panels."""
        return choose_layout(self.sweep)

    @cached_property
    def cells(self) -> Columns:
        """The values of each cell on the axes, as in tables."""
        shown, first = shown_values(self.sweep, self.grid), self.grid.take(self.first)
        axes = self.sweep.cell_axes
        return {axis.column: shown[axis.name][first.places(axis.name, list(axis.shown))] for axis in axes}

    @cached_property
    def labels(self) -> dict[str, dict[object, str]]:
        """The label of each value of each axis, in grid order."""
        values = {name: in_order(self.layout.values[name], column) for name, column in self.cells.items()}
        exact = is_no_grid(self.sweep, self.layout, len(self.first))
        return {name: dict(zip(each, value_labels(each, exact), strict=True)) for name, each in values.items()}

    def cell_name(self, cell: int) -> str:
        """Name a cell: `alpha = 0.1, hidden = 4`."""
        values = {name: column[cell : cell + 1].tolist()[0] for name, column in self.cells.items()}
        return ", ".join(f"{name.strip()} = {self.labels[name][value]}" for name, value in values.items())

    def trial_name(self, row: int) -> str:
        """Name a trial by its values on the axes."""
        return settings(self.grid[row])

    def find(self, id: str) -> int | None:
        """Find the first row of a trial; None if the grid does not have it."""
        number = to_numbers([id])
        at = int(np.searchsorted(self._sorted, number)[0])
        return int(self._order[at]) if at < len(self._sorted) and self._sorted[at] == number[0] else None

    def rows_of(self, cell: int) -> list[int]:
        """List the rows of a cell."""
        return np.flatnonzero(self.cell == cell).tolist()
