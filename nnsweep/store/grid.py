"""The tables `grid` and `level`: ids and codes of a sweep's trials, and what the codes stand for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from nnsweep.design.sweep import Axis
from nnsweep.store.access import AT_ONCE, Ints
from nnsweep.store.insert import insert_rows
from nnsweep.store.rows import storable
from nnsweep.store.schema import GRID
from nnsweep.trials.grid import Grid


def to_rows(axes: Sequence[Axis], trials: Grid) -> Iterator[Ints]:
    """Give parts of the rows of a grid: its id, and for each axis the place of its value among all of the axis."""
    columns: list[tuple[int, Ints]] = []
    for axis in axes if len(trials) else ():
        codes, at = {value: code for code, value in enumerate(axis.labels)}, trials.names.index(axis.name)
        columns.append((at, np.array([codes.get(value, -1) for value in trials.values[at]])))
    trials.compute_ids()
    for part in trials.parts(AT_ONCE):
        codes = [places[part.codes[at]] for at, places in columns]
        found = np.stack([part.ids.view(np.int64), *codes], axis=1)
        assert (found[:, 1:] >= 0).all(), "a value that is on no axis"
        yield found


def to_levels(values: Sequence[Sequence[Any]]) -> list[tuple[int, int, Any]]:
    """Give the rows of `level`: the values of each axis, as SQLite can hold them."""
    return [(axis, code, _held(value)) for axis, each in enumerate(values) for code, value in enumerate(each)]


def _held(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    return float(value) if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def digest_grid(parts: Iterable[Ints]) -> str:
    """Digest the rows of a grid in 32 hex digits."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(np.ascontiguousarray(part, "<i8").data)
    return digest.hexdigest()


def write_grid(connection: sqlite3.Connection, parts: Iterable[Ints], values: Sequence[Sequence[Any]]) -> None:
    """Replace the grid inside a transaction; `values` are those of each axis, as tables show them."""
    connection.execute("drop table grid")
    connection.execute(GRID)
    for axis in range(len(values)):
        connection.execute(f"alter table grid add column a{axis} integer")
    connection.execute("delete from level")
    connection.executemany("insert into level values (?, ?, ?)", to_levels(values))
    names, start = ["position", "trial", *(f"a{axis}" for axis in range(len(values)))], 0
    for part in parts:
        positions = np.arange(start, start + len(part))
        insert_rows(connection, "grid", dict(zip(names, [positions, *part.T], strict=True)))
        start += len(part)
