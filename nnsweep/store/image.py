"""A copy of a store in memory, from which tables of numbers are read: many rows at once, see `pages`."""

from __future__ import annotations

import sqlite3
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nnsweep.store.pages import Pages, Unknown

LEAST = 10_000
"""Rows for which a copy is made, at least."""
PER_ROW = 300
"""Bytes of the file for each row, at most: to copy more takes longer than SQLite needs to give a row."""
LARGEST = 2**28
"""Bytes of a file that is copied, at most: for a moment it is in memory twice."""


class Image:
    """The pages of a store as they are now, and where its tables are."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Copy them.

        Raises:
            Unknown: pages of another layout.
        """
        self._connection, self._pages = connection, Pages(connection.serialize())
        self._tables: dict[str, tuple[int, dict[str, int], str]] = {}

    @classmethod
    def of(cls, connection: sqlite3.Connection, rows: int) -> Self | None:
        """Copy a store from which so many rows are read; None if it is not worth it, or this SQLite does not do it."""
        ((size,),) = connection.execute("select page_size * page_count from pragma_page_size, pragma_page_count")
        if rows < LEAST or size > min(LARGEST, PER_ROW * rows) or not hasattr(connection, "serialize"):
            return None
        try:
            return cls(connection)
        except (Unknown, MemoryError, sqlite3.Error):  # SQLite reads it, or says what is wrong
            return None

    def table(self, name: str, kinds: np.dtype[Any], first: int, last: int) -> dict[str, NDArray[Any]] | None:
        """Read columns, the fields of `kinds`, of the rows with keys from `first` to `last`; None for SQLite to read.

        Each column has the shape (rows,). Where a float is missing, it is NaN.
        """
        try:
            root, places, key = self._find(name)
            wanted = {places[each]: kinds[each].type for each in kinds.fields or () if each != key}
            parts = list(self._pages.rows(root, wanted, first, last))
        except (Unknown, KeyError):
            return None
        if not parts:
            return None
        found = {
            each: [part.keys if each == key else part.columns[places[each]] for part in parts]
            for each in kinds.fields or ()
        }
        return {each: columns[0] if len(columns) == 1 else np.concatenate(columns) for each, columns in found.items()}

    def _find(self, name: str) -> tuple[int, dict[str, int], str]:
        """Find the first page of a table, the places of its columns, and the column that is the key."""
        if name not in self._tables:
            query = "select rootpage from sqlite_master where type = 'table' and name = ?"
            ((root,),) = self._connection.execute(query, (name,))
            columns = self._connection.execute(f"pragma table_info({name})").fetchall()
            places = {column: at for at, column, *_ in columns}
            self._tables[name] = root, places, next(column for _, column, *_, key in columns if key)
        return self._tables[name]
