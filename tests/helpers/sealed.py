"""Stores that were changed by other programs than nnsweep, under digests that are right."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.store.checksum import checksums
from nnsweep.store.grid import digest_grid
from nnsweep.store.rows import digest
from nnsweep.store.trial_writer import COLUMNS, digest_history

TABLES = ("settings", "shape", "measure", "other", "failure", "run", "history", "trial")
"""Tables whose rows have digests."""
UNFIT = (TypeError, ValueError, OverflowError)
"""What NumPy raises where there is something else than a number."""


def loosen(path: Path, table: str) -> None:
    """Have a table take values of any type."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma writable_schema = on")
        connection.execute("update sqlite_master set sql = replace(sql, 'strict', '') where name = ?", (table,))
        connection.commit()


def change(path: Path, statement: str, values: Any = ()) -> None:
    """Change a store by one statement, and have all digests be right."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)
        seal(connection)


def seal(connection: sqlite3.Connection, *, tally: bool = True) -> None:
    """Have the digests of all rows be right, and those of the grid, and the tally."""
    for table in TABLES:
        with suppress(*UNFIT, sqlite3.Error):
            _seal_rows(connection, table)
    with suppress(*UNFIT, sqlite3.Error):
        _seal_grid(connection)
    if tally:
        with suppress(*UNFIT, sqlite3.Error):
            ids = np.array([id for (id,) in connection.execute("select id from trial")], np.int64)
            row = (len(ids), f"{int(np.bitwise_xor.reduce(ids.view(np.uint64))):x}")
            connection.execute("update tally set trials = ?, ids = ?", row)


def _seal_rows(connection: sqlite3.Connection, table: str) -> None:
    cursor = connection.execute(f"select rowid as row, * from {table}")
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        found = dict(zip(names, row, strict=True))
        number = found.pop("row")
        with suppress(*UNFIT):
            right = _digest(table, found)
            connection.execute(f"update {table} set digest = ? where rowid = ?", (right, number))


def _digest(table: str, row: dict[str, Any]) -> Any:
    if table == "history":
        return digest_history(row["number"], row["base"], row["head"], row["data"])
    if table != "trial":
        return digest([value for name, value in row.items() if name != "digest"])
    columns = [np.array([row[name]], float if name == "seconds" else np.int64) for name in COLUMNS]
    measures = [(int(name[1:]), np.array([row[name]], float)) for name in row if name[1:].isdigit()]
    return int(checksums(columns, measures)[0])


def _seal_grid(connection: sqlite3.Connection) -> None:
    rows = np.array(connection.execute("select * from grid order by position").fetchall(), np.int64)
    for (sweep,) in connection.execute("select sweep from shown").fetchall():
        row = (sweep, digest_grid([rows[:, 1:]]))
        connection.execute("update shown set sweep = ?, grid = ?, digest = ?", (*row, digest(row)))
