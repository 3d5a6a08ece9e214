"""Choose how SQLite makes transactions whole: by a write-ahead log, or by a rollback journal where that cannot be.

With a log, readers and the writer do not wait for each other, but all must be on one machine: they share memory.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    (
        *("afs", "beegfs", "beegfs_nodev", "ceph", "cifs", "fhgfs", "fuse.beegfs", "fuse.ceph", "fuse.glusterfs"),
        *("fuse.sshfs", "gfs2", "gpfs", "lustre", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "smb3"),
        *("smbfs", "wekafs"),
    )
)
"""File systems that several machines may have mounted."""
PATIENT = 60_000
"""Milliseconds that writer and readers wait for each other without a log."""
NO_MEMORY = "SQLITE_IOERR_SHM", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL", "SQLITE_IOERR_LOCK", "SQLITE_READONLY_CANTINIT"
"""SQLite's errors where memory cannot be shared, by how they begin."""


def make_readable(connection: sqlite3.Connection) -> None:
    """Make sure that a log which a killed run left can be read: without other readers it needs no shared memory."""
    try:
        connection.execute("select count(*) from sqlite_master").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(NO_MEMORY):
            connection.execute("pragma locking_mode = exclusive")


def set_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Use a write-ahead log, unless the disk is shared by several machines, or has no shared memory."""
    if not is_on_network(path) and _set_log(connection):
        return
    connection.execute(f"pragma busy_timeout = {PATIENT}")
    connection.execute("pragma journal_mode = delete")
    connection.execute("pragma locking_mode = normal")
    connection.execute("select count(*) from sqlite_master").fetchall()  # which ends the exclusive lock


def _set_log(connection: sqlite3.Connection) -> bool:
    """Use a log if that is possible: not for the only user of a file, whose log `make_readable` had to read."""
    if connection.execute("pragma locking_mode").fetchone() != ("normal",):
        return False
    try:
        return connection.execute("pragma journal_mode = wal").fetchone() == ("wal",) and _can_read(connection)
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(NO_MEMORY):
            raise
        connection.execute("pragma locking_mode = exclusive")
        return False


def _can_read(connection: sqlite3.Connection) -> bool:
    """Read, which opens the shared memory; an error tells that there is none."""
    return bool(connection.execute("select count(*) from sqlite_master").fetchall())


def is_on_network(path: Path) -> bool:
    """Whether a file is on a file system that other machines may have mounted, too. False where this is not known."""
    with suppress(OSError, ValueError, IndexError):
        place, best, kind = os.path.realpath(path), "", ""
        for line in MOUNTS.read_text("utf-8", "surrogateescape").splitlines():
            fields, _, more = line.partition(" - ")
            mount = fields.split()[4].encode("latin-1", "surrogateescape").decode("unicode_escape")
            if len(mount) >= len(best) and os.path.commonpath([mount, place]) == mount:
                best, kind = mount, more.split()[0]
        return kind in NETWORK
    return False
