"""What is stored already under another name, or by an earlier version: nothing is trained twice for a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from nnsweep.errors import NnsweepError, StoreError
from nnsweep.execution import command
from nnsweep.folder.select import names
from nnsweep.grid import Trial, expand
from nnsweep.report import Folder
from nnsweep.spec.sweep import Sweep
from nnsweep.store import Store
from nnsweep.store.rows import ID, STATUS, Row, relabel
from nnsweep.trainers import BUILT_IN, Trainer

ENDED = "ok", "diverged"
"""How trials ended that are taken from another folder: what failed there may do better here."""
Copies = dict[str, list[Row]]
"""Rows by the place that they were found in."""


def copies(folder: Folder, stored: Iterable[str], sweep: Sweep, trials: Sequence[Trial], trainer: Trainer) -> Copies:
    """Find the rows of trials that are not `stored` in a folder, but in another one beside it; nothing is written.

    What an earlier nnsweep stored of the same source under another version is found too, and given its new id.
    """
    wanted = _Wanted({trial.id for trial in trials} - {*stored}, trainer.version)
    for version in trainer.former_versions:
        wanted.add(_renamed(sweep, trials, trainer, version))
    own = wanted.take(folder, lambda row: True) if trainer.former_versions else {}
    return {f"{place}, stored by an earlier nnsweep": rows for place, rows in own.items()} | {
        place: rows
        for name in (names(folder.root.parent) if wanted.missing and folder.root.parent.is_dir() else ())
        if name != folder.root.name
        for place, rows in wanted.take(Folder(folder.root.parent / name), lambda row: row[STATUS] in ENDED).items()
    }


def accept(store: Store, folder: Folder, sweep: Sweep, trials: Sequence[Trial], trainer: Trainer) -> dict[str, int]:
    """Take what earlier versions of a trainer's source gave as what the present one gives; counts by version.

    The rows of the earlier versions stay, and the run that stores their copies says where these come from.

    Raises:
        NnsweepError: the trainer is a built-in one. StoreError: the store is damaged.
    """
    if trainer.name in BUILT_IN:
        raise NnsweepError(f"{sweep.name}: its trainer is built in, whose version changes where its numbers do")
    found: Copies = {}
    wanted = _Wanted({trial.id for trial in trials} - store.ids(), trainer.version)
    for version in store.versions(trainer.name):
        if version != trainer.version:
            wanted.names = _renamed(sweep, trials, trainer, version)
            found[version] = [row for rows in wanted.take(folder, lambda row: True).values() for row in rows]
    return keep(store, "accepted", found)


def keep(store: Store, what: str, found: Copies) -> dict[str, int]:
    """Store rows as a run of their own, which says where they come from; count them by place."""
    counts = {place: len(rows) for place, rows in found.items() if rows}
    if counts:
        number = store.begin_run({what: counts}, command())
        store.insert(number, [row for rows in found.values() for row in rows])
        store.end_run(number, 0, 0.0)
    return counts


class _Wanted:
    """The ids that are wanted, and under which ids their trials may be stored."""

    def __init__(self, missing: set[str], version: str) -> None:
        self.missing, self._version = missing, version
        self.names: dict[str, str] = {id: id for id in missing}

    def add(self, renamed: Mapping[str, str]) -> None:
        self.names |= {old: new for old, new in renamed.items() if new in self.missing}

    def take(self, folder: Folder, fits: Callable[[Row], Any]) -> Copies:
        """Take from a folder what is still missing; nothing from a store that cannot be read."""
        rows = list(self._rows(folder, fits)) if self.missing and self.names else []
        return {str(folder.root): rows} if rows else {}

    def _rows(self, folder: Folder, fits: Callable[[Row], Any]) -> Iterator[Row]:
        try:
            with Store.read(folder.store) as store:
                there = [id for id in store.ids() & self.names.keys() if self.names[id] in self.missing]
                rows = store.rows(sorted(there)) if there else []
        except StoreError:
            return
        for row in filter(fits, rows):
            new = self.names[row[ID]]
            if new in self.missing:
                self.missing.remove(new)
                yield row if new == row[ID] else relabel(row, new, self._version)


def _renamed(sweep: Sweep, trials: Sequence[Trial], trainer: Trainer, version: str) -> dict[str, str]:
    """Give the ids that trials have by the ids that they would have had under another version."""
    former = copy(trainer)
    former.version = version
    return {old.id: new.id for old, new in zip(expand(sweep, former), trials, strict=True)}
