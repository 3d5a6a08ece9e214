"""What trials printed. The table exists only in stores whose trials printed something."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping

from nnsweep.errors import StoreError
from nnsweep.store.access import Access
from nnsweep.store.rows import digest, storable
from nnsweep.store.sqlite_errors import AGAIN

ROOM = 2**25
"""Characters of printed text that a store keeps, over all its trials."""
FULL = f"(not kept: the trials of this store have printed more than {ROOM:,} characters)\n"

TABLE = """
create table if not exists printed (
    trial  text primary key,
    text   text not null,           -- what it printed, the middle of a long text left out
    digest text not null            -- BLAKE2b of the other columns
) strict"""

THERE = "select 1 from sqlite_master where type = 'table' and name = 'printed'"


def is_there(connection: sqlite3.Connection) -> bool:
    """Whether trials of the store printed something."""
    return bool(connection.execute(THERE).fetchall())


def keep(connection: sqlite3.Connection, ids: Collection[str], texts: Mapping[str, str]) -> None:
    """Store what trials printed, inside the transaction that writes them, and delete older texts of all `ids`."""
    connection.execute(TABLE)
    connection.execute("delete from printed where trial in (select value from json_each(?))", (json.dumps(list(ids)),))
    (size,) = connection.execute("select coalesce(sum(length(text)), 0) from printed").fetchone()
    for id, text in texts.items():
        kept = storable(text) if size + len(text) <= ROOM else FULL
        size += len(kept)
        connection.execute("insert into printed values (?, ?, ?)", (id, kept, digest((id, kept))))


def read(access: Access, id: str) -> str:
    """Read what a trial printed, or an empty text.

    Raises:
        StoreError: it is not as it was written.
    """
    for text, written in (
        [] if not access.rows(THERE) else access.rows("select text, digest from printed where trial = ?", (id,))
    ):
        if digest((id, text)) != written:
            raise StoreError(f"{access.path}: what trial {id} printed is not as it was written; {AGAIN}")
        return text
    return ""


def check(access: Access) -> None:
    """Compare the printed texts with their digests.

    Raises:
        StoreError: something is not as it was written.
    """
    if access.rows(THERE):
        for (id,) in access.rows("select trial from printed"):
            read(access, id)
