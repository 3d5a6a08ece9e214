"""Queries and transactions, with SQLite's errors said as ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nnsweep.errors import StoreError
from nnsweep.store.reasons import damage, reason
from nnsweep.store.rows import Row

AT_ONCE = 10_000
"""Rows read by one query, so that a million trials take the memory of what is kept of them."""


class Access:
    """A connection to the store at `path`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.connection = path, connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Read all rows of a query.

        Raises:
            StoreError: the file cannot be read.
        """
        with self.said():
            return self.connection.execute(sql, values).fetchall()

    def parts(self, sql: str) -> Iterator[list[Row]]:
        """Read the rows of a query part by part, by the first column, of which the query takes what is above `?`.

        Raises:
            StoreError: the file cannot be read, or the column does not ascend, as it always does in a sound file.
        """
        last = -1
        while rows := self.rows(f"{sql} limit {AT_ONCE}", (last,)):
            with self.said():
                if rows[-1][0] <= last:
                    raise damage("rows out of order")
            yield rows
            last = rows[-1][0]

    def rows_as_they_are(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Read all rows of a query; what is no UTF-8 comes as surrogates, for a digest to find and name it."""
        with self.said():
            try:
                return self.connection.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if "UTF-8" not in str(error):
                    raise
            self.connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
            try:
                return self.connection.execute(sql, values).fetchall()
            finally:
                self.connection.text_factory = str

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all that is done inside, or nothing.

        Raises:
            StoreError: it cannot be written.
        """
        with self.said():
            self.connection.execute("begin immediate")
            try:
                yield self.connection
                self.connection.execute("commit")
            except BaseException:
                if self.connection.in_transaction:  # On a full disk SQLite may have rolled back by itself.
                    self.connection.execute("rollback")
                raise

    @contextmanager
    def said(self) -> Iterator[None]:
        """Turn SQLite's errors into a line that names the file.

        Raises:
            StoreError: what SQLite raised.
        """
        try:
            yield
        except (sqlite3.Error, UnicodeError) as error:
            raise StoreError(f"{self.path}: {reason(error, self.path)}") from error

    def close(self) -> None:
        """Fold the write-ahead log into the one file, unless another reader still has it open."""
        with suppress(
            sqlite3.Error
        ):  # A reader is there, or the disk is full: the last, or the next, folds the log in.
            self.connection.execute("pragma journal_mode = delete")
        with suppress(sqlite3.Error):
            self.connection.close()
