"""The tables `shape` and `measure`: which numbers trials have, and in which columns these stand."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from nnsweep.errors import StoreError
from nnsweep.status import Status
from nnsweep.store import contents
from nnsweep.store.access import Access
from nnsweep.store.rows import digest, encode
from nnsweep.store.sqlite_errors import AGAIN

METRIC, DIAGNOSIS = "metric", "diagnosis"
REAL, INTEGER = "real", "integer"
MOST = 200
"""Columns that the table `trial` gets for numbers."""

Lists = tuple[tuple[str, str], ...]
"""The lists of a history and their types."""


class Shape(NamedTuple):
    """What trials have: their status, and names in their order. `history` is None where it is stored as JSON."""

    status: Status
    metrics: tuple[str, ...]
    diagnosis: tuple[str, ...]
    history: Lists | None
    others: bool


class Measures:
    """The columns of the table `trial` that hold numbers: by kind, name and type."""

    def __init__(self, access: Access) -> None:
        """Read them.

        Raises:
            StoreError: one is not as it was written.
        """
        rows = access.rows_as_they_are("select number, kind, name, type, digest from measure order by number")
        if any(digest(row[:-1]) != row[-1] for row in rows) or [row[0] for row in rows] != [*range(1, len(rows) + 1)]:
            raise StoreError(f"{access.path}: the names of its numbers are not as they were written; {AGAIN}")
        self._numbers: dict[tuple[str, str, str], int] = {(kind, name, of): row for row, kind, name, of, _ in rows}

    def __len__(self) -> int:
        """Count the columns."""
        return len(self._numbers)

    def find(self, kind: str, name: str, of: str) -> int:
        """Give the number of a column; 0 where there is none."""
        return self._numbers.get((kind, name, of), 0)

    def make(self, connection: sqlite3.Connection, kind: str, name: str, of: str) -> int:
        """Give the number of a column, which is made if it is missing, inside a transaction; 0 where they are many."""
        number = self.find(kind, name, of)
        if not number and len(self) < MOST:
            number = len(self) + 1
            row = (number, kind, name, of)
            connection.execute("insert into measure values (?, ?, ?, ?, ?)", (*row, digest(row)))
            connection.execute(f"alter table trial add column m{number} {of}")
            self._numbers[kind, name, of] = number
        return number

    def columns(self) -> str:
        """Give the columns as a part of a query, each after a comma."""
        return "".join(f", m{number}" for number in range(1, len(self) + 1))

    def of_metrics(self) -> dict[str, list[str]]:
        """Give the columns of metrics by their names."""
        found: dict[str, list[str]] = {}
        for (kind, name, _), number in self._numbers.items():
            if kind == METRIC:
                found.setdefault(name, []).append(f"m{number}")
        return found


class ShapeWriter:
    """Numbers shapes, and collects the `new` ones for the next transaction."""

    def __init__(self, shapes: dict[int, Shape], last: int) -> None:
        """Begin with those that are stored."""
        self._numbers: dict[tuple[Any, ...], int] = {tuple(shape): number for number, shape in shapes.items()}
        self._last = last
        self.new: list[tuple[Any, ...]] = []

    def number(self, *shape: Any) -> int:
        """Give the number of the shape that is made of these."""
        return self._numbers.get(shape) or self._add(Shape(*shape))

    def _add(self, shape: Shape) -> int:
        self._last += 1
        self._numbers[tuple(shape)] = self._last
        names = (encode(each) for each in (shape.metrics, shape.diagnosis, shape.history))
        row = (self._last, shape.status, *names, int(shape.others))
        self.new.append((*row, digest(row)))
        return self._last


def read_shapes(access: Access) -> dict[int, Shape]:
    """Read all shapes. Those that are not as they were written are left out.

    Raises:
        Foreign: nnsweep did not write one.
    """
    query = "select number, status, metrics, diagnosis, history, others, digest from shape order by number"
    found = {}
    for *row, written in access.rows_as_they_are(query):
        if digest(row) == written:
            number, status, *names, others = row
            found[number] = Shape(contents.check_status(status), *_parse(names), bool(others))
    return found


def _parse(texts: Sequence[Any]) -> tuple[tuple[str, ...], tuple[str, ...], Lists | None]:
    try:
        metrics, diagnosis, history = (contents.parse(text) for text in texts)
        for names in (metrics, diagnosis, [] if history is None else [name for name, _ in history]):
            contents.check_names(names)
        lists = None if history is None else tuple((name, kind) for name, kind in history)
        if not {kind for _, kind in lists or ()} <= {"d", "q"}:
            raise contents.Foreign("a type")
        return tuple(metrics), tuple(diagnosis), lists
    except (ValueError, TypeError, RecursionError):
        raise contents.Foreign("a shape") from None
