"""From version 3 to 4: the settings of the grid, JSON in each row, become codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from nnsweep.design.spelling import to_json
from nnsweep.store import contents, ids
from nnsweep.store.access import Access, Values
from nnsweep.store.grid import digest_grid, write_grid
from nnsweep.store.rows import digest
from nnsweep.store.schema import GRID, LEVELS, results_view
from nnsweep.store.shapes import Measures
from nnsweep.store.stored_sweep import parse_sweep

AT_ONCE = 1000
"""Rows that are kept in memory."""
UNSOUND = ""
"""A digest that nothing has."""


def migrate_grid(access: Access) -> None:
    """Write the grid as codes, and the sweep with all the values on its axes, inside a transaction.

    What was damaged before gets digests that tell so.
    """
    connection = access.connection
    shown = access.rows_as_they_are("select sweep, grid, digest from shown")
    connection.execute("alter table grid rename to grid_3")
    connection.execute("drop view if exists results")
    connection.execute(GRID)
    connection.execute(LEVELS)
    try:
        _migrate(access, shown)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):  # as nnsweep never wrote it
        connection.execute("update shown set digest = ?", (UNSOUND,))
    connection.execute("drop table grid_3")


def _migrate(access: Access, shown: Sequence[Values]) -> None:
    sweep = contents.parse(shown[0][0]) if shown else None
    levels, codes, written = _read(access, sweep)
    metrics = list(Measures(access).of_metrics())
    if sweep is not None:
        for axis in sweep["axes"]:
            values = list(levels[axis[0]])[len(axis[2]) :]
            axis[3:] = [values] if values else []
        metrics = parse_sweep(encoded := to_json(sweep, separators=(",", ":"), ensure_ascii=False)).metrics
        text, grid, old = shown[0]
        row = (encoded, digest_grid([codes]) if grid == written else UNSOUND)
        sound = digest((text, grid)) == old
        access.connection.execute(
            "update shown set sweep = ?, grid = ?, digest = ?", (*row, digest(row) if sound else UNSOUND)
        )
    if len(codes) or sweep is not None:
        write_grid(access.connection, [codes], [list(each) for each in levels.values()])
        access.connection.execute(results_view(list(levels), metrics, Measures(access).of_metrics()))


def _read(access: Access, sweep: Any) -> tuple[dict[str, dict[Any, int]], np.ndarray, str]:
    """Read the grid: the values of each axis, a row of codes for each trial, and the digest of version 3."""
    known = {} if sweep is None else {axis[0]: axis[2] for axis in sweep["axes"]}
    levels: dict[str, dict[Any, int]] = {name: {} for name in known}
    for name, values in known.items():
        for value in values:
            _code(levels[name], value)
    found, parts = blake2b(digest_size=16), []
    for rows in _rows(access):
        for _, id, settings in rows:
            found.update(f"{id}{settings}\n".encode("utf-8", "surrogatepass"))
        parts.append(_codes(rows, levels, fixed=sweep is not None))
    width = 1 + len(levels)
    return levels, np.concatenate(parts) if parts else np.empty((0, width), np.int64), found.hexdigest()


def _codes(rows: Sequence[Values], levels: dict[str, dict[Any, int]], *, fixed: bool) -> np.ndarray:
    settings: list[Mapping[str, Any]] = contents.parse(f"[{','.join(row[2] for row in rows)}]")
    if not levels and not fixed:
        levels |= {name: {} for name in settings[0]}
    if len(settings) != len(rows) or any(each.keys() != levels.keys() for each in settings):
        raise contents.Foreign("a grid")
    columns = [[_code(codes, each[name]) for each in settings] for name, codes in levels.items()]
    return np.stack([ids.from_texts(row[1] for row in rows), *(np.array(codes, np.int64) for codes in columns)], axis=1)


def _code(codes: dict[Any, int], value: Any) -> int:
    return codes.setdefault(value, len(codes))


def _rows(access: Access) -> Iterator[list[Values]]:
    last = -1
    query = f"select position, trial, settings from grid_3 where position > ? order by position limit {AT_ONCE}"
    while rows := access.rows_as_they_are(query, (last,)):
        last = rows[-1][0]
        yield rows
