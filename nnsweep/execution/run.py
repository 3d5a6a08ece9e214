"""Train what a plan says, store it as it comes, and keep the books: where, how long, and at what cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nnsweep.execution.alike import FirstFailures
from nnsweep.execution.dispatch import Ended, dispatch
from nnsweep.execution.environment import NOWHERE, environment
from nnsweep.execution.origin import Origin
from nnsweep.execution.place import choose_place
from nnsweep.execution.plan import Plan
from nnsweep.execution.progress import Progress
from nnsweep.execution.signals import held
from nnsweep.store import Store
from nnsweep.trainers import FAILURES, Outcome, Trainer, load

AT_STAKE = 0.1
"""Seconds of training that may wait for others to be stored with."""

Record = dict[str, Any]
"""What `env.json` holds."""


@dataclass(frozen=True)
class Options:
    """How trials are trained, which is no part of what they are.

    `jobs` workers (None: as many as the cost is worth), `timeout` seconds for a training, whether to stop at the first
    trial that fails, and whether to keep the progress to oneself.
    """

    jobs: int | None = None
    timeout: float | None = None
    fail_fast: bool = False
    quiet: bool = True


@dataclass
class Work:
    """What was trained, and where the time went.

    `seconds` is wall time. `training` is what the trainer took, summed over workers. `overhead` is what this package
    took besides: expanding the grid, planning, handing stacks over and their outcomes back, storing. Starting Python
    and workers, tables and figures are in neither. `left_out` tells, by name, of how many trials something was returned
    that is not stored, and what it was of the first of them; `notices` are lines to say besides.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    seconds: float = 0.0
    training: float = 0.0
    overhead: float = 0.0
    left_out: dict[str, tuple[int, str]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    copied: Mapping[str, int] = field(default_factory=dict)
    """How many trials were copied from which other folder, where they stood already."""


def train(
    store: Store,
    plan: Plan,
    trainer_name: str,
    options: Options,
    write_record: Callable[[Record], object],
    spent: float,
    origin: Origin = NOWHERE,
) -> Work:
    """Train a plan's stacks and store each as it ends, cheap ones together, whatever ends the run.

    `write_record` is called with what `env.json` is to say, when the run begins and when it ends or is interrupted;
    `spent` is the overhead so far, in seconds; `origin` is what the sweep is made from.
    """
    work = Work(overhead=spent)
    if not plan.new:
        return work
    trainer = load(trainer_name)
    place = choose_place(store, plan, trainer_name, options.jobs, options.timeout)
    work.notices += [place.notice] if place.notice else []
    record = environment(place.jobs, place.timeout, origin) | {"started": _now(), "ended": None}
    write_record(record)
    number, started = store.begin_run(record, record["command"]), time.perf_counter()
    books, first = _Books(work, store, number, trainer), FirstFailures(plan.new)
    try:
        with (
            Progress(plan.new, quiet=options.quiet) as progress,
            closing(
                dispatch(trainer_name, plan.stacks, place.jobs, place.timeout, place.here, place.then_workers)
            ) as results,
        ):
            if place.notice:
                progress.say(place.notice)
            for ended in results:
                if ended.notice:
                    work.notices.append(ended.notice)
                record["jobs"] = ended.jobs or record["jobs"]
                if not ended.pairs:
                    continue
                with held():
                    books.take(ended)
                progress.update(len(ended.pairs))
                if line := first.notice(outcome for _, outcome in ended.pairs):
                    progress.say(line)
                if options.fail_fast and any(outcome.status in FAILURES for _, outcome in ended.pairs):
                    break
    finally:
        with held():
            books.keep()
            work.seconds = time.perf_counter() - started
            record |= {"ended": _now(), **_figures(work)}
            store.end_run(number, len(work.outcomes), work.seconds, record)
            write_record(record)
    return work


class _Books:
    """Stores what ended. Cheap stacks wait for others, as a transaction may take longer than they did."""

    def __init__(self, work: Work, store: Store, number: int, trainer: Trainer) -> None:
        self._work, self._store, self._number, self._trainer = work, store, number, trainer
        self._waiting: list[Ended] = []
        self._kept = time.perf_counter()

    def take(self, ended: Ended) -> None:
        """Store what ended, unless all that waits took so little that a kill may cost it."""
        for name, what in (pair for left_out in ended.left_out for pair in left_out.items()):
            count, first = self._work.left_out.get(name, (0, what))
            self._work.left_out[name] = count + 1, first
        self._waiting.append(ended)
        cheap = ended.seconds > 0 and sum(each.seconds for each in self._waiting) < AT_STAKE
        if not cheap or time.perf_counter() - self._kept >= AT_STAKE:
            self.keep()

    def keep(self) -> None:
        """Store all that waits, in one transaction."""
        waiting, self._waiting = self._waiting, []
        began = time.perf_counter()
        pairs = [pair for ended in waiting for pair in ended.pairs]
        if pairs:
            printed = {id: text for ended in waiting for id, text in ended.printed.items()}
            self._store.write(self._number, self._trainer, pairs, printed)
        self._work.outcomes.update((trial.id, outcome) for trial, outcome in pairs)
        self._work.training += sum(ended.seconds for ended in waiting)
        self._kept = time.perf_counter()
        self._work.overhead += sum(ended.overhead for ended in waiting) + self._kept - began


def _figures(work: Work) -> Record:
    return {
        "trials": len(work.outcomes),
        "seconds": work.seconds,
        "training_seconds": work.training,
        "overhead_seconds": work.overhead,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
