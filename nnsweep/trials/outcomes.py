"""What became of trials, as columns: an `Outcome` is made only for the one that somebody asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from nnsweep.status import FAILURES, Status
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import Ids, to_numbers, to_texts

if TYPE_CHECKING:
    from nnsweep.trials.trial import Trial

STATUSES: tuple[Status, ...] = get_args(Status)
"""A status is kept as its place in this list."""
MISSING = len(STATUSES)
"""The place of trials that have no outcome; they are called `missing`."""
NAMES = np.array([*STATUSES, "missing"], dtype=object)
"""The name of each place."""
WHOLE = frozenset({"nonfinite_epoch"})
"""Numbers of a diagnosis that are whole."""

Numbers = NDArray[np.float64]
History = Mapping[str, Sequence[float]]
FetchHistories = Callable[[Ids], Iterable[History]]
"""Gives the histories of some ids, in their order."""


def no_histories(ids: Ids) -> Iterator[History]:
    """Fetch nothing."""
    return ({} for _ in ids)


@dataclass(frozen=True, eq=False, repr=False)
class Outcomes(Mapping[str, Outcome]):
    """The outcomes of trials, by id. Columns have a row for each trial, (T,).

    `status` are places in STATUSES. A number that a trial does not have is NaN in `metrics` and `diagnosis`. `seconds`
    are shares of the time of training. `failures` are texts by row. Histories are not kept: they are fetched.
    """

    ids: Ids
    status: NDArray[np.uint8]
    metrics: Mapping[str, Numbers]
    diagnosis: Mapping[str, Numbers]
    seconds: Numbers
    failures: Mapping[int, str]
    fetch_histories: FetchHistories = no_histories

    @classmethod
    def of(cls, outcomes: Mapping[str, Outcome]) -> Outcomes:
        """Make columns of outcomes by id."""
        ids, found = to_numbers(outcomes), list(outcomes.values())
        histories = dict(zip(ids.tolist(), (each.history for each in found), strict=True))
        return cls(
            ids,
            np.array([STATUSES.index(each.status) for each in found], dtype=np.uint8),
            _columns([each.metrics for each in found]),
            _columns([each.diagnosis for each in found]),
            np.array([each.seconds for each in found], dtype=np.float64),
            {row: each.failure for row, each in enumerate(found) if each.failure is not None},
            lambda asked: (histories[id] for id in asked.tolist()),
        )

    def __len__(self) -> int:
        """Count the trials."""
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        """Go through the ids as texts, in the order of the rows."""
        return iter(to_texts(self.ids))

    def __getitem__(self, id: str) -> Outcome:
        """Make the outcome of one trial.

        Raises:
            KeyError: it has none.
        """
        row = self._row(id)
        if row < 0:
            raise KeyError(id)
        return self._outcome(row, next(iter(self.histories(np.array([row])))))

    def chosen(self, ids: Sequence[str]) -> dict[str, Outcome]:
        """Make the outcomes of those of some trials that have one; their histories are fetched together."""
        rows = self.rows(to_numbers(ids))
        there = rows[rows >= 0]
        pairs = zip(there.tolist(), self.histories(there), strict=True)
        known = (id for id, row in zip(ids, rows.tolist(), strict=True) if row >= 0)
        return {id: self._outcome(row, history) for id, (row, history) in zip(known, pairs, strict=True)}

    def __contains__(self, id: object) -> bool:
        """Return whether a trial has an outcome."""
        return self._row(id) >= 0

    def rows(self, ids: Ids) -> NDArray[np.intp]:
        """Find the row of each of some ids; −1 of one that has no outcome."""
        if not (len(self.ids) and len(ids)):
            return np.full(len(ids), -1)
        start = int(np.argmax(self.ids == ids[0]))
        if np.array_equal(ids, self.ids[start : start + len(ids)]):  # all of them, or a part
            return np.arange(start, start + len(ids))
        place = np.searchsorted(self.ids, ids, sorter=self._order)
        rows = self._order[np.minimum(place, len(self.ids) - 1)]
        return np.where(self.ids[rows] == ids, rows, -1)

    def histories(self, rows: NDArray[np.intp]) -> Iterator[History]:
        """Fetch the histories of some rows, one after another."""
        return iter(self.fetch_histories(self.ids[rows]))

    @property
    def failed(self) -> NDArray[np.intp]:
        """The rows of the trials that came to no end."""
        return np.flatnonzero(np.isin(self.status, [STATUSES.index(each) for each in FAILURES]))

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        return np.argsort(self.ids)

    def _row(self, id: Any) -> int:
        try:
            return int(self.rows(to_numbers([id]))[0])
        except (TypeError, ValueError, OverflowError):  # no 64 bits in hex digits
            return -1

    def _outcome(self, row: int, history: History) -> Outcome:
        metrics, diagnosis = ({name: values[row].item() for name, values in table.items()} for table in self._tables)
        present = {name: value for name, value in metrics.items() if value == value}
        told = {name: int(value) if name in WHOLE else value for name, value in diagnosis.items() if value == value}
        failure = self.failures.get(row)
        return Outcome(STATUSES[self.status[row]], present, history, self.seconds[row].item(), failure, told)

    @property
    def _tables(self) -> tuple[Mapping[str, Numbers], Mapping[str, Numbers]]:
        return self.metrics, self.diagnosis


def as_columns(outcomes: Mapping[str, Outcome]) -> Outcomes:
    """Give outcomes as columns, whatever they are."""
    return outcomes if isinstance(outcomes, Outcomes) else Outcomes.of(outcomes)


@dataclass(frozen=True, eq=False)
class Ends:
    """What became of each of some trials, in their order: columns (T,), of which several rows may be of one training.

    Columns are those of the outcomes where the rows are: nobody changes them.

    `rows` are those of `outcomes`; −1 of a trial without an outcome.
    """

    outcomes: Outcomes
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, trials: Sequence[Trial], outcomes: Mapping[str, Outcome]) -> Ends:
        """Look up what became of trials."""
        found = as_columns(outcomes)
        return cls(found, found.rows(ids_of(trials)))

    @cached_property
    def status(self) -> NDArray[np.uint8]:
        """Places in NAMES."""
        return self._spread(self.outcomes.status, MISSING)

    @cached_property
    def seconds(self) -> Numbers:
        """Shares of the time of training; NaN of a trial without an outcome."""
        return self._spread(self.outcomes.seconds, np.nan)

    @property
    def failed(self) -> list[tuple[int, Status, str]]:
        """The place of each trial that came to no end, how it ended, and why."""
        places = np.flatnonzero(np.isin(self.rows, self.outcomes.failed))
        ends = ((place, self.rows[place].item(), STATUSES[self.status[place]]) for place in places.tolist())
        return [(place, status, self.outcomes.failures.get(row) or status) for place, row, status in ends]

    def metric(self, name: str) -> Numbers:
        """Give a metric of every trial; NaN where there is none."""
        return self._numbers(self.outcomes.metrics, name)

    def diagnosis(self, name: str) -> Numbers:
        """Give a number of every trial's diagnosis; NaN where there is none."""
        return self._numbers(self.outcomes.diagnosis, name)

    def histories(self, places: NDArray[np.intp]) -> Iterator[History]:
        """Fetch the histories of some of the trials, which have outcomes, one after another."""
        return self.outcomes.histories(self.rows[places])

    def _numbers(self, table: Mapping[str, Numbers], name: str) -> Numbers:
        return self._spread(table[name], np.nan) if name in table else np.full(len(self.rows), np.nan)

    @cached_property
    def _span(self) -> slice | None:
        """The rows, if these follow each other: then a column is no copy."""
        start = int(self.rows[0]) if len(self.rows) else 0
        follow = start >= 0 and np.array_equal(self.rows, np.arange(start, start + len(self.rows)))
        return slice(start, start + len(self.rows)) if follow else None

    def _spread(self, values: NDArray[Any], missing: float) -> NDArray[Any]:
        if self._span is not None:
            return values[self._span]
        found = np.full(len(self.rows), missing, dtype=values.dtype)
        there = self.rows >= 0
        found[there] = values[self.rows[there]]
        return found


def ids_of(trials: Sequence[Trial]) -> Ids:
    """Give the ids of trials as numbers: a grid has them."""
    ids = getattr(trials, "ids", None)
    return to_numbers(trial.id for trial in trials) if ids is None else ids


def _columns(tables: Sequence[Mapping[str, float]]) -> dict[str, Numbers]:
    names = dict.fromkeys(chain.from_iterable(tables))
    return {name: np.array([each.get(name, np.nan) for each in tables], dtype=np.float64) for name in names}
