"""Read the trials of a store: their outcomes, their histories, what they were asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.errors import StoreError
from nnsweep.store import contents, tally
from nnsweep.store.access import Access, Ints
from nnsweep.store.block_outcomes import to_outcomes
from nnsweep.store.bounded import Bounded
from nnsweep.store.columns import Columns
from nnsweep.store.histories import History
from nnsweep.store.ids import is_id
from nnsweep.store.open import connect_to_read
from nnsweep.store.rows import FOREIGN, Row
from nnsweep.store.settings import Settings, read_settings
from nnsweep.store.sqlite_errors import AGAIN, damage
from nnsweep.store.trial_history import HistoryReader
from nnsweep.store.trial_reader import Block, TrialReader
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import Ids, are_among, places_among, to_numbers, to_texts
from nnsweep.trials.outcomes import FetchHistories, Outcomes

AT_ONCE = 10_000
"""Trials that one query reads."""
LAST = 2**62
"""A number that no trial has."""
WHOLE_AT_ONCE = 500
"""Trials that one query reads with their histories, which may be long."""


class TrialQueries:
    """What a store can be asked of its trials."""

    def __init__(self, path: Path, connection: Bounded) -> None:
        """Use `Store.open` or `Store.read`."""
        self.path = path
        self._access = Access(path, connection)
        self._trials = TrialReader(self._access)
        self._index: tuple[Any, Ids, Ints] | None = None

    def ids(self) -> set[str]:
        """Return the ids of all stored trials, including those of earlier sweeps in this folder.

        Raises:
            StoreError: they are not those that were written.
        """
        return set(to_texts(self.known()).tolist())

    def known(self) -> Ids:
        """Give the ids of all stored trials as numbers, sorted.

        Raises:
            StoreError: they are not those that were written.
        """
        return self._sorted()[0]

    def outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """Read the outcomes of those trials that are stored, in the order of the ids.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        asked = list(dict.fromkeys(ids))
        found: dict[str, Outcome] = {}
        for block in self._blocks(to_ids(asked), WHOLE_AT_ONCE):
            found |= self._to_outcomes(block)
        return {id: found[id] for id in asked if id in found}

    def columns(self, ids: Ids) -> Outcomes:
        """Read the outcomes of those of some trials that are stored as columns, in the order of the ids.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        with self._access.imaged(len(ids)):
            known, numbers = self._sorted()
            order = np.argsort(ids, kind="stable")
            ranked = ids[order]
            at = places_among(ranked, known)
            there = (at >= 0) & np.append(True, ranked[1:] != ranked[:-1])[: len(ids)]
            order, numbers = order[there], numbers[at[there]]
            by_number, is_there = np.argsort(numbers), np.zeros(len(ids), bool)
            is_there[order] = True
            rows, found = (np.cumsum(is_there) - 1)[order[by_number]], Columns(ids[is_there])
            start = 0
            for block in self._read(numbers[by_number], AT_ONCE):
                own = rows[start : start + len(block)]
                if not np.array_equal(found.ids[own], block.ids):
                    with self._access.translate_errors():
                        raise damage("trials out of order")
                with self._foreign():
                    found.add(block, own)
                start += len(block)
        return found.outcomes(self.fetch_histories)

    @property
    def fetch_histories(self) -> FetchHistories:
        """A function that reads the histories of some trials, also when this store is closed."""
        return partial(_fetch_histories, self.path)

    def histories(self, ids: Ids) -> Iterator[History]:
        """Read the histories of some stored trials, one after another.

        Raises:
            StoreError: one is not as it was written, or is lost.
        """
        for start in range(0, len(ids), WHOLE_AT_ONCE):
            texts = to_texts(ids[start : start + WHOLE_AT_ONCE]).tolist()
            found = self.outcomes(texts)
            if len(found) < len(set(texts)):
                raise StoreError(f"{self.path}: trials that were there are not there any more; {AGAIN}")
            yield from (found[id].history for id in texts)

    def rows(self, ids: Iterable[str]) -> list[Row]:
        """Read those trials that are stored, as rows for `insert`, in the order in which they were stored.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        return [row for block in self._blocks(to_ids(ids), WHOLE_AT_ONCE) for row in self._to_rows(block)]

    def stream(self) -> Iterator[list[tuple[Row, int]]]:
        """Read all trials, some at a time, each with the number of its run, in the order in which they were stored.

        A run may go on meanwhile: what it stores is read, too.

        Raises:
            StoreError: a row is not as it was written, or is lost.
        """
        last, read, least = -1, 0, len(self.known())
        while True:
            with self._access.snapshot():
                asked = "from trial where number > ? order by number limit ?"
                block = self._trials.block(asked, (last, WHOLE_AT_ONCE))
                if block is None:
                    break
                numbers = block.columns["number"].tolist()
                runs = self._access.numbered("trial", "run", numbers)
                rows = list(zip(self._to_rows(block), (run for (run,) in runs), strict=True))
            last, read = self._access.check_order(last, numbers[-1]), read + len(rows)
            yield rows
        if read < least:
            with self._access.translate_errors():
                raise damage("a trial that is there cannot be found")

    def runs_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Read the number of the run of each of those trials that are stored.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._access.snapshot():
            known, numbers = self._sorted()
            found = numbers[are_among(known, np.sort(to_ids(ids)))].tolist()
            return dict(self._access.numbered("trial", "printf('%016x', trial.id), run", found))

    def _to_rows(self, block: Block) -> list[Row]:
        outcomes = self._to_outcomes(block)
        return [
            Row(id, settings.trainer, settings.version, params, outcomes[id])
            for id, settings, params in self._params_of(block)
        ]

    def _to_outcomes(self, block: Block) -> dict[str, Outcome]:
        with self._foreign():
            return to_outcomes(block, HistoryReader(self._access, self._trials, block))

    @contextmanager
    def _foreign(self) -> Iterator[None]:
        """Say of values that nnsweep would not have written, under digests that match, that they are forged."""
        try:
            yield
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
            raise StoreError(f"{self.path}: {FOREIGN}") from None

    def _params_of(self, block: Block) -> Iterator[tuple[str, Settings, str]]:
        """Give id, settings and params (JSON) of the trials of a block."""
        settings = read_settings(self._access, np.unique(block.columns["settings"]).tolist())
        self._trials.check_shared(block.columns, "settings", settings)
        columns = (block.columns[name].tolist() for name in ("settings", "seed"))
        for id, number, seed in zip(to_texts(block.ids).tolist(), *columns, strict=True):
            yield id, settings[number], settings[number].with_seed(seed)

    def _parse(self, params: str) -> dict[str, Any]:
        with self._foreign():
            return contents.parse_params(params)

    def _sorted(self) -> tuple[Ids, Ints]:
        """Give the ids of all trials, sorted, and their numbers; they are read again when the file has changed.

        Raises:
            StoreError: they are not those that were written.
        """
        with self._access.snapshot():
            changes = self._access.rows("pragma data_version")[0][0], self._access.connection.total_changes
            if self._index is None or self._index[0] != changes:
                self._index = None
                found = self._read_ids()
                tally.check(self._access, found)
                order = np.argsort(found.view(np.uint64)).astype(np.min_scalar_type(len(found)))
                known = found.view(np.uint64)[order]
                del found  # of ten million trials, 80 MB
                self._index = changes, known, self._numbers(len(known))[order]
            return self._index[1:]

    def _read_ids(self) -> Ints:
        """Read the ids of all trials, in the order of their numbers."""
        columns = self._access.table("trial", np.dtype([("id", np.int64)]), 0, LAST)
        return self._access.integers("select id from trial order by number")[0] if columns is None else columns["id"]

    def _numbers(self, size: int) -> Ints:
        """Give the numbers of all trials, in their order."""
        ((first, last),) = self._access.rows("select min(number), max(number) from trial")
        if size and type(first) is type(last) is int and last - first + 1 == size:  # none was replaced
            return np.arange(first, last + 1, dtype=np.min_scalar_type(last))
        (numbers,) = self._access.integers("select number from trial order by number")
        return numbers.astype(np.min_scalar_type(numbers.max(initial=0)))

    def _blocks(self, asked: Ids, at_once: int = AT_ONCE) -> Iterator[Block]:
        """Yield the stored ones of some trials, in the order in which they were stored."""
        with self._access.snapshot():  # Another process may replace a trial.
            known, numbers = self._sorted()
            yield from self._read(np.sort(numbers[are_among(known, np.sort(asked))]), at_once)

    def _read(self, numbers: Ints, at_once: int) -> Iterator[Block]:
        """Yield the trials that have some numbers, given in ascending order."""
        for start in range(0, len(numbers), at_once):
            part = numbers[start : start + at_once]
            block = self._trials.numbered(part)
            if block is None or len(block) < len(part):
                with self._access.translate_errors():
                    raise damage("a trial that is there cannot be found")
            yield block


def to_ids(texts: Iterable[str]) -> Ids:
    """Convert ids to numbers, and leave out texts that are none."""
    return to_numbers(filter(is_id, texts))


def _fetch_histories(path: Path, ids: Ids) -> Iterator[History]:
    reader = TrialQueries(path, connect_to_read(path))
    with closing(reader._access):
        yield from reader.histories(ids)
