"""`trials.db`: every trial that ever ended in a results folder. One writer, any number of readers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

from nnsweep.errors import StoreError
from nnsweep.grid import Trial
from nnsweep.spec.sweep import Axis, label
from nnsweep.store.schema import APPLICATION, SCHEMA, VERSION, results_view
from nnsweep.trainers.protocol import Outcome, Trainer

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode

COLUMNS = "id, trainer, version, params, settings, status, metrics, history, failure, seconds, run"


class Store:
    """A results folder's trials. Use it as a context manager: at the end one file is left, and no journal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors():
            self._database = sqlite3.connect(path, isolation_level=None, timeout=5)
            try:
                self._prepare()
            except BaseException:
                self._database.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the journal into the one file, and let go of it."""
        try:
            with self._errors():
                self._database.execute("PRAGMA journal_mode = DELETE")
        finally:
            self._database.close()

    def ids(self) -> set[str]:
        """List the trials that ended."""
        with self._errors():
            return {row[0] for row in self._database.execute("SELECT id FROM trial")}

    def outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """Read what became of the trials `ids`; those never run are left out.

        Raises:
            StoreError: a row is not as it was written.
        """
        with self._errors():
            rows = self._database.execute(f"SELECT {COLUMNS}, digest FROM trial").fetchall()
        wanted = set(ids)
        rows = [row for row in rows if row[0] in wanted]
        for *values, digest in rows:
            if _digest(values) != digest:
                raise StoreError(
                    f"{self.path}: the row of trial {values[0]} is not as it was written; to run the trial again, "
                    f"delete the row: DELETE FROM trial WHERE id = '{values[0]}'"
                )
        metrics, histories = (json.loads(f"[{','.join(row[column] for row in rows)}]") for column in (6, 7))
        return {
            row[0]: Outcome(row[5], measured, history, row[9], row[8])
            for row, measured, history in zip(rows, metrics, histories, strict=True)
        }

    def begin_run(self, environment: Mapping[str, Any]) -> int:
        """Record that a run starts; returns its number."""
        with self._transaction():
            cursor = self._database.execute(
                "INSERT INTO run (started, environment) VALUES (?, ?)", (_now(), _encode(environment))
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def end_run(self, number: int) -> None:
        """Record that a run came to its end."""
        with self._transaction():
            self._database.execute("UPDATE run SET ended = ? WHERE number = ?", (_now(), number))

    def write(self, run: int, trainer: Trainer, ended: Iterable[tuple[Trial, Outcome]]) -> None:
        """Keep trials that ended, all of them or none."""
        rows = [_row(run, trainer, trial, outcome) for trial, outcome in ended]
        places = ", ".join("?" * len(rows[0])) if rows else ""
        with self._transaction():
            self._database.executemany(f"INSERT OR REPLACE INTO trial ({COLUMNS}, digest) VALUES ({places})", rows)

    def describe(self, axes: Sequence[Axis], metrics: Sequence[str]) -> None:
        """Make the view `results` show these axes and metrics."""
        statement = results_view(axes, metrics)
        with self._errors():
            found = self._database.execute("SELECT sql FROM sqlite_schema WHERE name = 'results'").fetchone()
        if found != (statement,):
            with self._transaction():
                self._database.execute("DROP VIEW IF EXISTS results")
                self._database.execute(statement)

    def _prepare(self) -> None:
        """Check that the file is a store of ours, or make it one."""
        application = self._pragma("application_id")
        version = self._pragma("user_version")
        empty = not self._database.execute("SELECT 1 FROM sqlite_schema").fetchone()
        if not empty and application != APPLICATION:
            raise StoreError(f"{self.path}: an SQLite file that nnsweep did not make; choose another --results folder")
        if version > VERSION:
            raise StoreError(
                f"{self.path}: written by a newer nnsweep (store version {version}; this one reads up to {VERSION}); "
                f"upgrade nnsweep, or choose another --results folder"
            )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        if empty:
            marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
            self._database.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {marks} COMMIT;")

    def _pragma(self, name: str) -> int:
        return self._database.execute(f"PRAGMA {name}").fetchone()[0]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._errors():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}; what is stored already was not touched") from error


def _row(run: int, trainer: Trainer, trial: Trial, outcome: Outcome) -> tuple[Any, ...]:
    settings = {name: label(value) for name, value in trial.settings.items()}
    values = (
        trial.id,
        trainer.name,
        trainer.version,
        _encode(trial.params),
        _encode(settings),
        outcome.status,
        _encode(outcome.metrics),
        _encode(outcome.history),
        outcome.failure,
        outcome.seconds,
        run,
    )
    return *values, _digest(values)


def _digest(values: Sequence[Any]) -> str:
    return blake2b(repr(tuple(values)).encode(), digest_size=8).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
