"""Read `trials.db`. Everything is checked when it is read: rows against their digests, all ids against a tally."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, get_args

from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.status import Status
from nnsweep.store import contents, printed, sweep_record, tally
from nnsweep.store.access import Access
from nnsweep.store.bounded import Bounded
from nnsweep.store.migrate import check_pages
from nnsweep.store.record import Record, check_record
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
    read_params,
    to_outcomes,
)
from nnsweep.store.schema import RUN_COLUMNS
from nnsweep.store.sqlite_errors import AGAIN
from nnsweep.store.sweep_record import SweepRecord
from nnsweep.trainers.protocol import Outcome, Trainer
from nnsweep.trials.grid import Trial

WHOLE_AT_ONCE = 250
"""Rows that one query reads with all their columns: a history may be long."""
LATEST = 2000
"""Trials from which the time of new ones is estimated."""


class Reader:
    """What a store can be asked. A context manager."""

    def __init__(self, path: Path, connection: Bounded) -> None:
        """Use `Store.open` or `Store.read`."""
        self.path = path
        self._access = Access(path, connection)

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

    def ids(self) -> set[str]:
        """Return the ids of all stored trials, including those of earlier sweeps in this folder.

        Raises:
            StoreError: they are not those that were written.
        """
        found = {id for (id,) in self._access.rows("select id from trial")}
        tally.check(self._access, found)
        return found

    def confirm(self, trials: int) -> None:
        """Make sure that at least so many trials are stored, without reading their rows.

        Raises:
            StoreError: there are fewer.
        """
        ((found,),) = self._access.rows("select count(*) from trial")
        if found < trials:
            raise StoreError(f"{self.path}: it holds {found:,} of the {trials:,} trials that were stored; {AGAIN}")

    def outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """Read the outcomes of those trials that are stored, in the order of the ids.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return self._outcomes(ids, history=True)

    def final_outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """Read `outcomes` without histories, which takes less time and memory."""
        return self._outcomes(ids, history=False)

    def params(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Read the parameters of those trials that are stored.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return {row[ID]: read_params(row[PARAMS], str(self.path)) for rows in self._found(ids) for row in rows}

    def rows(self, ids: Iterable[str]) -> list[Row]:
        """Read those trials that are stored, as rows for `insert`.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return [row for rows in self._found(ids) for row in rows]

    def texts(self, parameter: str, key: str) -> list[str]:
        """List the distinct texts under `key`, where the value of `parameter` is a table."""
        query = "select distinct json_extract(params, ?) from trial"
        return [text for (text,) in self._access.rows(query, (f'$."{parameter}"."{key}"',)) if isinstance(text, str)]

    def having(self, ids: Collection[str]) -> set[str]:
        """Return those of the ids that are stored. Nothing is checked here; `rows` checks what it reads."""
        return {id for (id,) in self._access.rows("select id from trial") if id in ids}

    def versions(self, trainer: str) -> list[str]:
        """List the versions of a trainer that stored trials have, the most recently stored first."""
        query = "select version from trial where trainer = ? group by version order by max(rowid) desc"
        return [str(version) for (version,) in self._access.rows(query, (trainer,))]

    def _outcomes(self, ids: Iterable[str], history: bool) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        for rows in self._found(ids):
            found |= to_outcomes(rows, str(self.path), history=history)
        return found

    def _found(self, ids: Iterable[str]) -> Iterator[list[Row]]:
        """Yield the checked rows of trials, some at a time; then raise if the tally has a trial that was not found."""
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
        """Read the parameters (JSON) and the seconds of a trainer's latest trials that ended as `ok` or `diverged`.

        Trials of the trainer's present version, or of other versions if there are none.

        Raises:
            StoreError: a row is not as it was written.
        """
        rows = self._trials(
            "from trial where trainer = ? and status in ('ok', 'diverged') order by rowid desc limit ?",
            (trainer.name, LATEST),
        )
        for row in rows:
            read_params(row[PARAMS], str(self.path))
        same = [row for row in rows if row[VERSION] == trainer.version]
        return [(row[PARAMS], row[SECONDS]) for row in same or rows]

    def with_id_prefix(self, prefix: str) -> list[tuple[str, str, dict[str, Any]]]:
        """List id, trainer and parameters of the trials whose id starts with `prefix`.

        Raises:
            StoreError: a row is not as it was written.
        """
        rows = self._trials("from trial where substr(id, 1, ?) = ?", (len(prefix), prefix))
        return [(row[ID], row[TRAINER], read_params(row[PARAMS], str(self.path))) for row in rows]

    def stale(self, trials: Iterable[Trial], trainer: Trainer) -> int:
        """Count the stored trials that have another id but the parameters of one of these trials that is not stored.

        They were trained by another version of the trainer, or with other data. Once their trials are trained again or
        accepted, they no longer count.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        stored, asked = self.ids(), {trial.id: trial.params_json for trial in trials}
        params = {params for id, params in asked.items() if id not in stored}
        others = stored - asked.keys() if params else set()
        rows = (row for part in self._found(others) for row in part)
        return sum(row[TRAINER] == trainer.name and row[PARAMS] in params for row in rows)

    def printed(self, id: str) -> str:
        """Read what a trial printed when it was trained, or an empty text.

        Raises:
            StoreError: it is not as it was written.
        """
        return printed.read(self._access, id)

    def statuses(self) -> dict[str, int]:
        """Count the trials of each status, the most frequent first.

        Raises:
            StoreError: the number of trials differs from the tally. (The rows themselves are checked by `verify`.)
        """
        found = dict(self._access.rows("select status, count(*) from trial group by status order by 2 desc, 1"))
        if sum(found.values()) != tally.read(self._access).trials or not found.keys() <= set(get_args(Status)):
            raise StoreError(f"{self.path}: its trials are not those that were written; {AGAIN}")
        return found

    def missing(self) -> int:
        """Count the trials of the last grid that are not stored.

        Raises:
            StoreError: the file cannot be read.
        """
        unstored = "from grid left join trial on trial.id = grid.trial where trial.id is null"
        ((count,),) = self._access.rows(f"select count(distinct grid.trial) {unstored}")
        return count

    def verify(self) -> int:
        """Check every row, the tally and the structure of the file; return the number of trials.

        Raises:
            StoreError: something is not as it was written, or the file is damaged.
        """
        last, count = -1, 0
        for numbers in self._access.parts("select rowid from trial where rowid > ? order by rowid"):
            self._trials("from trial where rowid > ? and rowid <= ?", (last, numbers[-1][0]))
            last, count = numbers[-1][0], count + len(numbers)
        with self._access.translate_errors():
            check_pages(self._access.connection)
        self.ids()
        self.runs()
        sweep_record.check(self._access)
        printed.check(self._access)
        return count

    def sweep(self) -> Sweep | None:
        """Read the sweep that `describe` stored; None if no run has ended yet.

        Raises:
            StoreError: it is not as it was written.
        """
        return sweep_record.sweep(self._access)

    def sweep_record(self) -> SweepRecord | None:
        """Read everything that `describe` stored; None if no run has ended yet.

        Raises:
            StoreError: it is not as it was written.
        """
        return sweep_record.read(self._access)
