"""Insert many rows of numbers at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOGETHER = 25
"""Rows of a statement: of so many, one takes two thirds of the time that it takes alone."""


def insert_rows(connection: sqlite3.Connection, table: str, columns: Mapping[str, NDArray[Any]]) -> None:
    """Insert rows that are given as columns (rows,) by name; the values of the first one are not all the same."""
    first, *others = columns.values()
    # A whole number that all rows have is a part of the statement. NaN becomes null: SQLite has none.
    bound = [first, *(column for column in others if not _is_constant(column))]
    values = ["?", *(str(column[0]) if _is_constant(column) else "?" for column in others)]
    row, insert = f"({', '.join(values)})", f"insert into {table} ({', '.join(columns)}) values "
    together = max(1, min(TOGETHER, connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(bound)))
    whole = len(first) // together * together
    numbers = chain.from_iterable(zip(*(column[:whole].tolist() for column in bound), strict=True))
    connection.executemany(insert + ", ".join([row] * together), zip(*[numbers] * (together * len(bound)), strict=True))
    connection.executemany(insert + row, zip(*(column[whole:].tolist() for column in bound), strict=True))


def _is_constant(column: NDArray[Any]) -> bool:
    return column.dtype.kind == "i" and bool(np.all(column == column[:1]))
