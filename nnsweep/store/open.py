"""Opens `trials.db`, and checks that it is a store of a known version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from nnsweep.errors import StoreError
from nnsweep.files import check_regular, read_end
from nnsweep.store import bounded
from nnsweep.store.bounded import Bounded
from nnsweep.store.journal import make_readable, set_journal
from nnsweep.store.layout import check_layout, version_of
from nnsweep.store.schema import APPLICATION, TABLES, VERSION
from nnsweep.store.sqlite_errors import damage, reason

BUSY = 10.0
"""Seconds to wait while another program writes the same file."""
PAGE = 2**14
"""Bytes in a page of a new file."""

LOG = 2**26
"""The write-ahead log is merged into the file between transactions when it is longer: in bytes."""

JOURNAL_END = bytes.fromhex("d9d505f920a163d7")
"""How a journal ends that names a file elsewhere, which SQLite deletes when it has used the journal."""

CACHE = 2**16
"""KiB of the file that are kept in memory."""


def connect(path: Path) -> Bounded:
    """Open a store for reading and writing. Its folder and tables are made if missing, and migrated if older.

    Raises:
        StoreError: not a store, a newer version's store, or a file or folder that cannot be written.
    """
    with _closed_on_error(path) as opened:
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_files(path, own=True)
        # What a function logs in this process, a thread stores; its caller keeps others out meanwhile.
        connection = bounded.connect(str(path), path, timeout=BUSY, check_same_thread=False)
        opened.append(connection)
        make_readable(connection)
        _check(path, connection)
        connection.execute(f"pragma page_size = {PAGE}")  # Writes rows of half a kilobyte in two thirds of the time.
        set_journal(connection, path)
        connection.execute("pragma synchronous = full")
        # A merge waits for the disk: with rare ones, a page that changed many times is written once.
        connection.execute(f"pragma wal_autocheckpoint = {LOG // PAGE}")
        _prepare(connection, path)
    return connection


def connect_to_read(path: Path) -> Bounded:
    """Open a store without writing to it. A missing one is empty; an older one is migrated as a copy.

    Raises:
        StoreError: not a store, a newer version's store, or a file that cannot be read.
    """
    with _closed_on_error(path) as opened:
        if not path.exists():
            connection = bounded.connect(":memory:", path)
        else:
            _check_files(path, own=False)
            connection = _read_only(path)
            opened.append(connection)
            _check(path, connection)
        if version_of(connection) < VERSION:
            connection = _copied(connection, path)
            _prepare(connection, path)
        opened.append(connection)
        connection.execute("pragma query_only = on")
    return connection


def _read_only(path: Path) -> Bounded:
    """Open a file in place. If SQLite cannot make its index of the log there, read copies of both."""
    from shutil import copyfile
    from tempfile import TemporaryDirectory

    connection = bounded.connect(f"{path.absolute().as_uri()}?mode=ro", path, timeout=BUSY, uri=True)
    try:
        connection.execute("select count(*) from sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        if not path.is_file() or error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        with TemporaryDirectory() as folder:
            for each in (path, *(path.with_name(f"{path.name}-{log}") for log in ("wal", "journal"))):
                if each.exists():
                    copyfile(each, Path(folder, each.name))
            source = bounded.connect(str(Path(folder, path.name)), path)
            make_readable(source)
            connection = _copied(source, path)
    return connection


def _copied(source: sqlite3.Connection, path: Path) -> Bounded:
    """Copy a store to a file without a name, which SQLite keeps in memory while it is small and deletes when closed."""
    copy = bounded.connect("", path)
    with closing(source):
        source.backup(copy)
    return copy


@contextmanager
def _closed_on_error(path: Path) -> Iterator[list[sqlite3.Connection]]:
    opened: list[sqlite3.Connection] = []
    try:
        yield opened
    except BaseException as error:
        for connection in opened:
            connection.close()
        if not isinstance(error, (sqlite3.Error, OSError, UnicodeError)):
            raise
        raise StoreError(f"{path}: {reason(error, path)}") from None


def _check_files(path: Path, *, own: bool) -> None:
    """Make sure that a store, and what SQLite keeps beside it, are files; with `own` in their folder, and no links.

    Raises:
        StoreError: one is something else, or a journal of another program's names files to be deleted.
    """
    for ending in ("", "-wal", "-shm", "-journal"):
        each = path.with_name(path.name + ending)
        with suppress(FileNotFoundError):
            check_regular(each, each.lstat() if own else each.stat())
    journal = path.with_name(f"{path.name}-journal")
    if own and journal.exists() and read_end(journal, len(JOURNAL_END)) == JOURNAL_END:
        raise StoreError(f"{journal}: written for several files, as nnsweep never does; remove it")


def _check(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("pragma trusted_schema = off")  # The file may come from anywhere.
    connection.execute("pragma cell_size_check = on")
    connection.execute(f"pragma cache_size = -{CACHE}")
    application, version = connection.execute("pragma application_id").fetchone()[0], version_of(connection)
    ((tables,),) = connection.execute("select count(*) from sqlite_master").fetchall()
    if application != APPLICATION and (application or version or tables):
        raise StoreError(f"{path}: an SQLite file of another program; nnsweep keeps its trials in a file of its own")
    if version > VERSION:
        raise StoreError(
            f"{path}: written by a newer nnsweep (store version {version}, this one reads up to {VERSION}); "
            "update nnsweep, or choose another folder with --results"
        )
    if version < 0:
        raise damage(f"store version {version}")
    if version:
        check_layout(connection, version)


def _prepare(connection: Bounded, path: Path) -> None:
    """Make the tables of a new file, or migrate those of an older one."""
    if version_of(connection) == 0:
        connection.executescript(
            f"begin immediate; {TABLES} pragma application_id = {APPLICATION}; pragma user_version = {VERSION}; commit;"
        )
    elif version_of(connection) < VERSION:
        _migrate(path, connection)


def _migrate(path: Path, connection: Bounded) -> None:
    from nnsweep.store.access import Access
    from nnsweep.store.migrate import migrate

    migrate(Access(path, connection))
