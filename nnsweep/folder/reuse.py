"""What is stored already under another name, or by an earlier version: nothing is trained twice for a name."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nnsweep.data import DataSource
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError, StoreError
from nnsweep.execution.command import command
from nnsweep.folder.paths import Folder
from nnsweep.folder.select import names
from nnsweep.store import Store
from nnsweep.store.rows import Row, has_ended
from nnsweep.trainers import BUILT_IN, Trainer
from nnsweep.trials.expand import expand
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import Ids, are_among, to_numbers, to_texts

NAMES = 20
"""Names of files that are tried, at most."""


class Copy(NamedTuple):
    """The row of a trial as it is to be stored, the folder that it was found in, and its id there."""

    row: Row
    folder: Folder
    found_as: str


Copies = dict[str, list[Copy]]
"""Rows by the place that they were found in, as it is shown."""


class Copier:
    """Finds trials that are missing in a folder, but stored elsewhere. It writes nothing, and reads ids once.

    Trials are looked for in the other folders beside it, and, under another name of the data's file or another version
    of the same source, in the folder itself. Trials that failed in another folder are not taken: they may do better.
    """

    def __init__(self, folder: Folder, sweep: Sweep, trainer: Trainer) -> None:
        self._folder, self._sweep, self._trainer = folder, sweep, trainer
        self._ids = cache(_ids_in)
        self._damaged = set[tuple[Path, str]]()
        self._former = [_of_version(sweep, trainer, version) for version in trainer.former_versions]

    def of(self, sweep: Sweep) -> Copier:
        """Find the trials of another sweep, with the same ids of other folders."""
        found = Copier(self._folder, sweep, self._trainer)
        found._ids, found._others, found._damaged = self._ids, self._others, self._damaged
        return found

    def pass_over(self, found: Copies, kept: Copies) -> bool:
        """Look no more at those that were found and not kept, as their files are damaged; whether there are any."""
        lost = {_place(each) for copies in found.values() for each in copies}
        lost -= {_place(each) for copies in kept.values() for each in copies}
        self._damaged |= lost
        return bool(lost)

    def find(self, trials: Grid, known: Ids) -> Copies:
        """Find the rows of those of a sweep's trials whose ids are not known, by the place where they stand."""
        others = (len(self._ids(folder.store)) for folder in self._others)
        if not (self._former or self._renamed_files or any(others)):
            return {}
        missing = trials.take(~are_among(trials.ids, known)).distinct
        wanted = _Wanted(missing, self._trainer.version, self._damaged)
        if not wanted.any:
            return {}
        own, named = Copies(), Copies()
        if self._former:
            names = [missing.ids, *(each.corresponding(missing).ids for each in self._former)]
            own = wanted.take(self._folder, self._ids(self._folder.store), names, lambda row: True)
        for other in self._renamed_files:
            names = [other.corresponding(missing).ids]
            _add(named, wanted.take(self._folder, self._ids(self._folder.store), names, lambda row: True))
        found = {f"{place}, stored by an earlier nnsweep": rows for place, rows in own.items()}
        found |= {f"{place}, under another name of the data's file": rows for place, rows in named.items()}
        names = [missing.ids, *(each.corresponding(missing).ids for each in (*self._former, *self._renamed_files))]
        for folder in self._others:
            if wanted.any:
                found |= wanted.take(folder, self._ids(folder.store), names, has_ended)
        return found

    @cached_property
    def _others(self) -> list[Folder]:
        root = self._folder.root
        found = names(root.parent) if root.parent.is_dir() else ()
        return [Folder(root.parent / name) for name in found if name != root.name]

    @cached_property
    def _renamed_files(self) -> list[Grid]:
        """The sweep under other names of its files of data that the store has."""
        keys = {(name, source.PLACE) for name, source in _data_sources(self._sweep) if source.PLACE}
        if not (keys and self._folder.has_store()):
            return []
        with Store.read(self._folder.store) as store:
            places = {place for name, key in keys for place in store.texts(name, key)}
        tried = sorted(places | {os.path.basename(os.path.normpath(place)) for place in places})[:NAMES]
        return [_under_name(self._sweep, self._trainer, place) for place in tried]


def _place(copy: Copy) -> tuple[Path, str]:
    return copy.folder.root, copy.found_as


def _add(copies: Copies, more: Copies) -> None:
    for place, rows in more.items():
        copies.setdefault(place, []).extend(rows)


def _ids_in(store: Path) -> Ids:
    """Read the ids of a store; none of one that is not there or cannot be read."""
    try:
        with Store.read(store) as opened:
            return opened.known()
    except StoreError:
        return to_numbers(())


