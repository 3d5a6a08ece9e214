"""The outcomes of a run as columns, kept while trials are trained: so many are not read again to make the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.execution.events import Event, Listener, Progressed
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trials.ids import Ids
from nnsweep.trials.outcomes import STATUSES, FetchHistories, Numbers, Outcomes, ids_of


class _Part(NamedTuple):
    ids: Ids
    metrics: Mapping[str, Numbers]
    diagnosis: Mapping[str, Numbers]
    seconds: float


class Gathered(Listener):
    """Keeps outcomes as long as all are plain columns of the same names; of others it keeps none."""

    def __init__(self) -> None:
        self._parts: list[_Part] | None = []

    def hear(self, event: Event) -> None:
        """Keep what has ended."""
        if not isinstance(event, Progressed) or self._parts is None:
            return
        part = _part(event)
        if part is None or (self._parts and _names(part) != _names(self._parts[0])):
            self._parts = None
        else:
            self._parts.append(part)

    def outcomes(self, ids: Ids, fetch_histories: FetchHistories) -> Outcomes | None:
        """Give the outcomes of trials, whose ids all differ, as a store does; None if they are not exactly those here.

        What is here is given away, so that it takes no memory twice.
        """
        parts, self._parts = self._parts or [], None
        found = np.concatenate([np.zeros(0, np.uint64), *(part.ids for part in parts)])
        order, wanted = np.argsort(found), np.argsort(ids)
        if not len(ids) or not np.array_equal(found[order], ids[wanted]):
            return None
        rows = np.empty_like(order)
        rows[wanted] = order
        metrics = _join([part.metrics for part in parts], rows)
        diagnosis = _join([part.diagnosis for part in parts], rows)
        seconds = np.repeat([part.seconds for part in parts], [len(part.ids) for part in parts])[rows]
        status = np.full(len(ids), STATUSES.index("ok"), np.uint8)
        return Outcomes(ids, status, metrics, diagnosis, seconds, {}, fetch_histories)


def _part(event: Progressed) -> _Part | None:
    """Give what ended as columns; None where something is not as the columns say."""
    found = event.outcomes
    if not isinstance(found, OutcomeColumns) or not found.plain.all():
        return None
    return _Part(ids_of(event.trials), found.metrics, found.diagnosis, found.seconds)


def _names(part: _Part) -> tuple[list[str], list[str]]:
    return [*part.metrics], [*part.diagnosis]


def _join(tables: Sequence[Mapping[str, Numbers]], rows: NDArray[np.intp]) -> dict[str, Numbers]:
    return {name: np.concatenate([table[name] for table in tables])[rows] for name in tables[0]}
