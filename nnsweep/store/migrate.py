"""Migrate the tables of an older store: one step from each version to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from types import MappingProxyType

from nnsweep.store.access import Access
from nnsweep.store.layout import version_of
from nnsweep.store.migrate_3 import three_to_four
from nnsweep.store.rows import digest
from nnsweep.store.schema import RUN_COLUMNS, SHOWN, TALLY, VERSION
from nnsweep.store.sqlite_errors import damage
from nnsweep.store.version_3 import COLUMNS, DIAGNOSIS, DIGEST, checksum, digest_row

AT_ONCE = 1000
"""Rows that a step keeps in memory."""

UNDIAGNOSED = COLUMNS.replace("diagnosis", "null")
"""`COLUMNS` of a table that has no diagnosis yet."""


def migrate(access: Access) -> None:
    """Take all missing steps in one transaction: if it is interrupted, the file stays as it was.

    Raises:
        StoreError: the file is damaged, or cannot be written.
    """
    connection = access.connection
    with access.transaction():
        check_pages(connection)  # New digests must not hide the damage of a file.
        for version in range(version_of(connection), VERSION):
            STEPS[version](access)
        connection.execute(f"pragma user_version = {VERSION}")
    with suppress(sqlite3.Error):  # A disk without room for a second copy keeps the larger file.
        connection.execute("vacuum")


def check_pages(connection: sqlite3.Connection) -> None:
    """Let SQLite check the structure of the file.

    Raises:
        sqlite3.DatabaseError: it is damaged; the message is the first fault found.
    """
    (found,) = connection.execute("pragma integrity_check(1)").fetchone()
    if found != "ok":
        raise damage(found)


def _one_to_two(access: Access) -> None:
    """Add digests of whole rows and of runs, and the tally; drop the sweep record, which the next run writes again."""
    connection = access.connection
    connection.execute("alter table run add column digest text not null default ''")
    for row in connection.execute(f"select {RUN_COLUMNS} from run").fetchall():
        connection.execute("update run set digest = ? where number = ?", (digest(row), row[0]))
    last = -1
    while rows := connection.execute(
        f"select {UNDIAGNOSED}, rowid from trial where rowid > ? order by rowid limit {AT_ONCE}", (last,)
    ).fetchall():
        last = rows[-1][-1]
        # A damaged row keeps its old digest, so that it stays recognisable as damaged.
        sound = [row for row in rows if _first_digest(row) == row[DIGEST]]
        changes = [(digest_row(row), row[-1]) for row in sound]
        connection.executemany("update trial set digest = ? where rowid = ?", changes)
    connection.execute("drop table shown")
    connection.execute(SHOWN)
    connection.execute(TALLY)
    ids = {id for (id,) in connection.execute("select id from trial")}
    connection.execute("insert into tally values (?, ?)", (len(ids), f"{checksum(ids):x}"))


def _first_digest(row: tuple) -> str:
    """Compute the digest of version 1, which left out trainer, version and params."""
    id, _, _, _, status, metrics, history, failure, seconds = row[:DIAGNOSIS]
    text = f"{id}\0{status}\0{metrics}\0{history}\0{seconds}\0{failure}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _two_to_three(access: Access) -> None:
    """Add the column for diagnoses. Earlier trials have none, so that their digests stay valid."""
    access.connection.execute("alter table trial add column diagnosis text")


STEPS: Mapping[int, Callable[[Access], None]] = MappingProxyType({1: _one_to_two, 2: _two_to_three, 3: three_to_four})
"""The step from each version to the next."""
