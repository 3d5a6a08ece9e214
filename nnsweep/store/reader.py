"""Read `trials.db`. Everything is checked when it is read: rows against their digests, all ids against a tally."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self, get_args

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.status import Status
from nnsweep.store import contents, logged, printed, saved, sweep_record, tally
from nnsweep.store.asked_queries import AskedQueries
from nnsweep.store.record import Record, check_record
from nnsweep.store.rows import digest
from nnsweep.store.schema import RUN_COLUMNS
from nnsweep.store.seal import find_seal
from nnsweep.store.sqlite_errors import AGAIN
from nnsweep.store.sweep_record import SweepRecord
from nnsweep.trainers.logged import History
from nnsweep.trainers.saved import SavedFile
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import Ids, are_among, distinct


class Reader(AskedQueries):
    """What a store can be asked. A context manager."""

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the one file, unless another reader still has it open."""
        self._access.close()

    def _checked(self) -> Self:
        try:
            check_record(self.path, self._count)
        except BaseException:
            self._access.connection.close()
            raise
        return self

    def _count(self) -> Record:
        began = self._access.rows("select started from run order by number limit 1")
        return Record(tally.read(self._access).trials, began[0][0] if began else None)

    def runs(self) -> list[dict[str, Any]]:
        """List the runs, oldest first, as the columns of the table `run`; `environment` is JSON text.

        Raises:
            StoreError: a row is not as it was written.
        """
        rows = self._access.rows(f"select {RUN_COLUMNS}, digest from run order by number")
        for *row, written in rows:
            if digest(row) != written:
                raise StoreError(f"{self.path}: run {row[0]} is not as it was written; {AGAIN}")
        runs: list[dict[str, Any]] = [dict(zip(RUN_COLUMNS.split(", "), row[:-1], strict=True)) for row in rows]
        try:
            for run in runs:
                contents.check_run(run)
        except contents.Foreign:
            raise StoreError(f"{self.path}: runs that nnsweep did not write; {AGAIN}") from None
        return runs

    def confirm(self, trials: int) -> None:
        """Make sure that at least so many trials are stored, without reading their rows.

        Raises:
            StoreError: there are fewer.
        """
        ((found,),) = self._access.rows("select count(*) from trial")
        if found < trials:
            raise StoreError(f"{self.path}: it holds {found:,} of the {trials:,} trials that were stored; {AGAIN}")

    def printed(self, id: str) -> str:
        """Read what a trial printed when it was trained, or an empty text.

        Raises:
            StoreError: it is not as it was written.
        """
        return printed.read(self._access, id)

    def all_printed(self, ids: Iterable[str]) -> dict[str, str]:
        """Read what each of some trials printed, if it printed anything.

        Raises:
            StoreError: it is not as it was written.
        """
        if not printed.is_there(self._access.connection):
            return {}
        return {id: text for id in ids if (text := self.printed(id))}

    def logged(self, ids: Iterable[str] | None = None) -> dict[str, History]:
        """Read what trials that are in training, or whose run was killed, have logged so far, by id.

        Raises:
            StoreError: it is not as it was written.
        """
        return logged.read(self._access, ids)

    def saved(self, ids: Iterable[str] | None = None) -> dict[str, list[SavedFile]]:
        """Read which files trials saved, by id.

        Raises:
            StoreError: a row is not as it was written.
        """
        return saved.read(self._access, ids)

    def statuses(self) -> dict[str, int]:
        """Count the trials of each status, the most frequent first.

        Raises:
            StoreError: the number of trials differs from the tally. (The rows themselves are checked by `verify`.)
        """
        query = "select status, count(*) from trial join shape on shape.number = trial.shape group by status"
        found = dict(self._access.rows(f"{query} order by 2 desc, 1"))
        if sum(found.values()) != tally.read(self._access).trials or not found.keys() <= set(get_args(Status)):
            raise StoreError(f"{self.path}: its trials are not those that were written; {AGAIN}")
        return found

    def statuses_of(self, run: int) -> dict[str, int]:
        """Count, by status, the trials that stand here as a run stored them.

        Raises:
            StoreError: the file cannot be read.
        """
        query = "select status, count(*) from trial join shape on shape.number = trial.shape where run = ?"
        return dict(self._access.rows(f"{query} group by status order by 2 desc, 1", (run,)))

    def missing(self) -> int:
        """Count the trials of the last grid that are not stored.

        Raises:
            StoreError: the file cannot be read.
        """
        (found,) = self._access.integers("select trial from grid")
        asked = distinct(found.view(np.uint64))
        return len(asked) - self.stored(asked)

    def stored(self, ids: Ids) -> int:
        """Count those of some trials, sorted and each once, that are stored.

        Raises:
            StoreError: the ids of the stored trials are not those that were written.
        """
        if tally.read(self._access) == (len(ids), tally.checksum(ids.view(np.int64))):
            return len(ids)  # these are all that were ever stored; the rows are checked when they are read
        return int(are_among(ids, self.known()).sum())

    def verify(self) -> int:
        """Check every row, the tally and the structure of the file, unless it is sealed; return the number of trials.

        Raises:
            StoreError: something is not as it was written, or the file is damaged.
        """
        return self._count().trials if find_seal(self.path) else self._verify_all()

    def _verify_all(self) -> int:
        from nnsweep.store import rejected
        from nnsweep.store.verify import verify

        count = verify(self._access, self._trials)
        self.runs()
        sweep_record.check(self._access)
        printed.check(self._access)
        logged.check(self._access)
        saved.read(self._access)
        rejected.check(self._access)
        return count

    def is_sound(self) -> bool:
        """Whether `verify` finds nothing."""
        try:
            self.verify()
        except StoreError:
            return False
        return True

    def sweep(self) -> Sweep | None:
        """Read the sweep that `describe` stored; None if no run has ended yet.

        Raises:
            StoreError: it is not as it was written.
        """
        return sweep_record.sweep(self._access)

    def has_grid(self, sweep: Sweep, trials: Grid) -> bool:
        """Whether `describe` stored these trials for the sweep, which is told without reading its grid.

        Raises:
            StoreError: its digest is not as it was written.
        """
        return sweep_record.has_grid(self._access, sweep, trials)

    def sweep_record(self) -> SweepRecord | None:
        """Read everything that `describe` stored; None if no run has ended yet.

        Raises:
            StoreError: it is not as it was written.
        """
        return sweep_record.read(self._access)
