"""Queries and transactions that raise StoreError instead of SQLite's errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.errors import StoreError
from nnsweep.store.bounded import Bounded
from nnsweep.store.image import Image
from nnsweep.store.rows import encode
from nnsweep.store.sqlite_errors import AGAIN, damage, reason

Ints = NDArray[np.int64]
Values = tuple[Any, ...]
"""What a query gives for one row."""

AT_ONCE = 10_000
"""Rows that one query reads: only what the caller keeps of a million trials takes memory."""


SHORT = 2**16
"""Bytes of a row of whole numbers, at most: a longer one holds a text, which is refused before it is read."""


class _File(NamedTuple):
    """What tells files apart that have the same name one after the other, and the size."""

    device: int
    number: int
    size: int


def _look_at(path: Path) -> _File | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _File(found.st_dev, found.st_ino, found.st_size)


class Access:
    """A connection to the store at `path`."""

    def __init__(self, path: Path, connection: Bounded) -> None:
        self.path, self.connection = path, connection
        self._file, self._lost = _look_at(path), ""
        self._image: Image | None = None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Values]:
        """Read all rows of a query.

        Raises:
            StoreError: the file cannot be read.
        """
        with self.translate_errors():
            return self.connection.execute(sql, values).fetchall()

    def parts(self, sql: str) -> Iterator[list[Values]]:
        """Read the rows of a query in parts: it selects rows whose first column is above `?`, in ascending order.

        Raises:
            StoreError: the file cannot be read, or the column does not ascend, so that the file is damaged.
        """
        last = -1
        while rows := self.rows_as_they_are(f"{sql} limit {AT_ONCE}", (last,)):
            last = self.check_order(last, rows[-1][0])
            yield rows

    def check_order(self, before: int, last: int) -> int:
        """Make sure that numbers of rows ascend, and return the last one: else, reading them would never end.

        Raises:
            StoreError: they do not.
        """
        with self.translate_errors():
            if last <= before:
                raise damage("rows out of order")
        return last

    def rows_as_they_are(self, sql: str, values: Sequence[Any] = ()) -> list[Values]:
        """Read all rows of a query. Bytes that are no UTF-8 become surrogates, so that the digest reveals the row."""
        with self.translate_errors():
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

    def numbered(self, table: str, columns: str, numbers: Iterable[int], key: str = "number") -> list[Values]:
        """Read those rows of a table that have the numbers, in the order asked for."""
        source = f"from json_each(?) as asked cross join {table} on {table}.{key} = asked.value order by asked.key"
        return self.rows_as_they_are(f"select {columns} {source}", (encode(list(numbers)),))

    def integers(self, sql: str) -> list[Ints]:
        """Read columns of whole numbers, each (rows,).

        Raises:
            StoreError: the file cannot be read, or holds something else, so that it is damaged.
        """
        with self.translate_errors():
            cursor = self.connection.execute(sql)
            self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, SHORT)  # until the next statement
            kinds = np.dtype([(f"{at}", np.int64) for at in range(len(cursor.description))])
            parts: list[list[Ints]] = [[np.empty(0, np.int64)] for _ in cursor.description]
            try:
                while len(found := np.fromiter(islice(cursor, AT_ONCE), kinds)):
                    for at, column in enumerate(parts):
                        column.append(found[f"{at}"].copy())
            except (TypeError, ValueError, OverflowError):
                raise damage("no whole number where one must be") from None
        return [np.concatenate(parts.pop(0)) for _ in range(len(parts))]  # parts of one column after another go

    def numbers(self, sql: str, values: Sequence[Any], kinds: np.dtype[Any]) -> NDArray[Any]:
        """Read rows of numbers as an array (rows,) with fields; what is missing is NaN in a field of floats.

        Raises:
            StoreError: the file cannot be read. TypeError, ValueError, OverflowError: it holds something else.
        """
        with self.translate_errors():
            try:
                return np.fromiter(self.connection.execute(sql, values), kinds)
            except sqlite3.OperationalError as error:
                if "UTF-8" in str(error):
                    raise ValueError("a text") from None
                raise

    def table(self, name: str, kinds: np.dtype[Any], first: int, last: int) -> Mapping[str, NDArray[Any]] | None:
        """Read columns of numbers, by name, of the rows with keys from `first` to `last`, as `Image.table` does.

        None without an image, and where it cannot tell: then a query reads them.

        Raises:
            StoreError: the file cannot be read.
        """
        with self.translate_errors():
            return self._image.table(name, kinds, first, last) if self._image is not None else None

    @contextmanager
    def imaged(self, rows: int) -> Iterator[None]:
        """Read everything inside as `snapshot` does, and tables from an image, if that pays for so many rows.

        Raises:
            StoreError: the file cannot be read.
        """
        with self.snapshot():
            with self.translate_errors():
                self._image = Image.of(self.connection, rows)
            try:
                yield
            finally:
                self._image = None

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything inside as it is at one moment, whatever a writer does.

        Raises:
            StoreError: the file cannot be read.
        """
        if self.connection.in_transaction:
            yield
            return
        with self.translate_errors():
            self.connection.execute("begin")
        try:
            yield
        finally:
            with suppress(sqlite3.Error):
                self.connection.execute("rollback")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write everything inside, or nothing.

        Raises:
            StoreError: it cannot be written, or its file is no longer in its place.
        """
        if self._lost:
            raise StoreError(self._lost)
        with self.translate_errors():
            self.connection.execute("begin immediate")
            try:
                yield self.connection
                self.connection.execute("commit")
            except BaseException:
                if self.connection.in_transaction:  # On a full disk SQLite may have rolled back by itself.
                    self.connection.execute("rollback")
                raise
        self._check_file()

    def _check_file(self) -> None:
        """Make sure that the file is the one that was opened, and has not shrunk: SQLite's log has the last rows."""
        before, self._file = self._file, _look_at(self.path)
        if before is None or self._file is None or self._file[:2] != before[:2]:
            self._lost = self._save_aside()
        elif self._file.size < before.size:
            self._lost = f"{self.path}: the file was emptied or cut off while the run was writing it; {AGAIN}"
        if self._lost:
            raise StoreError(self._lost)

    def _save_aside(self) -> str:
        """Copy a store whose file was taken away, which SQLite still has open, to a file beside it; say where it is."""
        aside = self.path.with_name(f"{self.path.stem}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}{self.path.suffix}")
        found = f"{self.path}: the file was removed or replaced while the run was writing it"
        try:
            with closing(sqlite3.connect(aside)) as copy:
                self.connection.backup(copy)
        except sqlite3.Error as error:
            return f"{found}; what it held cannot be saved beside it ({error})"
        return f"{found}; what it held is in {aside.name}: rename that file to {self.path.name}, and run again to go on"

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turn SQLite's errors into one line that names the file.

        Raises:
            StoreError: SQLite raised an error.
        """
        try:
            yield
        except (sqlite3.Error, UnicodeError) as error:
            if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
                if not self.connection.exceeded:
                    raise KeyboardInterrupt from None  # Ctrl-C in the middle of a statement
                error = damage("reading it takes more steps than a file of this size can ask for")
            raise StoreError(f"{self.path}: {reason(error, self.path)}") from error

    def close(self) -> None:
        """Merge the write-ahead log into the file, unless another reader has the file open."""
        # With a reader, or on a full disk, this fails; the last reader, or the next run, merges the log.
        with suppress(sqlite3.Error):
            self.connection.execute("pragma journal_mode = delete")
        with suppress(sqlite3.Error):
            self.connection.close()
