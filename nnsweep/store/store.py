"""`trials.db`: opened, written by one process, read back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any

from nnsweep.errors import StoreError
from nnsweep.grid import Trial
from nnsweep.spec.sweep import label
from nnsweep.store.open import connect
from nnsweep.store.rows import Row, encode, to_outcomes, to_row
from nnsweep.store.schema import results_view
from nnsweep.trainers.protocol import Outcome, Trainer

FILE = "trials.db"


class Store:
    """Every trial of a results folder. A context manager; closed, it leaves one file.

    Readers and one writer may have it open at once; `lock` keeps a second writer out.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use `Store.open`."""
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open a store, or make an empty one where there is none.

        Raises:
            StoreError: not a store, a newer version's store, or a file or folder that cannot be written.
        """
        return cls(path, connect(path))

    def __enter__(self) -> Store:
        """Return the store itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the one file, unless another reader still has it open."""
        with suppress(sqlite3.OperationalError):  # A reader is there; the last one to close folds the log in.
            self._connection.execute("pragma journal_mode = delete")
        self._connection.close()

    def begin_run(self, environment: Mapping[str, Any], command: str) -> int:
        """Note that a run starts, and return its number."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "insert into run (started, command, environment) values (?, ?, ?)",
                (_now(), command, encode(dict(environment))),
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def end_run(self, number: int, trials: int, seconds: float) -> None:
        """Note that a run ended, how many trials it trained, and its wall time in seconds."""
        with self._transaction() as connection:
            connection.execute(
                "update run set ended = ?, trials = ?, seconds = ? where number = ?",
                (_now(), trials, seconds, number),
            )

    def runs(self) -> list[dict[str, Any]]:
        """List the runs, oldest first: the columns of the table `run`; `environment` as JSON text."""
        names = ("number", "started", "ended", "command", "environment", "trials", "seconds")
        rows = self._rows(f"select {', '.join(names)} from run order by number")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def write(self, run: int, trainer: Trainer, pairs: Iterable[tuple[Trial, Outcome]]) -> None:
        """Add trials in one transaction; a trial that is there already is replaced."""
        named = (run, trainer.name, trainer.version)
        rows = [named + to_row(trial, outcome) for trial, outcome in pairs]
        with self._transaction() as connection:
            connection.executemany(
                "insert or replace into trial (run, trainer, version, id, params, status, metrics, history,"
                " failure, seconds, digest) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def ids(self) -> set[str]:
        """Return the ids of all trials stored, of this sweep or of earlier ones."""
        return {id for (id,) in self._rows("select id from trial")}

    def outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """Read those of the trials that are stored, in the order of the ids.

        Raises:
            StoreError: a row is not as it was written.
        """
        rows = self._rows(
            "select trial.id, status, metrics, history, failure, seconds, digest"
            " from json_each(?) as asked join trial on trial.id = asked.value order by asked.key",
            (encode(list(dict.fromkeys(ids))),),
        )
        return to_outcomes(rows, str(self.path))

    def beginning(self, start: str) -> list[tuple[str, str, str]]:
        """List id, trainer and params (JSON) of the trials whose id begins so."""
        return self._rows("select id, trainer, params from trial where substr(id, 1, ?) = ?", (len(start), start))

    def verify(self) -> int:
        """Check every row against its digest, and return how many there are.

        Raises:
            StoreError: a row is not as it was written, or the file is damaged.
        """
        return len(self.outcomes(self.ids()))

    def describe(self, axes: Sequence[str], metrics: Iterable[str], trials: Sequence[Trial]) -> None:
        """Make the view `results` show these trials, in this order: a column per axis and per metric."""
        view = results_view(axes, metrics)
        rows = [(at, trial.id, _labelled(trial.settings)) for at, trial in enumerate(trials)]
        asked = "\n".join([view, *(id + settings for _, id, settings in rows)])
        digest = blake2b(asked.encode(), digest_size=16).hexdigest()
        if self._rows("select digest from shown") == [(digest,)]:
            return
        with self._transaction() as connection:
            connection.execute("drop view if exists results")
            connection.execute("delete from grid")
            connection.execute("delete from shown")
            connection.executemany("insert into grid values (?, ?, ?)", rows)
            connection.execute(view)
            connection.execute("insert into shown values (?)", (digest,))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._said():
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._said():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path}: {error}") from error


def _labelled(settings: Mapping[str, Any]) -> str:
    return f"{{{','.join(map(_member, settings, settings.values()))}}}"


@lru_cache(maxsize=4096, typed=True)  # A grid repeats few values: encoding them anew takes four times as long.
def _member(name: str, value: Any) -> str:
    return f"{encode(name)}:{encode(label(value))}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
