"""Other results of stored trials, which a merge has met. The table exists only in stores that were given such."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from math import isfinite
from typing import Any

from nnsweep.errors import StoreError
from nnsweep.store.access import Access
from nnsweep.store.rows import Row, digest, encode, storable
from nnsweep.store.sqlite_errors import AGAIN

TABLE = """
create table if not exists rejected (
    trial   text not null,          -- the id of a stored trial that has another result
    run     integer not null,       -- number in `run`: where this result is from
    folder  text not null,          -- the results folder that it was merged from
    seconds real not null,
    content text not null,          -- JSON: trainer, version, params, status, metrics, diagnosis, history, failure
    key     text not null,          -- BLAKE2b of trial and content
    digest  text not null,          -- BLAKE2b of the other columns
    primary key (trial, key)
) strict"""

THERE = "select 1 from sqlite_master where type = 'table' and name = 'rejected'"
COLUMNS = "trial, run, folder, seconds, content, key"


def keep(connection: sqlite3.Connection, folder: str, rows: Iterable[tuple[Row, int]]) -> None:
    """Keep results and the numbers of their runs, inside a transaction. One that is kept already stays as it is."""
    connection.execute(TABLE)
    for row, run in rows:
        content = storable(content_of(row))
        kept = (row.id, run, storable(folder), float(row.outcome.seconds), content, digest((row.id, content)))
        connection.execute("insert or ignore into rejected values (?, ?, ?, ?, ?, ?, ?)", (*kept, digest(kept)))


def check(access: Access) -> None:
    """Compare what is kept with its digests.

    Raises:
        StoreError: something is not as it was written.
    """
    if access.rows(THERE):
        with access.translate_errors():
            for *kept, written in access.connection.execute(f"select {COLUMNS}, digest from rejected"):
                if digest(kept) != written:
                    raise StoreError(f"{access.path}: a result that was not merged is not as it was written; {AGAIN}")


def content_of(row: Row) -> str:
    """Write all of a result but its seconds as JSON, exactly: texts are equal where the results are."""
    outcome = row.outcome
    history = {name: [_json(value) for value in values] for name, values in outcome.history.items()}
    found: dict[str, Any] = {"trainer": row.trainer, "version": row.version, "params": row.params}
    found |= {"status": outcome.status, "metrics": outcome.metrics, "diagnosis": outcome.diagnosis}
    return encode(found | {"history": history, "failure": outcome.failure})


def _json(value: float) -> float | None:
    return value if not isinstance(value, float) or isfinite(value) else None
