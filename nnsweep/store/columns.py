"""Outcomes of blocks of trials as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from nnsweep.store import contents
from nnsweep.store.measured import KINDS
from nnsweep.store.shapes import INTEGER, REAL, Shape
from nnsweep.store.trial_reader import Block
from nnsweep.trials.ids import Ids
from nnsweep.trials.outcomes import STATUSES, FetchHistories, Numbers, Outcomes

Rows = NDArray[np.intp]


class Columns:
    """Columns with a row for each of some ids, which blocks of trials fill."""

    def __init__(self, ids: Ids) -> None:
        """Make them; all ids are distinct."""
        self.ids = ids
        self._status, self._seconds = np.zeros(len(ids), np.uint8), np.zeros(len(ids))
        self._tables: tuple[dict[str, Numbers], dict[str, Numbers]] = {}, {}
        self._failures: dict[int, str] = {}
        self._first: dict[Shape, int] = {}

    def add(self, block: Block, rows: Rows) -> None:
        """Fill in the rows of a block's trials.

        Raises:
            ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError: nnsweep did not write it.
        """
        self._seconds[rows] = block.columns["seconds"]
        failures = block.columns["failure"]
        for place in failures.nonzero()[0].tolist():
            self._failures[int(rows[place])] = block.failures[int(failures[place])]
        for shape, places in block.by_shape():
            self._status[rows[places]] = STATUSES.index(shape.status)
            self._first[shape] = min(int(rows[places].min()), self._first.get(shape, len(self.ids)))
            for kind, names, table in zip(KINDS, (shape.metrics, shape.diagnosis), self._tables, strict=True):
                self._fill(table, kind, names, block, places, rows[places])

    def _fill(
        self, table: dict[str, Numbers], kind: str, names: Iterable[str], block: Block, places: Rows, rows: Rows
    ) -> None:
        for name in names:
            found = np.full(len(places), np.nan)
            for number in (block.names.find(kind, name, of) for of in (REAL, INTEGER)):
                if number:
                    column = block.measures[number][places]
                    found = np.where(np.isnan(column), found, column)
            for place in np.isnan(found).nonzero()[0].tolist():
                found[place] = _other(block, int(places[place]), kind, name)
            if name not in table:
                table[name] = np.full(len(self.ids), np.nan)
            table[name][rows] = found

    def outcomes(self, fetch_histories: FetchHistories) -> Outcomes:
        """Give the outcomes, with names in the order in which the rows have them."""
        shapes = sorted(self._first, key=lambda shape: self._first[shape])
        metrics, diagnosis = self._tables
        return Outcomes(
            self.ids,
            self._status,
            _ordered(metrics, [shape.metrics for shape in shapes]),
            _ordered(diagnosis, [shape.diagnosis for shape in shapes]),
            self._seconds,
            dict(sorted(self._failures.items())),
            fetch_histories,
        )


def _ordered(table: dict[str, Numbers], names: Sequence[Iterable[str]]) -> dict[str, Numbers]:
    return {name: table[name] for name in dict.fromkeys(chain.from_iterable(names))}


def _other(block: Block, place: int, kind: str, name: str) -> float:
    """Give a number that has no column.

    Raises:
        ValueError, TypeError, KeyError, OverflowError, RecursionError: nnsweep did not write it.
    """
    numbers = contents.parse(block.others[int(block.columns["id"][place])])
    value = numbers["metrics" if kind == KINDS[0] else kind][name]
    contents.check_numbers([value])
    return float(value)
