"""Remove trials from a store, with all that only they need: their histories, parameters, failures and texts."""

from __future__ import annotations

import sqlite3

import numpy as np

from nnsweep.store import logged, printed, rejected, saved, tally
from nnsweep.store.access import Access
from nnsweep.store.ids import Signed, to_texts

BY_TEXT = {"printed": printed.THERE, "logged": logged.THERE, "artifact": saved.THERE, "rejected": rejected.THERE}
"""The optional tables that name trials, and how each is found."""
USED = """
delete from {table} where number not in (
    with recursive used(number) as (
        select {table} from trial
        union select base from {table} join used using (number)
    ) select number from used
)"""
"""Removes rows of a table that no trial has, and that no other row which a trial has is based on."""


def remove(access: Access, connection: sqlite3.Connection, ids: Signed, stored: Signed) -> None:
    """Remove trials, inside a transaction; `stored` are those of the ids that the table of trials has."""
    connection.execute("create temp table gone (id integer primary key, text text)")
    connection.executemany("insert into gone values (?, ?)", zip(ids.tolist(), to_texts(ids), strict=True))
    connection.execute("delete from trial where id in (select id from gone)")
    connection.execute("delete from other where trial in (select id from gone)")
    for table, there in BY_TEXT.items():
        if connection.execute(there).fetchall():
            connection.execute(f"delete from {table} where trial in (select text from gone)")
    for table in ("history", "settings"):
        connection.execute(USED.format(table=table))
    connection.execute("delete from failure where number not in (select failure from trial)")
    connection.execute("drop table gone")
    before = tally.read(access)
    connection.execute(
        "update tally set trials = ?, ids = ?",
        (before.trials - len(stored), f"{before.ids ^ tally.checksum(np.asarray(stored)):x}"),
    )
