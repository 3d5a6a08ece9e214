"""All sweeps of a results folder: those that a page looks at as `LiveSweep`, the others as `nnsweep ls` lists them."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.folder.catalog import Entry, entry
from nnsweep.folder.notes import read_notes
from nnsweep.folder.paths import Folder
from nnsweep.folder.select import names
from nnsweep.format import count_trials, did_you_mean
from nnsweep.serve.content import count_done
from nnsweep.serve.sweep import LiveSweep
from nnsweep.store import Store
from nnsweep.store.follow import stamp_of

KEPT = 8
"""Sweeps that are kept in memory."""
ID = re.compile(r"[0-9a-f]{6,16}")
"""What is searched among the ids of trials."""


@dataclass(frozen=True)
class Row:
    """A sweep in the list."""

    name: str
    state: str
    trials: str
    when: str
    description: str
    tags: tuple[str, ...]
    noted: tuple[str, ...]
    """The notes on it, and the tags of its trials: what is searched besides."""
    done: int = 0
    total: int = 0
    problem: str = ""

    def has(self, words: list[str]) -> bool:
        """Whether its name, description, tags, notes or state have all of some words."""
        texts = [self.name, self.description, self.state, *self.tags, *self.noted]
        return all(any(word in text.lower() for text in texts) for word in words)


class Listing:
    """Looks at every sweep of a folder."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self._live: OrderedDict[str, LiveSweep] = OrderedDict()
        self._known: dict[str, tuple[Any, Row]] = {}
        self._lock = RLock()

    def live(self, name: str) -> LiveSweep:
        """Give a sweep by its name.

        Raises:
            NnsweepError: there is none.
        """
        with self._lock:
            known = names(self.results)
            if name not in known:
                allowed = ", ".join(known) or "none"
                raise NnsweepError(f"no sweep `{name}` here; allowed: {allowed}{did_you_mean(name, known)}")
            found = self._live.pop(name, None) or LiveSweep(Folder(self.results / name))
            self._live[name] = found
            while len(self._live) > KEPT:
                self._live.popitem(last=False)
            return found

    def rows(self) -> list[Row]:
        """Describe every sweep, those that run first, then by name.

        Raises:
            NnsweepError: the folder cannot be read.
        """
        with self._lock:
            found = names(self.results)
            self._known = {name: self._known[name] for name in found if name in self._known}
            return sorted((self._row(name) for name in found), key=lambda row: row.state != "running")

    def _row(self, name: str) -> Row:
        folder = Folder(self.results / name)
        notes = folder.notes.stat().st_mtime_ns if folder.notes.is_file() else 0
        stamp, known = (stamp_of(folder.store), notes), self._known.get(name)
        if known is not None and known[0] == stamp and known[1].state != "running":
            return known[1]
        row = self._read(folder)
        self._known[name] = stamp, row
        return row

    def _read(self, folder: Folder) -> Row:
        found = entry(self.results, folder.root.name)
        row = _described(found, () if found.problem else [note.text for note in read_notes(folder).sweep.notes])
        return self._running(row) if found.running and not found.problem else row

    def _running(self, row: Row) -> Row:
        """Say of a sweep that runs how far it is."""
        live = self.live(row.name)
        live.refresh()
        with live.lock:
            progress = live.progress
        counted = count_done(progress)
        return Row(
            **{**vars(row), "state": progress.state, "trials": counted, "done": progress.done, "total": progress.total}
        )

    def find_trials(self, text: str) -> list[tuple[str, str]]:
        """Find trials whose id begins with a text: the name of the sweep, and the id."""
        found = []
        for name in names(self.results) if ID.fullmatch(text) else ():
            try:
                with Store.read(Folder(self.results / name).store) as store:
                    found += [(name, id) for id, _, _ in store.with_id_prefix(text)[:KEPT]]
            except NnsweepError:
                continue
        return found


def _described(found: Entry, notes: Sequence[str]) -> Row:
    tags, noted = tuple(found.tags), (*notes, *found.trial_tags)
    if found.problem is not None:
        return Row(found.name, "damaged", "", "", found.description, tags, noted, problem=found.problem)
    count = sum(found.statuses.values())
    state = "running" if found.running and not found.ended else "" if found.ended else "interrupted"
    state = state or ("partial" if found.missing else "finished" if count else "empty")
    ends = [f"{number:,} {status}" for status, number in found.statuses.items() if status != "ok"]
    left = [f"{found.missing:,} not trained yet"] if found.missing else []
    trials = ", ".join([count_trials(count), *ends, *left])
    when = f"{found.trained[:16].replace('T', ' ')} UTC" if found.trained else ""
    return Row(found.name, state, trials, when, found.description, tags, noted)
