"""Train what a plan says, store it as it comes, and record where, how long and at what cost."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

from nnsweep.computing import computing
from nnsweep.execution.backends.base import Keeper
from nnsweep.execution.block_plans import BlockPlans
from nnsweep.execution.diffs import pack_diff
from nnsweep.execution.dispatch import dispatch, dispatch_to_cluster
from nnsweep.execution.engines import choose_engine
from nnsweep.execution.environment import environment
from nnsweep.execution.events import Ended, Event, Listener, Progressed, Started, Warned
from nnsweep.execution.first_failures import FirstFailures
from nnsweep.execution.forecast import peak_memory
from nnsweep.execution.options import Options
from nnsweep.execution.origin import Origin
from nnsweep.execution.packages import IMPORTED, versions_of
from nnsweep.execution.place import Place, choose_place
from nnsweep.execution.progress import ProgressBar
from nnsweep.execution.signals import defer_signals
from nnsweep.execution.writer import BatchedWriter, Work
from nnsweep.status import FAILURES
from nnsweep.store import Store
from nnsweep.trainers import load

Record = dict[str, Any]
"""What `env.json` holds."""


class Notices(Listener):
    """Keeps the warnings that are to be said again when the run has ended."""

    def __init__(self, notices: list[str]) -> None:
        self._notices = notices

    def hear(self, event: Event) -> None:
        """Keep a lasting warning."""
        if isinstance(event, Warned) and event.lasting:
            self._notices.append(event.message)


class RunRecord(Listener):
    """What `env.json` says of a run: where it is, how many workers it has, and what the trainer imports there."""

    def __init__(self, record: Record) -> None:
        self.record, self._imported = record, set[str]()
        self._elsewhere = defaultdict[str, set[str]](set)

    def hear(self, event: Event) -> None:
        """Note how many workers train, also where workers take over from this process, and what they import."""
        if isinstance(event, Started):
            self.record["jobs"] = event.jobs
            self.record |= {"cluster": event.where} if event.where else {}
        if isinstance(event, Progressed):
            self._imported.update(event.imported)
            for package, version in event.versions.items():
                self._elsewhere[package].add(version)

    def find_versions(self) -> None:
        """Add the versions of the packages that the trainer imported, as they are installed where it trained."""
        with suppress(Exception):  # what other packages say of themselves may raise anything
            self.record["packages"] = versions_of(self._imported) | self.record["packages"]
        for package, found in self._elsewhere.items():  # of several, all: `1.26.4, 2.0.0`
            self.record["packages"] |= {package: ", ".join(sorted(found))}


def train(
    store: Store,
    plans: BlockPlans,
    trainer_name: str,
    options: Options,
    write_record: Callable[[Record], object],
    work: Work,
    find_origin: Callable[[], Origin] = Origin,
) -> None:
    """Train the stacks of plans and store each as it ends, cheap ones together, whatever ends the run.

    `write_record` is called with the content of `env.json` when the run begins, and when it ends or is interrupted.
    What is trained is added to `work`. `find_origin` tells what the sweep is made from, and is called if any trains.
    """
    if plans.first is None:
        return
    place = _place(store, plans, trainer_name, options)
    record = environment(place.jobs, place.timeout, find_origin()) | {
        "engine": place.engine,
        "started": _now(),
        "ended": None,
    }
    write_record(record)
    IMPORTED.begin()
    run, started = store.begin_run(pack_diff(record), record["command"]), time.perf_counter()
    writer = BatchedWriter(work, store, run, load(trainer_name))
    recorder = RunRecord(record)
    listeners = Notices(work.notices), recorder, ProgressBar(options.quiet), *options.listeners

    def emit(event: Event) -> None:
        for listener in listeners:
            listener.hear(event)

    def store_now() -> None:
        with defer_signals():
            writer.flush()

    plans.store_now = store_now
    try:
        with computing(place.engine, place.threads):
            _train(plans, trainer_name, place, options.fail_fast, writer, emit)
    finally:
        with defer_signals():
            try:
                writer.flush()
                work.seconds = time.perf_counter() - started
                recorder.find_versions()
                record |= {"ended": _now(), **_figures(work, plans)}
                store.end_run(run, work.trained, work.seconds, pack_diff(record))
                write_record(record)
            finally:
                emit(Ended(work.trained, work.seconds))


def _place(store: Store, plans: BlockPlans, trainer_name: str, options: Options) -> Place:
    assert plans.first is not None
    engine = choose_engine(plans.first, load(trainer_name), options.engine, plans.share)
    if options.scheduler is not None:
        return Place(1, options.timeout, here=False, scheduler=options.scheduler, engine=engine.engine)
    return choose_place(store, plans.first, trainer_name, options.jobs, options.timeout, plans.share, engine)


def _train(
    plans: BlockPlans,
    trainer_name: str,
    place: Place,
    fail_fast: bool,
    writer: BatchedWriter,
    emit: Callable[[Event], object],
) -> None:
    emit(plans.planned)
    plans.emit = emit
    if place.notice:
        emit(Warned(place.notice, lasting=True))
    first = FirstFailures(plans.planned.trials)
    with closing(_dispatch(plans, trainer_name, place, emit, writer.keeper)) as results:
        for progressed in results:
            with defer_signals():
                writer.add(progressed)
            emit(progressed)
            if said := first.check(progressed.outcomes):
                emit(Warned(said))
            if fail_fast and any(outcome.status in FAILURES for outcome in progressed.outcomes):
                break


def _dispatch(
    plans: BlockPlans, trainer_name: str, place: Place, emit: Callable[[Event], object], keeper: Keeper
) -> Generator[Progressed]:
    if place.scheduler:
        cost = plans.cost * plans.share
        return dispatch_to_cluster(trainer_name, plans, place.scheduler, place.timeout, cost, emit, keeper)
    return dispatch(trainer_name, plans, place, emit, keeper)


def _figures(work: Work, plans: BlockPlans) -> Record:
    """Give what a run took; where it came to its end, also what it was estimated to take, for forecasts."""
    found: Record = {
        "trials": work.trained,
        "seconds": work.seconds,
        "training_seconds": work.training,
        "overhead_seconds": work.overhead,
        "peak_memory": peak_memory(),
    }
    return found | ({"estimated_seconds": plans.cost} if work.trained == plans.planned.trials else {})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
