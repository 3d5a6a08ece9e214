"""A connection that does no more work, and gives no longer values, than a file of its size can ask for.

A store may come from anywhere: pages of a file can be linked so that reading it never ends.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

STEP = 2**18
"""Instructions of SQLite between two looks at how many there were: a few milliseconds."""
LEAST = 10_000_000
"""Instructions that reading may take whatever the file: about half a second."""
PER_BYTE = 10
"""Instructions for each byte of the file: reading a sound one takes less than one."""
ROOM = 2**24
"""Bytes by which the file may grow while it is read."""
LONGEST = 10**9
"""Bytes of the longest value that is written: SQLite's own limit."""


class Bounded(sqlite3.Connection):
    """A connection whose `select` and `pragma` statements are bounded by the size of the file at `path`."""

    path: Path | None = None
    exceeded = False
    """Whether the last statement was stopped because it did too much."""
    _steps = 0
    _most = 0

    def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
        """Execute a statement, as the base class does."""
        self._bound(reading=sql.startswith(("select", "pragma")))
        return super().execute(sql, values)

    def executemany(self, sql: str, rows: Any, /) -> sqlite3.Cursor:
        """Execute a statement for each row, as the base class does."""
        self._bound(reading=False)
        return super().executemany(sql, rows)

    def _bound(self, *, reading: bool) -> None:
        size = self._size() if reading else 0
        self._steps, self._most, self.exceeded = 0, LEAST + PER_BYTE * size, False
        self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(LONGEST, 2 * size + ROOM) if reading else LONGEST)
        # The handler also lets Ctrl-C through in the middle of a long statement.
        self.set_progress_handler(self._look if reading else None, STEP)

    def _look(self) -> bool:
        self._steps += STEP
        self.exceeded = self._steps > self._most
        return self.exceeded

    def _size(self) -> int:
        """Bytes of the file and of its log."""
        size = 0
        for path in (self.path, self.path.with_name(f"{self.path.name}-wal")) if self.path else ():
            with suppress(OSError):
                size += path.stat().st_size
        return size


def connect(where: str, path: Path, **options: Any) -> Bounded:
    """Open an SQLite file, bounded by the size of the one at `path`."""
    connection = sqlite3.connect(where, isolation_level=None, factory=Bounded, **options)
    assert isinstance(connection, Bounded)
    connection.path = path
    return connection
