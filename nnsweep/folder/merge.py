"""Join the stores of several results folders in one: nothing is trained, and those folders stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from nnsweep.errors import StoreError
from nnsweep.execution.progress import Progress
from nnsweep.files import read_file, write_file
from nnsweep.folder.artifacts import copy_saved
from nnsweep.folder.merged import Joined, Merged
from nnsweep.folder.notes import change_notes, read_notes
from nnsweep.folder.other_results import Machines, describe, is_same
from nnsweep.folder.paths import Folder
from nnsweep.store import Store, is_held, lock, read_record
from nnsweep.store.rows import FOREIGN, Row, has_ended
from nnsweep.trials.ids import KnownIds, are_among, to_numbers

REJECTED_AT_ONCE = 20_000
"""Other results that are kept in memory before they are written: writing makes the target's index be read again."""
Numbered = tuple[Row, int]
"""A row, and the number of its run."""


def merge(sources: Sequence[Folder], target: Folder, quiet: bool = True) -> Merged:
    """Join the stores of results folders in that of `target`, which may have trials already.

    A folder that cannot be read does not keep the others from being merged; what it has is merged as far as it can be
    read. The target shows the sweep that was run last of all.

    Raises:
        StoreError: the target cannot be written, or a run is using it.
    """
    merged, progress = Merged(target.root), Progress(sum(map(_expected, sources)), quiet)
    with lock(target.root), progress:
        target.make()
        with Store.open(target.store) as store:
            latest = _last_run(store)
            for source in sources:
                joined = Joined(source, running=is_held(source.root))
                merged.joined.append(joined)
                try:
                    with _opened(source) as opened:
                        latest = _show_latest(opened, source, store, target, latest)
                        _Join(opened, store, joined, progress).run()
                    joined.notes = _merge_notes(source, target)
                except _UnreadableError as error:
                    joined.problem = str(error)
            shown = store.sweep_record()
            if shown is not None:  # once more: merged trials may have brought metrics of other types
                store.describe(shown.sweep, shown.metrics, shown.trials)
            merged.stored = len(store.known())
    return merged


class _UnreadableError(Exception):
    """A store that is merged cannot be read, which does not concern the others."""


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise _UnreadableError(str(error)) from None


def _merge_notes(source: Folder, target: Folder) -> int:
    """Add the notes and tags of a folder to those of the target; return how many of them are new there."""
    with _reading():
        theirs = read_notes(source)
    return change_notes(target, lambda ours: ours.add_all(theirs)) if theirs else 0


def _expected(source: Folder) -> int:
    """Give how many trials a folder has, without opening its store; 0 where that is not known."""
    record = read_record(source.store)
    return 0 if record is None else record.trials


def _opened(source: Folder) -> Store:
    with _reading():
        if not source.has_store():
            raise StoreError(f"{source.root}: no trials are stored here")
        return Store.read(source.store)


def _last_run(store: Store) -> str:
    return max((run["started"] for run in store.runs()), default="")


def _show_latest(opened: Store, source: Folder, store: Store, target: Folder, latest: str) -> str:
    """Let the target show the sweep of a source that was run later than what it shows; return when that was."""
    with _reading():
        started = _last_run(opened)
        record = opened.sweep_record() if started > latest else None
    if record is None:
        return latest
    store.describe(record.sweep, record.metrics, record.trials)
    for ours, theirs in (
        (target.grid, source.grid),
        (target.resolved, source.resolved),
        (target.environment, source.environment),
    ):
        with suppress(FileNotFoundError):
            with _reading():
                content = read_file(theirs)
            write_file(ours, lambda path, content=content: path.write_bytes(content))
    return started


class _Join:
    """Copies the trials of one store to another: first those that are new there, then those whose results differ."""

    def __init__(self, source: Store, target: Store, joined: Joined, progress: Progress) -> None:
        self._source, self._target, self._joined, self._progress = source, target, joined, progress
        with _reading():
            self._theirs = {run["number"]: run for run in source.runs()}
        self._runs = target.add_runs(list(self._theirs.values()))
        self._known = target.known()
        self._different: list[Numbered] = []

    def run(self) -> None:
        """Copy."""
        again = self._copy_new()
        if again:
            self._compare()

    def _blocks(self) -> Iterator[list[Numbered]]:
        stream = self._source.stream()
        while True:
            with _reading():
                rows = next(stream, None)
                if rows is not None and not {run for _, run in rows} <= self._theirs.keys():
                    raise StoreError(f"{self._source.path}: {FOREIGN}")
            if rows is None:
                return
            yield rows

    def _copy_new(self) -> bool:
        """Copy the trials that the target does not have; return whether there are others."""
        added, others = KnownIds(to_numbers(())), False
        for rows in self._blocks():
            ids = to_numbers(row.id for row, _ in rows)
            is_new = ~are_among(ids, self._known) & ~are_among(ids, added.ids)
            self._insert([numbered for numbered, new in zip(rows, is_new.tolist(), strict=True) if new])
            added.add(ids[is_new])
            others = others or not is_new.all()
            self._joined.read += len(rows)
            self._joined.new += int(is_new.sum())
            self._progress.update(len(rows))
        return others

    def _insert(self, rows: Sequence[Numbered]) -> None:
        with _reading():
            texts = self._source.all_printed(row.id for row, _ in rows)
            # Files first: where a merge is killed in between, the next one finds that the trials are not there.
            problems = copy_saved(self._source, self._target, {row.id: row.id for row, _ in rows})
        self._joined.add_damaged(problems)
        for run in dict.fromkeys(run for _, run in rows):
            of_run = [row for row, number in rows if number == run]
            self._target.insert(self._runs[run], of_run, {row.id: texts[row.id] for row in of_run if row.id in texts})

    def _compare(self) -> None:
        """Compare the trials that both have, and keep those whose results differ."""
        for rows in self._blocks():
            there = {row.id: (row, run) for row, run in rows}
            here = {row.id: row for row in self._target.rows(there)}
            self._different += [
                (row, run) for id, (row, run) in there.items() if id in here and not is_same(row, here[id])
            ]
            if len(self._different) >= REJECTED_AT_ONCE:
                self._settle()
        self._settle()

    def _settle(self) -> None:
        """Keep both results of each trial: in its place the one that ended, of two such the target's."""
        different, self._different = self._different, []
        here = {row.id: row for row in self._target.rows(row.id for row, _ in different)}
        runs = self._target.runs_of(here)
        better = [each for each in different if has_ended(each[0]) and not has_ended(here[each[0].id])]
        worse = [each for each in different if not has_ended(each[0]) or has_ended(here[each[0].id])]
        self._target.reject(str(self._target.path.parent), [(here[row.id], runs[row.id]) for row, _ in better])
        self._insert(better)
        self._target.reject(str(self._source.path.parent), [(row, self._runs[run]) for row, run in worse])
        rejected = [each for each in worse if has_ended(each[0])]
        self._joined.replaced += len(better)
        self._joined.failed += len(worse) - len(rejected)
        self._joined.rejected += len(rejected)
        if rejected and not self._joined.difference:
            row, run = rejected[0]
            self._joined.difference = self._describe(row, self._theirs[run], here[row.id], runs[row.id])

    def _describe(self, there: Row, run: Mapping[str, Any], here: Row, number: int) -> str:
        (own,) = [each for each in self._target.runs() if each["number"] == number]
        machines = Machines(run["environment"], own["environment"])
        return f"of the first, {there.id}, {describe(there, here)}; {machines}"
