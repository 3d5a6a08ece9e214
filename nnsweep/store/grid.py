"""The tables `grid` and `level`: ids and codes of a sweep's trials, and what the codes stand for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from nnsweep.design.sweep import Axis
from nnsweep.store.access import AT_ONCE, Ints
from nnsweep.store.rows import storable
from nnsweep.store.schema import GRID
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import Trial


def to_grid(axes: Sequence[Axis], trials: Sequence[Trial]) -> Ints:
    """Give a row for each trial: its id, and for each axis the place of its value among all values of the axis."""
    grid = Grid.of(trials)
    found = np.empty((len(trials), 1 + len(axes)), np.int64)
    found[:, 0] = grid.ids.view(np.int64)
    for number, axis in enumerate(axes if len(grid) else (), 1):
        codes, at = {value: code for code, value in enumerate(axis.labels)}, grid.names.index(axis.name)
        found[:, number] = np.array([codes.get(value, -1) for value in grid.values[at]])[grid.codes[at]]
    assert (found[:, 1:] >= 0).all(), "a value that is on no axis"
    return found


def to_levels(values: Sequence[Sequence[Any]]) -> list[tuple[int, int, Any]]:
    """Give the rows of `level`: the values of each axis, as SQLite can hold them."""
    return [(axis, code, _held(value)) for axis, each in enumerate(values) for code, value in enumerate(each)]


def _held(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    return float(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def digest_grid(grid: Ints) -> str:
    """Digest the rows of a grid in 32 hex digits."""
    return blake2b(np.ascontiguousarray(grid, "<i8").data, digest_size=16).hexdigest()


def write_grid(connection: sqlite3.Connection, grid: Ints, values: Sequence[Iterable[Any]]) -> None:
    """Replace the grid inside a transaction; `values` are those of each axis, as tables show them."""
    connection.execute("drop table grid")
    connection.execute(GRID)
    for axis in range(grid.shape[1] - 1):
        connection.execute(f"alter table grid add column a{axis} integer")
    connection.execute("delete from level")
    connection.executemany("insert into level values (?, ?, ?)", to_levels([list(each) for each in values]))
    insert = f"insert into grid values ({', '.join('?' * (1 + grid.shape[1]))})"
    for start in range(0, len(grid), AT_ONCE):
        part = grid[start : start + AT_ONCE]
        positions = range(start, start + len(part))
        connection.executemany(insert, zip(positions, *(column.tolist() for column in part.T), strict=True))
