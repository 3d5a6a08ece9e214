"""Reads what a store has got since the last look, beside the run that writes it.

Each look opens the file for some milliseconds: it keeps no lock, and lets the writer merge its log whenever it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nnsweep.store import tally
from nnsweep.store.access import AT_ONCE, Ints
from nnsweep.store.columns import Columns
from nnsweep.store.follow_logs import LogFollower
from nnsweep.store.store import Store
from nnsweep.store.sweep_record import SweepRecord
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.outcomes import Outcomes

LOGS = "", "-wal", "-journal"
"""What follows the names of the files that a writer changes."""

NEXT = "from trial where number > ? order by number limit ?"
DIGEST = "select digest from trial where number = ?"

INDEX = 48
"""Bytes at the start of the index of the log, which change with every commit."""

Stamp = tuple[Any, ...]


class Added(NamedTuple):
    """Trials that a store has got: their outcomes without histories, and their numbers in the store, (T,)."""

    outcomes: Outcomes
    numbers: Ints


@dataclass(frozen=True)
class News:
    """What is new in a store. After a restart, everything is: trials may have been replaced."""

    restarted: bool
    sweep: SweepRecord | None
    """The sweep that was last run here; None if no run has stored it yet."""
    added: list[Added]
    runs: list[dict[str, Any]]
    stored: int
    """The number of stored trials, of this sweep and of earlier ones."""


class _Last(NamedTuple):
    """The number and the digest of the last trial that was read."""

    number: int = -1
    digest: int = 0


@dataclass
class Follower:
    """Looks into one store again and again."""

    path: Path
    logs: LogFollower = field(default_factory=LogFollower)
    """What trials in training have logged."""
    _stamp: Stamp = ()
    _last: _Last = field(default_factory=_Last)
    _grid: str = ""
    _sweep: SweepRecord | None = field(default=None, repr=False)

    def look(self) -> News | None:
        """Read what is new; None if no file has changed since the last look.

        Raises:
            StoreError: the store is damaged, or is lost.
        """
        stamp = stamp_of(self.path)
        if stamp == self._stamp:
            return None
        with Store.read(self.path) as store:
            changed = self._read_sweep(store)
            restarted = changed or not self._is_there(store)
            if restarted:
                self._last = _Last()
            news = News(restarted, self._sweep, [], store.runs(), tally.read(store._access).trials)
            if self._sweep is not None:
                news.added.extend(self._added(store))
                self.logs.look(store._access)
        self._stamp = stamp
        return news

    def forget(self) -> None:
        """Read everything anew at the next look."""
        self._stamp, self._last, self._grid, self._sweep = (), _Last(), "", None
        self.logs = LogFollower()

    def _read_sweep(self, store: Store) -> bool:
        """Read the sweep if it has changed, and say whether it has."""
        found = store._access.rows("select digest from shown")
        grid = str(found[0][0]) if found else ""
        if grid == self._grid:
            return False
        self._sweep, self._grid = store.sweep_record(), grid
        return True

    def _is_there(self, store: Store) -> bool:
        """Whether the last trial that was read is stored as it was.

        A trial that is trained again gets a number after all others. If it was the last one, it may get the same.
        """
        number, digest = self._last
        return number < 0 or store._access.rows(DIGEST, (number,)) == [(digest,)]

    def _added(self, store: Store) -> Iterator[Added]:
        while True:
            with store._access.snapshot():  # a short one: some writers wait for readers
                block = store._trials.block(NEXT, (self._last.number, AT_ONCE))
                if block is None:
                    return
                number = store._access.check_order(self._last.number, int(block.columns["number"][-1]))
                ((digest,),) = store._access.rows(DIGEST, (number,))
            columns = Columns(block.ids)
            with store._foreign():
                columns.add(block, np.arange(len(block)))
            self._last = _Last(number, digest)
            yield Added(columns.outcomes(lambda ids: ({} for _ in ids)), block.columns["number"].astype(np.int64))


def read_whole(path: Path, numbers: Sequence[int]) -> dict[str, Outcome]:
    """Read the outcomes of a few trials with their histories, by their numbers in the store; none that is gone.

    Raises:
        StoreError: the store is damaged, or is lost.
    """
    if not numbers:
        return {}
    with Store.read(path) as store, store._access.snapshot():
        block = store._trials.numbered(np.sort(np.array(numbers, dtype=np.int64)))
        return {} if block is None else store._to_outcomes(block)


def stamp_of(store: Path) -> Stamp:
    """Tell states of a store apart without opening it: number, size and time of its files, and the log's last commit.

    A commit is in the log some time before SQLite's index of the log (`-shm`) says so, and readers see it.
    """
    found: list[Any] = []
    for log in LOGS:
        with suppress(OSError):
            each = store.with_name(store.name + log).stat()
            found.append((log, each.st_ino, each.st_size, each.st_mtime_ns))
    with suppress(OSError), store.with_name(f"{store.name}-shm").open("rb", buffering=0) as index:
        found.append(index.read(INDEX))
    return tuple(found)
