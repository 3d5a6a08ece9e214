"""What is stored already under another name, or by an earlier version: nothing is trained twice for a name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from nnsweep.data import DataSource
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.execution import command
from nnsweep.folder.paths import Folder
from nnsweep.folder.select import names
from nnsweep.store import Store
from nnsweep.store.rows import ID, PARAMS, STATUS, Row, relabel
from nnsweep.trainers import BUILT_IN, Trainer
from nnsweep.trainers.protocol import ENDED
from nnsweep.trials.grid import Trial, expand

NAMES = 20
"""Names of files that are tried, at most."""
Copies = dict[str, list[Row]]
"""Rows by the place that they were found in."""


def copies(folder: Folder, stored: Iterable[str], sweep: Sweep, trials: Sequence[Trial], trainer: Trainer) -> Copies:
    """Find the rows of trials that are not `stored` in a folder, but in another one beside it; nothing is written.

    Trials that failed in another folder are not taken: they may do better here.

    What an earlier nnsweep stored of the same source under another version is found too, and given its new id.
    """
    wanted = _Wanted(trials, {*stored}, trainer.version)
    for version in trainer.former_versions:
        wanted.add(_renamed(sweep, trials, trainer, version))
    own = wanted.take(folder, lambda row: True) if trainer.former_versions else {}
    named = wanted.take_named(folder, sweep, trials, trainer)
    return {
        **{f"{place}, stored by an earlier nnsweep": rows for place, rows in own.items()},
        **{f"{place}, under another name of the data's file": rows for place, rows in named.items()},
    } | {
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
    wanted = _Wanted(trials, store.ids(), trainer.version)
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

    def __init__(self, trials: Sequence[Trial], stored: set[str], version: str) -> None:
        self._params = {trial.id: trial.params_json for trial in trials if trial.id not in stored}
        self.missing, self._version = {*self._params}, version
        self.names: dict[str, str] = {id: id for id in self.missing}

    def add(self, renamed: Mapping[str, str]) -> None:
        self.names |= {old: new for old, new in renamed.items() if new in self.missing}

    def take_named(self, folder: Folder, sweep: Sweep, trials: Sequence[Trial], trainer: Trainer) -> Copies:
        """Take what a folder has of trials whose data were a file of the same content, but of another name."""
        keys = {(name, source.PLACE) for name, source in _data_sources(sweep) if source.PLACE}
        if not (self.missing and keys and folder.has_store()):
            return {}
        with Store.read(folder.store) as store:
            places = {place for name, key in keys for place in store.texts(name, key)}
        for place in sorted(places | {os.path.basename(os.path.normpath(place)) for place in places})[:NAMES]:
            others = expand(sweep, trainer, lambda source, place=place: source.named(place) if source.PLACE else source)
            self.add({old.id: new.id for old, new in zip(others, trials, strict=True)})
        return self.take(folder, lambda row: True)

    def take(self, folder: Folder, fits: Callable[[Row], Any]) -> Copies:
        """Take from a folder what is still missing; nothing from a store that cannot be read."""
        rows = list(self._rows(folder, fits)) if self.missing and self.names else []
        return {str(folder.root): rows} if rows else {}

    def _rows(self, folder: Folder, fits: Callable[[Row], Any]) -> Iterator[Row]:
        try:
            with Store.read(folder.store) as store:
                there = [id for id in store.having(self.names) if self.names[id] in self.missing]
                rows = store.rows(sorted(there)) if there else []
        except StoreError:
            return
        for row in filter(fits, rows):
            new = self.names[row[ID]]
            if new in self.missing:
                self.missing.remove(new)
                same = new == row[ID] and row[PARAMS] == self._params[new]
                yield row if same else relabel(row, new, self._version, self._params[new])


def _renamed(sweep: Sweep, trials: Sequence[Trial], trainer: Trainer, version: str) -> dict[str, str]:
    """Give the ids that trials have by the ids that they would have had under another version."""
    former = copy(trainer)
    former.version = version
    return {old.id: new.id for old, new in zip(expand(sweep, former), trials, strict=True)}


def _data_sources(sweep: Sweep) -> Iterator[tuple[str, DataSource]]:
    """The tables that a sweep has for values, with their parameters."""
    values = [*sweep.fixed.items(), *(pair for case in sweep.cases.values() for pair in case.items())]
    values += [(axis.parameter, value) for axis in sweep.axes for value in (*axis.values, *axis.added)]
    yield from ((name, value) for name, value in values if isinstance(value, DataSource))
