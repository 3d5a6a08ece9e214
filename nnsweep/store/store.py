"""`trials.db`: written by one process, read back whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.store import logged, printed, saved, sweep_record, tally
from nnsweep.store.batches import Batch, RowBatch, batches_of
from nnsweep.store.open import connect, connect_to_read
from nnsweep.store.reader import Reader
from nnsweep.store.record import check_presence, read_record, record_of, write_record
from nnsweep.store.rows import Row, digest, encode, storable
from nnsweep.store.trial_writer import TrialWriter
from nnsweep.trainers.logged import Part
from nnsweep.trainers.protocol import Outcome, Trainer
from nnsweep.trainers.saved import SavedFile
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import Ids, are_among, distinct, to_texts
from nnsweep.trials.trial import Trial

ROW = 100
"""About how many bytes a trial takes without its history."""


class Store(Reader):
    """Every trial of a results folder. A context manager; closed, it leaves one file.

    Several readers and one writer may have it open at once; `lock` keeps a second writer out.
    """

    _writer: TrialWriter | None = None

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open a store, or make an empty one where there is none.

        Raises:
            StoreError: not a store, a newer version's store, a file or folder that cannot be written, or a store that
                has lost trials.
        """
        if read_record(path) is not None:  # so that nothing is written of what is not as it was
            cls.read(path).close()
        return cls(path, connect(path))

    @classmethod
    def read(cls, path: Path) -> Store:
        """Open a store without writing anything; where there is none, it is empty.

        Raises:
            StoreError: not a store, a newer version's store, a file that cannot be read, or a store that has lost
                trials.
        """
        check_presence(path)
        return cls(path, connect_to_read(path))._checked()

    def begin_run(self, environment: Mapping[str, Any], command: str) -> int:
        """Record that a run starts, and return its number."""
        with self._access.transaction() as connection:
            (number,) = connection.execute("select coalesce(max(number), 0) + 1 from run").fetchone()
            row = (number, _now(), None, storable(command), storable(encode(environment)), None, None)
            connection.execute("insert into run values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, digest(row)))
        return number

    def end_run(self, number: int, trials: int, seconds: float, environment: Mapping[str, Any] | None = None) -> None:
        """Record that a run ended: how many trials it trained, its wall time in seconds, and its environment."""
        (run,) = [run for run in self.runs() if run["number"] == number]
        known = run["environment"] if environment is None else storable(encode(environment))
        end = {"environment": known, "ended": _now(), "trials": trials, "seconds": float(seconds)}
        row = tuple((run | end).values())
        with self._access.transaction() as connection:
            connection.execute("insert or replace into run values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, digest(row)))

    def add_runs(self, runs: Sequence[Mapping[str, Any]]) -> dict[int, int]:
        """Take over the runs of another store, as its `runs` gives them; return the number here of each of theirs.

        A run that is here already is known by when it started, its command and its host. It may have ended since.
        """
        known, numbers, rows = {_identify(run): run for run in self.runs()}, {}, []
        last = max((run["number"] for run in known.values()), default=0)
        for run in runs:
            here = known.get(_identify(run))
            if here is None:
                last += 1
            numbers[run["number"]] = number = last if here is None else here["number"]
            if here is None or (here["ended"] is None and run["ended"] is not None):
                row = tuple((dict(run) | {"number": number}).values())
                rows.append((*row, digest(row)))
        if rows:
            with self._access.transaction() as connection:
                connection.executemany("insert or replace into run values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return numbers

    def reject(self, folder: str, rows: Sequence[tuple[Row, int]]) -> None:
        """Keep results of stored trials that differ from theirs, each with the number of its run; see `rejected.py`."""
        from nnsweep.store import rejected

        if rows:
            with self._access.transaction() as connection:
                rejected.keep(connection, folder, rows)

    def write(
        self,
        run: int,
        trainer: Trainer,
        pairs: Iterable[tuple[Trial, Outcome]],
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Add trials, and the texts that they printed, in one transaction; replace stored trials with the same ids."""
        pairs = list({pair[0].id: pair for pair in pairs}.values())  # of several with one id, the last one counts
        trials = Grid.of([trial for trial, _ in pairs])
        self.write_grid(run, trainer, trials, [outcome for _, outcome in pairs], texts)

    def write_grid(
        self,
        run: int,
        trainer: Trainer,
        trials: Grid,
        outcomes: Sequence[Outcome],
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Add the trials of a grid, as `write` adds trials."""
        if outcomes:
            self._write(run, batches_of(trials, outcomes, trainer), texts)

    def log(self, id: str, part: Part) -> None:
        """Keep a part of what a trial logs until the trial is stored; its first part replaces all earlier ones."""
        with self._access.transaction() as connection:
            logged.keep(connection, id, part.number, part.data)

    def save(self, id: str, *files: SavedFile) -> None:
        """Keep which files a trial saved. The first one of a training replaces those of an earlier training."""
        with self._access.transaction() as connection:
            for file in files:
                saved.keep(connection, id, file)

    def insert(self, run: int, rows: Sequence[Row], texts: Mapping[str, str] | None = None) -> None:
        """Add rows, as `write` adds trials."""
        if rows:
            self._write(run, [RowBatch(rows)], texts)

    def _write(self, run: int, batches: Sequence[Batch], texts: Mapping[str, str] | None = None) -> None:
        if self._writer is None:
            with self._foreign():
                self._writer = TrialWriter(self._access, self.known())
        try:
            with self._access.transaction() as connection:
                new = np.concatenate([self._writer.write_batch(connection, run, batch) for batch in batches])
                tally.add(self._access, new)
                if texts or printed.is_there(connection):
                    ids = np.concatenate([batch.ids for batch in batches])
                    printed.keep(connection, to_texts(ids), texts or {})
                if logged.is_there(connection):
                    logged.forget(connection, to_texts(np.concatenate([batch.ids for batch in batches])))
        except BaseException:
            self._writer = None  # It remembers what was rolled back.
            raise
        if len(new):
            self._record()

    def _record(self) -> None:
        try:
            write_record(self.path, self._count())
        except OSError as error:
            raise StoreError(f"{record_of(self.path)}: {error.strerror}; what is stored already is safe") from error

    def remove(self, ids: Ids) -> int:
        """Remove trials and what they logged, if they are here; return how many trials there were.

        The record is lowered first: a store that holds more than its record says is sound, one that holds less is not.

        Raises:
            StoreError: the file cannot be written, or is damaged.
        """
        from nnsweep.store.remove import remove

        ids = distinct(ids)
        stored = ids[are_among(ids, self.known())].view(np.int64)
        held = self._count()
        left = held._replace(trials=held.trials - len(stored))
        try:
            write_record(self.path, left) if left.trials else record_of(self.path).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{record_of(self.path)}: {error.strerror}; nothing was removed") from error
        self._writer = None
        with self._access.transaction() as connection:
            remove(self._access, connection, ids.view(np.int64), stored)
        return len(stored)

    def room_of(self, ids: Ids) -> int:
        """Tell about how many bytes some trials take: their rows, and the histories that they may share with others."""
        rows = "select history from trial where id in (select value from json_each(?))"
        numbers = encode(ids.view(np.int64).tolist())
        found = self._access.rows(f"select sum(length(data)) from history where number in ({rows})", (numbers,))
        return ROW * len(ids) + int(found[0][0] or 0)

    def shrink(self) -> bool:
        """Give the room of what was removed back to the disk, if it has room for a copy; return whether it did."""
        try:
            self._access.connection.execute("vacuum")
        except sqlite3.Error:
            return False
        return True

    def describe(self, sweep: Sweep, metrics: Sequence[str], trials: Sequence[Trial]) -> None:
        """Store the sweep and its grid, and make the view `results` of it: one column per axis and metric."""
        sweep_record.keep(self._access, sweep, metrics, trials)
        held, written = self._count(), read_record(self.path)
        if held.trials and (written is None or written[:2] != held[:2]):  # An older nnsweep, or a full disk, left none.
            self._record()


def _identify(run: Mapping[str, Any]) -> tuple[str, ...]:
    try:
        host = json.loads(run["environment"]).get("host")
    except (ValueError, AttributeError, RecursionError):
        host = None
    return run["started"], run["command"], str(host)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
