"""From version 3 to 4: trials become columns, what they share is stored once, the grid becomes codes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from nnsweep.store import ids, tally
from nnsweep.store.access import Access, Values
from nnsweep.store.migrate_grid import migrate_grid
from nnsweep.store.schema import TRIALS
from nnsweep.store.trial_writer import TrialWriter
from nnsweep.store.version_3 import COLUMNS, ID, checksum, to_row
from nnsweep.trials.ids import to_numbers

AT_ONCE = 1000
"""Rows that are kept in memory."""
RUN = -2
"""The places of the run and of the row's number in what is read."""


def three_to_four(access: Access) -> None:
    """Copy all trials to the new tables, and the grid. What was damaged before is kept aside, and stays damaged."""
    connection = access.connection
    (written,) = access.rows("select trials, ids from tally") or [(None, "")]
    found = [id for (id,) in access.rows_as_they_are("select id from trial")]
    complete = written == (len(found), f"{checksum(found):x}")
    del found
    connection.execute("pragma legacy_alter_table = on")  # Views of others shall name the new table.
    connection.execute("alter table trial rename to trial_3")
    for statement in TRIALS.split(";\n"):
        connection.execute(statement)
    _copy_trials(access)
    connection.execute("drop table trial_3")
    (now,) = access.integers("select id from trial")
    trials = len(now) if complete else int(written[0] or 0)
    kept = tally.checksum(now) ^ (not complete and trials == len(now))
    connection.execute("delete from tally")
    connection.execute("insert into tally values (?, ?)", (trials, f"{kept:x}"))
    migrate_grid(access)


def _copy_trials(access: Access) -> None:
    writer = TrialWriter(access, to_numbers(()))
    for rows in _parts(access):
        for run, group in groupby(rows, lambda row: row[RUN]):
            pairs = [(row, to_row(row[:RUN])) for row in group]
            sound = [row for _, row in pairs if row]
            if sound:
                writer.write(access.connection, run, sound)
            for old in [old for old, row in pairs if not row]:
                _keep_aside(access, old)


def _keep_aside(access: Access, row: Values) -> None:
    """Keep all of a damaged row in a table of its own, and in `trial` a row that will be told to be damaged."""
    connection = access.connection
    connection.execute("create table if not exists damaged as select * from trial_3 where false")
    connection.execute("insert into damaged select * from trial_3 where rowid = ?", row[-1:])
    if ids.is_id(row[ID]):
        placeholder = (int(ids.from_texts([row[ID]])[0]), 0, 0, 0, 0.0, 0, 0, 0, row[RUN], 0)
        columns = "id, settings, seed, shape, seconds, history, epochs, failure, run, digest"
        connection.execute(f"insert into trial ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", placeholder)


def _parts(access: Access) -> Iterator[list[Values]]:
    last = -1
    query = f"select {COLUMNS}, run, rowid from trial_3 where rowid > ? order by rowid limit {AT_ONCE}"
    while rows := access.rows_as_they_are(query, (last,)):
        last = rows[-1][-1]
        yield rows
