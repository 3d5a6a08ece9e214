"""Store outcomes as they come, several cheap ones in one transaction."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from nnsweep.defaults import ARTIFACTS
from nnsweep.execution.backends.base import Keeper
from nnsweep.execution.events import Progressed
from nnsweep.status import FAILURES
from nnsweep.store import Store
from nnsweep.trainers import Outcome, Trainer
from nnsweep.trainers.logged import Part
from nnsweep.trainers.returned import check
from nnsweep.trainers.saved import SavedFile, keep_file
from nnsweep.trials.grid import Grid

AT_STAKE = 0.1
"""Seconds of training that a kill may lose: stacks that took less wait for others, because a transaction takes time."""
MANY = 1_000
"""Trials of one stack that are worth a transaction: columns of several stacks would have to be made into outcomes."""


@dataclass
class Work:
    """How many trials were trained, and where the time went.

    `seconds` is wall time. `training` is the trainer's time, summed over workers. `overhead` is the time that this
    package needs: to expand the grid, to plan, to hand stacks over and their outcomes back, to store. Starting Python
    and workers, tables and figures are in neither. `left_out` says, by name, for how many trials something was returned
    that cannot be stored, and what it was for the first of them. `notices` are lines for the user.
    """

    trained: int = 0
    seconds: float = 0.0
    training: float = 0.0
    overhead: float = 0.0
    left_out: dict[str, tuple[int, str]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    copied: Mapping[str, int] = field(default_factory=dict)
    """How many trials were copied from other folders that had them, by folder."""
    steps: Counter[str] = field(default_factory=Counter)
    """`Computing.steps` of all trials."""


class BatchedWriter:
    """Stores what a run trained, and adds it up in a `Work`."""

    def __init__(self, work: Work, store: Store, run: int, trainer: Trainer) -> None:
        self._work, self._store, self._run, self._trainer = work, store, run, trainer
        self._pending: list[Progressed] = []
        self._flushed = time.perf_counter()
        self._lock, self._logs = Lock(), False
        self._artifacts = store.path.absolute().parent / ARTIFACTS

    @property
    def keeper(self) -> Keeper:
        """What trials log and save goes into the store, and into the folder `artifacts` beside it."""
        return Keeper(self._keep, self._artifacts)

    def _keep(self, id: str, kept: Part | SavedFile) -> None:
        """Store what a trial logs and saves, from any thread."""
        with self._lock:
            if isinstance(kept, Part):
                self._logs = True
                self._store.log(id, kept)
            elif self._has_content(id, kept):
                self._store.save(id, kept)

    def _has_content(self, id: str, saved: SavedFile) -> bool:
        """Put content that was sent into the folder; say so if there is no room."""
        if saved.data is None:
            return True
        try:
            keep_file(self._artifacts, saved.data)
        except OSError as error:
            said = f"`{saved.name}` of trial {id} is not stored: {self._artifacts}: {error.strerror}"
            self._work.notices.append(f"{said}; make room and train it again")
            return False
        return True

    def add(self, progressed: Progressed) -> None:
        """Take outcomes, and store them as soon as the pending ones are worth a transaction."""
        for name, what in (pair for left_out in progressed.left_out for pair in left_out.items()):
            count, first = self._work.left_out.get(name, (0, what))
            self._work.left_out[name] = count + 1, first
        self._work.steps.update(progressed.steps)
        many = len(progressed.outcomes) >= MANY
        if many:
            self.flush()
        self._pending.append(progressed)
        cheap = progressed.seconds > 0 and sum(each.seconds for each in self._pending) < AT_STAKE
        if many or not cheap or time.perf_counter() - self._flushed >= AT_STAKE:
            self.flush()

    def flush(self) -> None:
        """Store all pending trials in one transaction."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        began = time.perf_counter()
        several = [outcome for each in pending for outcome in each.outcomes] if len(pending) != 1 else []
        outcomes = pending[0].outcomes if len(pending) == 1 else several
        if outcomes:
            printed = {id: text for each in pending for id, text in each.printed.items()}
            trials = Grid.joined([Grid.of(each.trials) for each in pending])
            outcomes = self._with_logged(trials, outcomes) if self._logs else outcomes
            self._store.write_grid(self._run, self._trainer, trials, outcomes, printed)
        self._work.trained += len(outcomes)
        self._work.training += sum(each.seconds for each in pending)
        self._flushed = time.perf_counter()
        self._work.overhead += sum(each.overhead for each in pending) + self._flushed - began

    def _with_logged(self, trials: Grid, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Give trials whose worker died, or was killed, the curve that they had logged."""
        dead = {place: trials[place].id for place, outcome in enumerate(outcomes) if _is_cut_off(outcome)}
        logged = self._store.logged(dead.values()) if dead else {}
        found = list(outcomes)
        for place, id in dead.items():
            if id in logged:
                found[place] = check(replace(found[place], history=logged[id]), self._trainer).outcome
        return found


def _is_cut_off(outcome: Outcome) -> bool:
    return outcome.status in FAILURES and not outcome.history
