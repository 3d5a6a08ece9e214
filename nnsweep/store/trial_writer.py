"""Writes trials: what they share once, their numbers as columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np

from nnsweep.store.access import Access
from nnsweep.store.batches import Batch, RowBatch
from nnsweep.store.checksum import Floats, Ints, checksums
from nnsweep.store.histories import Packed, Stored, pack_all, share, share_trainings
from nnsweep.store.ids import Signed
from nnsweep.store.insert import insert_rows
from nnsweep.store.measured import KINDS, Numbers, to_columns
from nnsweep.store.rows import Row, digest, encode, storable
from nnsweep.store.settings import SettingsWriter
from nnsweep.store.shapes import REAL, Measures, ShapeWriter, read_shapes
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import Ids, KnownIds, are_among

COLUMNS = ("id", "settings", "seed", "shape", "seconds", "history", "epochs", "failure")
"""The columns of `trial` that the digest covers, in its order, without the measures."""
KEPT = 10_000
"""Texts of failures that a writer remembers: of more, some are stored again."""


def digest_history(number: int, base: int, head: int, data: Any) -> str:
    """Digest a row of the table `history`."""
    content = data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")
    return blake2b(f"{number}\0{base}\0{head}\0".encode() + content, digest_size=8).hexdigest()


class _Rows(NamedTuple):
    """What trials came to: columns from `shape` on, (T,), and by number those of `measures`; what these refer to."""

    columns: tuple[Ints | Floats, ...]
    measures: Mapping[int, Floats]
    histories: Sequence[Stored]
    others: Mapping[int, str]


class TrialWriter:
    """Writes trials, and remembers what is stored already: whoever rolls a transaction back makes a new one."""

    def __init__(self, access: Access, stored: Ids) -> None:
        """Read what new trials may share; `stored` are the ids of all trials."""
        self.measures = Measures(access)
        self._known, self._settings = KnownIds(stored), SettingsWriter(access)
        ((last, self._history, self._failure),) = access.rows(
            "select (select coalesce(max(number), 0) from shape), (select coalesce(max(number), 0) from history), "
            "(select coalesce(max(number), 0) from failure)"
        )
        self._shapes = ShapeWriter(read_shapes(access), last)
        self._failures: dict[str, int] = {}

    def write(self, connection: sqlite3.Connection, run: int, rows: Sequence[Row]) -> Signed:
        """Write a batch of rows."""
        return self.write_batch(connection, run, RowBatch(rows))

    def write_batch(self, connection: sqlite3.Connection, run: int, batch: Batch) -> Signed:
        """Write trials inside a transaction, which replace those with the same ids; give the ids that are new."""
        there = are_among(batch.ids, self._known.ids)
        if there.any():
            self._remove(connection, batch.ids[there].view(np.int64))
        self._insert(connection, run, batch)
        self._known.add(batch.ids[~there])
        return batch.ids[~there].view(np.int64)

    def _remove(self, connection: sqlite3.Connection, replaced: Signed) -> None:
        asked = (encode(replaced.tolist()),)
        connection.execute("delete from trial where id in (select value from json_each(?))", asked)
        connection.execute("delete from other where trial in (select value from json_each(?))", asked)

    def _insert(self, connection: sqlite3.Connection, run: int, batch: Batch) -> None:
        found, outcomes = batch.ids.view(np.int64), batch.outcomes
        settings = batch.number(self._settings)
        rows = self._of_columns(connection, outcomes) if isinstance(outcomes, OutcomeColumns) else None
        rows = rows or self._of_outcomes(connection, outcomes)
        columns = [found, *settings, *rows.columns]
        measures = sorted(rows.measures.items())
        columns += [checksums(columns, measures), np.full(len(found), run)]
        names = [*COLUMNS, "digest", "run", *(f"m{number}" for number, _ in measures)]
        columns += [column for _, column in measures]
        self._insert_shared(connection, rows.histories)
        self._insert_others(connection, rows.others, found)
        insert_rows(connection, "trial", dict(zip(names, columns, strict=True)))

    def _of_outcomes(self, connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> _Rows:
        numbers = to_columns(outcomes, self.measures, connection)
        histories = pack_all([outcome.history for outcome in outcomes])
        shared, places = share(histories, self._history)
        columns = (
            self._number_shapes(outcomes, numbers, histories),
            np.array([float(outcome.seconds) for outcome in outcomes]),
            np.array(places, np.int64),
            np.array([packed.epochs for packed in histories], np.int64),
            np.array([self._failure_of(connection, outcome) for outcome in outcomes], np.int64),
        )
        return _Rows(columns, numbers.columns, shared, numbers.others)

    def _of_columns(self, connection: sqlite3.Connection, outcomes: OutcomeColumns) -> _Rows | None:
        """Take columns of trials that are plain; None if a number has no column here."""
        tables = zip(KINDS, (outcomes.metrics, outcomes.diagnosis), strict=True)
        measures = {
            self.measures.make(connection, kind, name, REAL): values
            for kind, table in tables
            for name, values in table.items()
        }
        if 0 in measures:
            return None
        lists, shared, places = share_trainings(outcomes, self._history)
        shape = self._shapes.number("ok", tuple(outcomes.metrics), tuple(outcomes.diagnosis), lists, False)
        count = len(outcomes)
        columns = (
            np.full(count, shape),
            np.full(count, outcomes.seconds),
            places,
            outcomes.epochs if lists else np.zeros(count, np.int64),
            np.zeros(count, np.int64),
        )
        return _Rows(columns, measures, shared, {})

    def _number_shapes(self, outcomes: Sequence[Outcome], numbers: Numbers, histories: Sequence[Packed]) -> Ints:
        known: dict[tuple[Any, ...], int] = {}
        found = np.empty(len(outcomes), np.int64)
        for row, (outcome, names, packed) in enumerate(zip(outcomes, numbers.names, histories, strict=True)):
            key = outcome.status, id(names), id(packed.lists), row in numbers.others  # a group has the same objects
            if key not in known:
                known[key] = self._shapes.number(outcome.status, *names, packed.lists, key[-1])
            found[row] = known[key]
        return found

    def _insert_shared(self, connection: sqlite3.Connection, histories: Sequence[Stored]) -> None:
        numbered = enumerate(histories, self._history + 1)
        rows = [(number, each.base, each.head, each.data) for number, each in numbered]
        self._history += len(rows)
        insert = "insert into history values (?, ?, ?, ?, ?)"
        connection.executemany(insert, ((*row, digest_history(*row)) for row in rows))
        for table, new in (("settings", self._settings.new), ("shape", self._shapes.new)):
            if new:
                connection.executemany(f"insert into {table} values ({', '.join('?' * len(new[0]))})", new)
                new.clear()

    def _insert_others(self, connection: sqlite3.Connection, others: Mapping[int, str], found: Signed) -> None:
        rows = [(int(found[row]), text) for row, text in others.items()]
        connection.executemany("insert into other values (?, ?, ?)", ((*row, digest(row)) for row in rows))

    def _failure_of(self, connection: sqlite3.Connection, outcome: Outcome) -> int:
        if outcome.failure is None:
            return 0
        text = storable(outcome.failure)
        if text not in self._failures:
            if len(self._failures) >= KEPT:
                self._failures.clear()
            self._failure += 1
            self._failures[text] = self._failure
            row = (self._failure, text)
            connection.execute("insert into failure values (?, ?, ?)", (*row, digest(row)))
        return self._failures[text]
