"""`trials.db`: written by one process, read back whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, get_args

from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.store import printed, shown, tally
from nnsweep.store.access import Access
from nnsweep.store.migrate import check_pages
from nnsweep.store.open import connect, connect_to_read
from nnsweep.store.rows import (
    COLUMNS,
    ID,
    PARAMS,
    SECONDS,
    TRAINER,
    VERSION,
    Row,
    check,
    digest,
    encode,
    to_outcomes,
    to_rows,
)
from nnsweep.store.schema import RUN_COLUMNS
from nnsweep.store.shown import Shown
from nnsweep.store.tally import AGAIN
from nnsweep.trainers.protocol import Outcome, Status, Trainer
from nnsweep.trials.grid import Trial

FILE = "trials.db"
WHOLE_AT_ONCE = 250
"""Rows that are read with all their columns by one query: a history may be long."""
LATEST = 2000
"""Trials that tell how long others take."""


class Store:
    """Every trial of a results folder. A context manager; closed, it leaves one file.

    Readers and one writer may have it open at once; `lock` keeps a second writer out. Whatever is read was checked:
    rows against their digests, and the set of ids against a tally.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use `Store.open` or `Store.read`."""
        self.path = path
        self._access = Access(path, connection)

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open a store, or make an empty one where there is none.

        Raises:
            StoreError: not a store, a newer version's store, or a file or folder that cannot be written.
        """
        return cls(path, connect(path))

    @classmethod
    def read(cls, path: Path) -> Store:
        """Open a store without writing anything; where there is none, it is empty.

        Raises:
            StoreError: not a store, a newer version's store, or a file that cannot be read.
        """
        return cls(path, connect_to_read(path))

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the one file, unless another reader still has it open."""
        self._access.close()

    def begin_run(self, environment: Mapping[str, Any], command: str) -> int:
        """Note that a run starts, and return its number."""
        with self._access.transaction() as connection:
            (number,) = connection.execute("select coalesce(max(number), 0) + 1 from run").fetchone()
            row = (number, _now(), None, command, encode(environment), None, None)
            connection.execute("insert into run values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, digest(row)))
        return number

    def end_run(self, number: int, trials: int, seconds: float, environment: Mapping[str, Any] | None = None) -> None:
        """Note that a run ended, how many trials it trained, its wall time in seconds, and more of its environment."""
        (run,) = [run for run in self.runs() if run["number"] == number]
        known = run["environment"] if environment is None else encode(environment)
        end = {"environment": known, "ended": _now(), "trials": trials, "seconds": float(seconds)}
        row = tuple((run | end).values())
        with self._access.transaction() as connection:
            connection.execute("insert or replace into run values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, digest(row)))

    def runs(self) -> list[dict[str, Any]]:
        """List the runs, oldest first: the columns of the table `run`; `environment` as JSON text.

        Raises:
            StoreError: a row is not as it was written.
        """
        rows = self._access.rows(f"select {RUN_COLUMNS}, digest from run order by number")
        for *row, written in rows:
            if digest(row) != written:
                raise StoreError(f"{self.path}: run {row[0]} is not as it was written; {AGAIN}")
        return [dict(zip(RUN_COLUMNS.split(", "), row[:-1], strict=True)) for row in rows]

    def write(
        self,
        run: int,
        trainer: Trainer,
        pairs: Iterable[tuple[Trial, Outcome]],
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Add trials in one transaction, with what they printed, by id; a trial that is there already is replaced."""
        self.insert(run, to_rows(list(pairs), trainer), texts)

    def insert(self, run: int, rows: Sequence[Row], texts: Mapping[str, str] | None = None) -> None:
        """Add rows of `COLUMNS`, as `write` adds trials."""
        rows = [(*row, run) for row in rows]
        columns = f"{COLUMNS.removeprefix('trial.')}, run"
        insert = f"into trial ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        with self._access.transaction() as connection:
            ids = {str(row[ID]) for row in rows}
            new = ids
            if connection.executemany(f"insert or ignore {insert}", rows).rowcount != len(rows):
                # Rare. A savepoint instead would have SQLite copy every page it changes.
                connection.execute("rollback")
                connection.execute("begin immediate")
                there = "select trial.id from json_each(?) as asked cross join trial on trial.id = asked.value"
                new = new - {id for (id,) in connection.execute(there, (encode(list(new)),))}
                connection.executemany(f"insert or replace {insert}", rows)
            tally.add(self._access, new)
            printed.keep(connection, ids, texts or {})

    def ids(self) -> set[str]:
        """Return the ids of all trials stored, of this sweep or of earlier ones.

        Raises:
            StoreError: they are not those that were written.
        """
        found = {id for (id,) in self._access.rows("select id from trial")}
        tally.check(self._access, found)
        return found

    def outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """Read those of the trials that are stored, in the order of the ids.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return self._outcomes(ids, history=True)

    def ends(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """Read `outcomes` without their histories, in less time and memory."""
        return self._outcomes(ids, history=False)

    def params(self, ids: Iterable[str]) -> dict[str, str]:
        """Read the parameters of those of the trials that are stored, as JSON.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return {row[ID]: row[PARAMS] for rows in self._found(ids) for row in rows}

    def rows(self, ids: Iterable[str]) -> list[Row]:
        """Read those of the trials that are stored, as the rows that `insert` takes.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return [row for rows in self._found(ids) for row in rows]

    def texts(self, parameter: str, key: str) -> list[str]:
        """List the texts that stand under a key of the table that is a parameter of some trials."""
        query = "select distinct json_extract(params, ?) from trial"
        return [text for (text,) in self._access.rows(query, (f'$."{parameter}"."{key}"',)) if isinstance(text, str)]

    def having(self, ids: Collection[str]) -> set[str]:
        """Tell which of some trials are stored, without a check of the others: `rows` checks those it reads."""
        return {id for (id,) in self._access.rows("select id from trial") if id in ids}

    def versions(self, trainer: str) -> list[str]:
        """List the versions of a trainer by which trials are stored, the last stored first."""
        query = "select version from trial where trainer = ? group by version order by max(rowid) desc"
        return [version for (version,) in self._access.rows(query, (trainer,))]

    def _outcomes(self, ids: Iterable[str], history: bool) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for rows in self._found(ids):
            found |= to_outcomes(rows, str(self.path), history=history)
        return found

    def _found(self, ids: Iterable[str]) -> Iterator[list[Row]]:
        """Give the rows of trials, some at a time, checked; at the end, that none is missing that should be there."""
        asked = list(dict.fromkeys(ids))
        missing: set[str] = set()
        for start in range(0, len(asked), WHOLE_AT_ONCE):
            part = asked[start : start + WHOLE_AT_ONCE]
            rows = self._trials(
                "from json_each(?) as asked cross join trial on trial.id = asked.value order by asked.key",
                (encode(part),),
            )
            missing |= set(part) - {row[ID] for row in rows} if len(rows) < len(part) else set()
            yield rows
        lost = sorted(missing & self.ids()) if missing else []
        if lost:
            raise StoreError(f"{self.path}: trial {lost[0]} cannot be found in the file, which is damaged; {AGAIN}")

    def _trials(self, source: str, values: Sequence[Any]) -> list[Row]:
        rows = self._access.rows_as_they_are(f"select {COLUMNS} {source}", values)
        check(rows, str(self.path))
        return rows

    def seconds(self, trainer: Trainer) -> list[tuple[str, float]]:
        """Read the parameters, as JSON, and the seconds of the trials of a trainer that ended last, if well.

        They are of its present version, or where there are none, of others.

        Raises:
            StoreError: a row is not as it was written.
        """
        rows = self._trials(
            "from trial where trainer = ? and status in ('ok', 'diverged') order by rowid desc limit ?",
            (trainer.name, LATEST),
        )
        same = [row for row in rows if row[VERSION] == trainer.version]
        return [(row[PARAMS], row[SECONDS]) for row in same or rows]

    def beginning(self, start: str) -> list[tuple[str, str, str]]:
        """List id, trainer and params (JSON) of the trials whose id begins so.

        Raises:
            StoreError: a row is not as it was written.
        """
        rows = self._trials("from trial where substr(id, 1, ?) = ?", (len(start), start))
        return [(row[ID], row[TRAINER], row[PARAMS]) for row in rows]

    def stale(self, trials: Iterable[Trial], trainer: Trainer) -> int:
        """Count what is stored under the parameters of one of the trials, but under another id than any of them.

        Its trainer was of another version, or its data were others.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        asked = {trial.id: trial.params_json for trial in trials}
        others = self.ids() - asked.keys()
        params = set(asked.values()) if others else set()
        rows = (row for part in self._found(others) for row in part)
        return sum(row[TRAINER] == trainer.name and row[PARAMS] in params for row in rows)

    def printed(self, id: str) -> str:
        """Read what a trial printed when it was trained; nothing where it printed nothing.

        Raises:
            StoreError: it is not as it was written.
        """
        return printed.read(self._access, id)

    def statuses(self) -> dict[str, int]:
        """Count the trials of each status, the most frequent first.

        Raises:
            StoreError: they are not as many as were written. (Their rows are not checked; `verify` does.)
        """
        found = dict(self._access.rows("select status, count(*) from trial group by status order by 2 desc, 1"))
        if sum(found.values()) != tally.read(self._access).trials or not found.keys() <= set(get_args(Status)):
            raise StoreError(f"{self.path}: its trials are not those that were written; {AGAIN}")
        return found

    def missing(self) -> int:
        """Count the trials of the grid last asked for that are not stored.

        Raises:
            StoreError: the file cannot be read.
        """
        unstored = "from grid left join trial on trial.id = grid.trial where trial.id is null"
        ((count,),) = self._access.rows(f"select count(distinct grid.trial) {unstored}")
        return count

    def verify(self) -> int:
        """Check every row, the tally and how the file is put together; return how many trials there are.

        Raises:
            StoreError: something is not as it was written, or the file is damaged.
        """
        last, count = -1, 0
        for numbers in self._access.parts("select rowid from trial where rowid > ? order by rowid"):
            self._trials("from trial where rowid > ? and rowid <= ?", (last, numbers[-1][0]))
            last, count = numbers[-1][0], count + len(numbers)
        with self._access.said():
            check_pages(self._access.connection)
        self.ids()
        self.runs()
        shown.check(self._access)
        printed.check(self._access)
        return count

    def describe(self, sweep: Sweep, metrics: Sequence[str], trials: Sequence[Trial]) -> None:
        """Keep what a sweep asks for, and have the view `results` show it: a column per axis and per metric."""
        shown.keep(self._access, sweep, metrics, trials)

    def sweep(self) -> Sweep | None:
        """Read back the sweep that `describe` kept; None where no run has ended yet.

        Raises:
            StoreError: it is not as it was written.
        """
        return shown.sweep(self._access)

    def shown(self) -> Shown | None:
        """Read back all that `describe` kept; None where no run has ended yet.

        Raises:
            StoreError: it is not as it was written.
        """
        return shown.read(self._access)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