def accept(store: Store, folder: Folder, sweep: Sweep, trials: Grid, trainer: Trainer) -> dict[str, int]:
    """Take what earlier versions of a trainer's source gave as what the present one gives; counts by version.

    The rows of the earlier versions stay, and the run that stores their copies says where these come from.

    Raises:
        NnsweepError: the trainer is a built-in one. StoreError: the store is damaged.
    """
    if trainer.name in BUILT_IN:
        raise NnsweepError(f"{sweep.name}: its trainer is built in, whose version changes where its numbers do")
    found, there = Copies(), store.known()
    missing = trials.take(~are_among(trials.ids, there)).distinct
    wanted = _Wanted(missing, trainer.version)
    for version in store.versions(trainer.name):
        if version != trainer.version:
            names = [_of_version(sweep, trainer, version).corresponding(missing).ids]
            taken = wanted.take(folder, there, names, lambda row: True).values()
            found[version] = [each for copies in taken for each in copies]
    kept = keep(store, "accepted", found)
    return {version: len(copies) for version, copies in kept.items()}


def keep(store: Store, what: str, found: Copies) -> Copies:
    """Store rows as a run of their own, which says where they come from, with what the trials printed and saved.

    A trial of which a file is damaged or lost is left out. Return the others.
    """
    printed: dict[str, str] = {}
    kept = {place: _with_files(store, copies, printed) for place, copies in found.items()}
    kept = {place: copies for place, copies in kept.items() if copies}
    if kept:
        number = store.begin_run({what: {place: len(copies) for place, copies in kept.items()}}, command())
        store.insert(number, [each.row for copies in kept.values() for each in copies], printed)
        store.end_run(number, 0, 0.0)
    return kept


def _with_files(store: Store, copies: Sequence[Copy], printed: dict[str, str]) -> list[Copy]:
    """Give the store the files of trials before the trials themselves; return those whose files are there."""
    from nnsweep.folder.artifacts import copy_saved

    lost: dict[tuple[Path, str], str] = {}
    for root in dict.fromkeys(each.folder.root for each in copies):
        ids = {each.found_as: each.row.id for each in copies if each.folder.root == root}
        with Store.read(Folder(root).store) as source:
            printed |= {ids[id]: text for id, text in source.all_printed(ids).items()}
            lost |= {(root, id): problem for id, problem in copy_saved(source, store, ids).items()}
    return [each for each in copies if (each.folder.root, each.found_as) not in lost]


class _Wanted:
    """Trials that are looked for; those that were found are so no more."""

    def __init__(self, trials: Grid, version: str, damaged: Collection[tuple[Path, str]] = ()) -> None:
        self._trials, self._version, self._damaged = trials, version, damaged
        self._missing = np.ones(len(trials), dtype=bool)

    @property
    def any(self) -> bool:
        return bool(self._missing.any())

    def take(self, folder: Folder, there: Ids, names: Sequence[Ids], fits: Callable[[Row], Any]) -> Copies:
        """Take from a folder, with these ids, what it has under one of several names of each trial, (trials,)."""
        places: dict[str, int] = {}
        for ids in names:
            rows = (are_among(ids, there) & self._missing).nonzero()[0]
            places |= zip(to_texts(ids[rows]).tolist(), rows.tolist(), strict=True)
        rows = list(self._copies(folder, places, fits)) if places else []
        return {str(folder.root): rows} if rows else {}

    def _copies(self, folder: Folder, places: Mapping[str, int], fits: Callable[[Row], Any]) -> Iterator[Copy]:
        try:
            with Store.read(folder.store) as store:
                rows = store.rows(sorted(places))
        except StoreError:
            return
        trials = dict(zip(places.values(), self._trials.take(list(places.values())), strict=True))
        for row in filter(fits, rows):
            place = places[row.id]
            if self._missing[place] and (folder.root, row.id) not in self._damaged:
                self._missing[place] = False
                trial = trials[place]
                same = trial.id == row.id and row.params == trial.params_json
                own = row if same else row._replace(id=trial.id, version=self._version, params=trial.params_json)
                yield Copy(own, folder, row.id)


def _of_version(sweep: Sweep, trainer: Trainer, version: str) -> Grid:
    """Give a sweep's trials the ids that they would have had under another version."""
    former = copy(trainer)
    former.version = version
    return expand(sweep, former)


def _under_name(sweep: Sweep, trainer: Trainer, place: str) -> Grid:
    """Give a sweep's trials the ids that they would have under another name of a file of data."""
    return expand(sweep, trainer, lambda source: source.named(place) if source.PLACE else source)


def _data_sources(sweep: Sweep) -> Iterator[tuple[str, DataSource]]:
    """The tables that a sweep has for values, with their parameters."""
    values = [*sweep.fixed.items(), *(pair for case in sweep.cases.values() for pair in case.items())]
    values += [(axis.parameter, value) for axis in sweep.axes for value in (*axis.values, *axis.added)]
    yield from ((name, value) for name, value in values if isinstance(value, DataSource))
