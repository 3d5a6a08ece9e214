"""One results folder, looked at again and again: its trials, its runs, its notes, or what is wrong with it."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.folder.notes import Notes, read_notes
from nnsweep.folder.paths import Folder
from nnsweep.serve.trials import LiveTrials
from nnsweep.store import is_held
from nnsweep.store.follow import Follower, News
from nnsweep.trainers.logged import History

WINDOW = 60.0
"""Seconds over which the speed of a run is measured."""


@dataclass
class Progress:
    """How far a sweep is."""

    state: str
    """`running`, `interrupted`, `finished`, `partial`, `empty` or `damaged`."""
    done: int = 0
    total: int = 0
    """Different trials of the grid; 0 while it is not known."""
    seconds_left: float | None = None
    """The expected time to the end of the run; None if it is not known."""


@dataclass(eq=False)
class LiveSweep:
    """What a results folder holds now. Whoever reads it, or looks for news, holds `lock`."""

    folder: Folder
    trials: LiveTrials | None = None
    """None until a run has stored which trials there are."""
    runs: list[dict[str, Any]] = field(default_factory=list)
    stored: int = 0
    notes: Notes = field(default_factory=Notes)
    problem: str = ""
    """Why the store cannot be read; empty if it can. What was read before stays."""
    notes_problem: str = ""
    """Why the notes cannot be read."""
    version: int = 0
    """Grows whenever anything has changed."""
    form: int = 0
    """Grows whenever its page has other cells, or other measures."""
    lock: RLock = field(default_factory=RLock)
    _held: bool = False
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._follower = Follower(self.folder.store)
        self._notes_stamp: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.root.name

    def refresh(self) -> None:
        """Look for news."""
        with self.lock:
            before = self._state()
            changed = self._refresh_store()
            changed = self._refresh_notes() or changed
            self.version += changed or before != self._state()

    def _state(self) -> tuple[Any, ...]:
        return self.problem, self._held

    def _refresh_store(self) -> bool:
        try:
            if not self.folder.has_store():
                raise NnsweepError(f"{self.folder.root}: no trials are stored here any more")
            news = self._follower.look()
        except NnsweepError as error:
            self.problem = str(error)
            self._follower.forget()
            return False
        self.problem = ""
        if news is not None:
            self._take(news)
        self._held = bool(self.runs) and self.runs[-1]["ended"] is None and is_held(self.folder.root)
        self._take_sample()
        return news is not None

    def _take(self, news: News) -> None:
        before, measured = self.trials, list(self.trials.values) if self.trials else []
        if news.restarted:
            self.trials = None if news.sweep is None else LiveTrials(news.sweep)
        if self.trials is not None:
            for added in news.added:
                self.trials.add(added.outcomes, added.numbers)
            self.form += before is None or not self.trials.is_like(before) or measured != list(self.trials.values)
        self.runs, self.stored = news.runs, news.stored

    def _refresh_notes(self) -> bool:
        stamp = None
        with suppress(OSError):
            found = self.folder.notes.stat()
            stamp = found.st_ino, found.st_mtime_ns
        if stamp == self._notes_stamp:
            return False
        self._notes_stamp = stamp
        self.notes, self.notes_problem = Notes(), ""
        try:
            self.notes = read_notes(self.folder)
        except NnsweepError as error:
            self.notes_problem = str(error)
        return True

    def _take_sample(self) -> None:
        if not self._held:
            self._samples.clear()
            return
        now = time.monotonic()
        self._samples.append((now, self.trials.done if self.trials else self.stored))
        while len(self._samples) > 2 and now - self._samples[1][0] > WINDOW:
            self._samples.popleft()

    @property
    def going(self) -> dict[str, History]:
        """What the trials in training have logged so far, by id; of a run that was killed, too."""
        return self._follower.logs.histories

    @property
    def progress(self) -> Progress:
        """Say how far it is."""
        done, total = (self.trials.done, self.trials.total) if self.trials else (self.stored, 0)
        if self.problem:
            return Progress("damaged", done, total)
        if self._held:
            return Progress("running", done, total, self._seconds_left(total))
        if self.runs and self.runs[-1]["ended"] is None:
            return Progress("interrupted", done, total)
        return Progress("empty" if not done else "finished" if done == total else "partial", done, total)

    def _seconds_left(self, total: int) -> float | None:
        (began, before), (now, done) = self._samples[0], self._samples[-1]
        if now - began < 2 or done <= before:
            return None
        return max(0.0, (total - done) * (now - began) / (done - before))
