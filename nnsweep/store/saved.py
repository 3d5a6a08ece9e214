"""Which files trials saved. The table exists only in stores of trials that did; the files are in `artifacts/`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.store.access import Access
from nnsweep.store.rows import digest
from nnsweep.store.sqlite_errors import AGAIN
from nnsweep.trainers.saved import CONTENT, SavedFile, check_name

TABLE = """
create table if not exists artifact (
    trial   text not null,
    name    text not null,
    size    integer not null,       -- bytes
    content text not null,          -- BLAKE2b of the bytes: the file is artifacts/<first two digits>/<content>
    digest  text not null,          -- BLAKE2b of the other columns
    primary key (trial, name)
) strict"""
THERE = "select 1 from sqlite_master where type = 'table' and name = 'artifact'"
COLUMNS = "trial, name, size, content, digest"


def keep(connection: sqlite3.Connection, id: str, saved: SavedFile) -> None:
    """Store that a trial saved a file. The first one of a training takes the place of those of an earlier one."""
    connection.execute(TABLE)
    if saved.first:
        connection.execute("delete from artifact where trial = ?", (id,))
    row = id, saved.name, saved.size, saved.content
    connection.execute("insert or replace into artifact values (?, ?, ?, ?, ?)", (*row, digest(row)))


def read(access: Access, ids: Iterable[str] | None = None) -> dict[str, list[SavedFile]]:
    """Read which files trials saved, by id, in the order of their names.

    Raises:
        StoreError: a row is not as it was written.
    """
    if not access.rows(THERE):
        return {}
    asked = "" if ids is None else "where trial in (select value from json_each(?))"
    values = () if ids is None else (json.dumps(list(ids)),)
    found: dict[str, list[SavedFile]] = {}
    for *row, written in access.rows_as_they_are(
        f"select {COLUMNS} from artifact {asked} order by trial, name", values
    ):
        if digest(row) != written or not _is_sound(*row):
            raise StoreError(f"{access.path}: what trial {row[0]} saved is not as it was written; {AGAIN}")
        id, name, size, content = row
        found.setdefault(id, []).append(SavedFile(name, size, content))
    return found


def _is_sound(id: Any, name: Any, size: Any, content: Any) -> bool:
    try:
        check_name(name)
    except NnsweepError:
        return False
    return isinstance(id, str) and type(size) is int and isinstance(content, str) and bool(CONTENT.fullmatch(content))
