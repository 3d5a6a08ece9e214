"""What functions log while they train. The table exists only in stores in which some did.

A row is a part of what one trial logged. Its rows go when the trial is stored, with its history. So they stay of trials
that a killed run did not finish.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from hashlib import blake2b
from itertools import groupby
from typing import Any

import numpy as np

from nnsweep.errors import StoreError
from nnsweep.store.access import Access, Values
from nnsweep.store.sqlite_errors import AGAIN
from nnsweep.trainers import logged
from nnsweep.trainers.logged import Block, History

TABLE = """
create table if not exists logged (
    number integer primary key,
    trial  text not null,
    part   integer not null,        -- 0, 1, 2, … of one training
    digest text not null,           -- BLAKE2b of the other columns but number
    data   blob not null            -- see `trainers/logged.py`
) strict"""
INDEX = "create index if not exists logged_trial on logged (trial, part)"
THERE = "select 1 from sqlite_master where type = 'table' and name = 'logged'"
COLUMNS = "trial, part, digest, data"


def is_there(connection: sqlite3.Connection) -> bool:
    """Whether a function has logged while it trained."""
    return bool(connection.execute(THERE).fetchall())


def keep(connection: sqlite3.Connection, id: str, part: int, data: bytes) -> None:
    """Store a part of what a trial logged. Its first one takes the place of what an earlier training logged."""
    connection.execute(TABLE)
    connection.execute(INDEX)
    if part == 0:
        forget(connection, [id])
    row = id, part, _digest(id, part, data), data
    connection.execute(f"insert into logged ({COLUMNS}) values (?, ?, ?, ?)", row)


def forget(connection: sqlite3.Connection, ids: Collection[str]) -> None:
    """Remove what trials logged."""
    connection.execute("delete from logged where trial in (select value from json_each(?))", (json.dumps(list(ids)),))


def read(access: Access, ids: Iterable[str] | None = None) -> dict[str, History]:
    """Read what trials that are not stored have logged, by id: lists of numbers, NaN where there is none.

    Raises:
        StoreError: something is not as it was written.
    """
    if not access.rows(THERE):
        return {}
    asked = "" if ids is None else "where trial in (select value from json_each(?))"
    values = () if ids is None else (json.dumps(list(ids)),)
    rows = access.rows_as_they_are(f"select {COLUMNS} from logged {asked} order by trial, part, number", values)
    return {id: to_history(read_parts(access, parts)) for id, parts in groupby(rows, key=lambda row: row[0])}


def read_parts(access: Access, rows: Iterable[Values]) -> list[Block]:
    """Read the parts of one trial, rows of `COLUMNS`.

    Raises:
        StoreError: one is not as it was written.
    """
    return [block for row in rows for block in _blocks(access, *row)]


def check(access: Access) -> None:
    """Compare what was logged with its digests.

    Raises:
        StoreError: something is not as it was written.
    """
    if access.rows(THERE):
        for (id,) in access.rows_as_they_are("select distinct trial from logged"):
            read(access, [id])


def _blocks(access: Access, id: Any, part: Any, written: Any, data: Any) -> list[Block]:
    try:
        if _digest(id, part, data) == written:
            return logged.from_bytes(data)
    except (
        ValueError,
        TypeError,
        RecursionError,
    ):  # it has the digest that it should have, and nnsweep did not write it
        pass
    raise StoreError(f"{access.path}: what trial {id} logged is not as it was written; {AGAIN}")


def to_history(blocks: list[Block]) -> History:
    """Make the history of a trial; a number that is not finite is NaN."""
    finite = [Block(each.names, each.steps, np.where(np.isfinite(each.values), each.values, np.nan)) for each in blocks]
    return logged.history_of(finite)


def _digest(id: Any, part: Any, data: Any) -> str:
    return blake2b(f"{id}\0{part}\0".encode("utf-8", "surrogatepass") + bytes(data), digest_size=8).hexdigest()
