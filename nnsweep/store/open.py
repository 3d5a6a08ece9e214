"""Opening `trials.db`: is it ours, is it a version we know, may we write it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from nnsweep.errors import StoreError
from nnsweep.store.schema import APPLICATION, TABLES, VERSION

BUSY = 10.0
"""Seconds to wait for another program that is writing the same file."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a store for reading and writing; make its folder and its tables if need be.

    Raises:
        StoreError: not a store, a newer version's store, or a file or folder that cannot be written.
    """
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        _check(path, connection)
        _prepare(connection)
    except (sqlite3.Error, OSError, StoreError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{path}: {_reason(error)}") from None
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    application, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if application != APPLICATION and (application or version or tables):
        raise StoreError(f"{path}: an SQLite file of another program; nnsweep keeps its trials in a file of its own")
    if version > VERSION:
        raise StoreError(
            f"{path}: written by a newer nnsweep (store version {version}, this one reads up to {VERSION}); "
            "update nnsweep, or choose another folder with --results"
        )


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma page_size = 16384")  # Rows of half a kilobyte: written in two thirds of the time.
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    if _pragma(connection, "user_version") == VERSION:
        return
    connection.executescript(
        f"begin immediate; {TABLES} pragma application_id = {APPLICATION}; pragma user_version = {VERSION}; commit;"
    )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return connection.execute(f"pragma {name}").fetchone()[0]


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be opened: {error.strerror}"
    if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
        return "not an SQLite file; move it away, or choose another folder with --results"
    if str(error).startswith(("attempt to write a readonly", "unable to open")):
        return f"cannot be opened for writing ({error}); choose a folder you may write with --results"
    return f"cannot be used: {error}"
