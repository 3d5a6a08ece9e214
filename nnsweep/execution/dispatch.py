"""Have stacks trained by a backend, under a supervisor."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import islice
from operator import length_hint
from statistics import median

from nnsweep.computing import current
from nnsweep.defaults import NUMPY
from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import NO_KEEPER, Backend, Keeper
from nnsweep.execution.backends.local import LocalBackend
from nnsweep.execution.events import Event, Progressed, Started, Warned
from nnsweep.execution.place import Place, why_no_workers
from nnsweep.execution.plan import WORTH_SENDING, choose_jobs
from nnsweep.execution.rerun import Rerun
from nnsweep.execution.signals import defer_signals
from nnsweep.execution.sized_stacks import SizedStacks
from nnsweep.execution.stack import Stack
from nnsweep.execution.supervisor import Supervisor
from nnsweep.trainers import BUILT_IN, load
from nnsweep.trials.outcomes import ids_of

ENOUGH_STACKS, ENOUGH_SECONDS = 3, 0.5
"""Stacks, or seconds of training, after which it can be estimated how long the others take."""
DIED = "the worker that trained beside this process died, perhaps for lack of memory: another one took its place"
AHEAD = 3
"""Stacks that a worker beside this process has besides the one in training: it goes on while much is stored."""
RECENT = 9
"""How many of the last stacks in this process are taken for that: the latest are the best estimate of the next."""


def dispatch(
    trainer_name: str,
    stacks: Iterable[Stack],
    place: Place,
    emit: Callable[[Event], object] = lambda event: None,
    keeper: Keeper = NO_KEEPER,
) -> Generator[Progressed]:
    """Train every trial exactly once, and yield what became of them stack by stack, in the order in which they end.

    `emit` hears when training starts, and warnings. `keeper` takes what trials log and save.

    The first quick trial of a user's function is trained twice, to find functions that draw without their seed.

    Raises:
        NnsweepError: training cannot go on, or not every trial came back.
    """
    out = _HandedOut(stacks)
    supervisor = Supervisor(out, place.timeout)
    emit(Started(place.jobs, place.timeout))
    worker = _start_worker(trainer_name, keeper) if place.beside else None
    if worker is not None:
        events = _train_beside(worker, LocalBackend(trainer_name, keeper), supervisor)
    else:
        events = _train(trainer_name, supervisor, place, keeper)
    yield from _watched(events, trainer_name, supervisor, out, emit)


def dispatch_to_cluster(
    trainer_name: str,
    stacks: Iterable[Stack],
    scheduler: str,
    timeout: float | None = None,
    cost: float = 0.0,
    emit: Callable[[Event], object] = lambda event: None,
    keeper: Keeper = NO_KEEPER,
) -> Generator[Progressed]:
    """Train every trial exactly once on a Dask cluster, as `dispatch` does. The stacks cost so many seconds in all.

    Raises:
        NnsweepError: as `dispatch`, or the cluster cannot be used.
    """
    from nnsweep.execution.backends.dask import DaskBackend  # what it imports is an extra

    backend = DaskBackend(trainer_name, scheduler, lambda line: emit(Warned(line)), keeper)
    try:
        sized = SizedStacks(stacks, cost, lambda: backend.slots)
        out = _HandedOut(sized)
        supervisor = Supervisor(out, timeout)
        emit(Started(backend.slots, timeout, backend.where))
        for event in _watched(drive(backend, supervisor), trainer_name, supervisor, out, emit):
            sized.take_back(event)
            yield event
    finally:
        with defer_signals():
            backend.cancel()


def _watched(
    events: Iterable[Event],
    trainer_name: str,
    supervisor: Supervisor,
    out: _HandedOut,
    emit: Callable[[Event], object],
) -> Generator[Progressed]:
    """Pass on what has ended, have one trial trained twice, and make sure that all trials came back.

    Raises:
        NnsweepError: some did not.
    """
    rerun = trainer_name not in BUILT_IN and _is_function(trainer_name)
    for event in events:
        if not isinstance(event, Progressed):
            emit(event)
            continue
        out.take_back(event)
        if rerun and (again := Rerun.of_quick(event.pairs)) is not None:
            supervisor.rerun(again)
            rerun = False
        yield event
    out.check()


def _is_function(trainer_name: str) -> bool:
    from nnsweep.trainers.function import FunctionTrainer

    return isinstance(load(trainer_name), FunctionTrainer)


class _HandedOut(Iterator[Stack]):
    """Hands out stacks, and knows which of their trials have not come back."""

    def __init__(self, stacks: Iterable[Stack]) -> None:
        self._stacks, self._trials, self._twice = iter(stacks), set[int](), 0

    def __next__(self) -> Stack:
        stack = next(self._stacks)
        self._trials.update(ids_of(stack.trials).tolist())
        return stack

    def __length_hint__(self) -> int:
        return length_hint(self._stacks)

    def take_back(self, progressed: Progressed) -> None:
        ids, out = ids_of(progressed.trials).tolist(), len(self._trials)
        self._trials.difference_update(ids)
        self._twice += len(ids) - (out - len(self._trials))

    def check(self) -> None:
        """Make sure that every trial came back once.

        Raises:
            NnsweepError: some did not.
        """
        lost = len(self._trials) + sum(len(stack.trials) for stack in self._stacks)
        if lost or self._twice:
            said = f"the workers lost {lost} trials and returned {self._twice} twice"
            raise NnsweepError(f"{said}; run again to train the missing")


def _train(trainer_name: str, supervisor: Supervisor, place: Place, keeper: Keeper) -> Iterator[Event]:
    if not place.here:
        yield from drive(_processes(trainer_name, place.jobs, keeper), supervisor)
        return
    events = drive(LocalBackend(trainer_name, keeper), supervisor)
    if not place.then_workers:
        yield from events
        return
    jobs = yield from _until_workers_pay(events, supervisor, trainer_name)
    events.close()
    if jobs > 1:
        yield Started(jobs)
        yield from drive(_processes(trainer_name, jobs, keeper), supervisor)


def _start_worker(trainer_name: str, keeper: Keeper) -> Backend | None:
    """Start a worker; None if the system starts no process."""
    from nnsweep.execution.backends.processes import ProcessBackend  # imports multiprocessing

    backend = ProcessBackend(trainer_name, 1, keeper, AHEAD)
    try:
        backend.start()
    except NnsweepError:
        return None
    return backend


def _train_beside(worker: Backend, here: Backend, supervisor: Supervisor) -> Iterator[Event]:
    """Train by a worker, but the first stack in this process, while the worker gets ready.

    With compiled code the worker trains that one too: two processes would import the compiler, for one stack.
    """
    try:
        if current().engine == NUMPY:
            first = drive(here, supervisor)
            yield from islice(first, 1)
            first.close()
        yield from drive(worker, supervisor, DIED)
    finally:
        with defer_signals():
            worker.cancel()


def _processes(trainer_name: str, jobs: int, keeper: Keeper) -> Backend:
    from nnsweep.execution.backends.processes import ProcessBackend  # imports multiprocessing

    return ProcessBackend(trainer_name, jobs, keeper)


def _until_workers_pay(
    events: Iterator[Event], supervisor: Supervisor, trainer_name: str
) -> Generator[Event, None, int]:
    """Train in this process until the rest is seen to take long enough for workers; return how many, or 1 for none."""
    took: list[float] = []
    for event in events:
        yield event
        took += [event.seconds] if isinstance(event, Progressed) else []
        if len(took) >= ENOUGH_STACKS or sum(took) >= ENOUGH_SECONDS:
            each = median(took[-RECENT:])
            jobs = choose_jobs(each * supervisor.waiting, None) if each >= WORTH_SENDING else 1
            if jobs > 1 and supervisor.waiting > 1 and not why_no_workers(trainer_name):
                return jobs
    return 1


def drive(backend: Backend, supervisor: Supervisor, died: str = "") -> Generator[Progressed | Warned]:
    """Keep a backend busy until every trial has its outcome. It is cancelled in the end, whatever happens.

    `died` is what to say, once, if a worker dies.

    Raises:
        NnsweepError: there is a time limit, and the backend cannot keep it.
    """
    if supervisor.timeout is not None and not backend.keeps_timeout:
        raise NnsweepError(f"a time limit needs workers; found {supervisor.timeout:g} s for training in this process")
    try:
        while not supervisor.done:
            with defer_signals():
                _fill(backend, supervisor)
            if backend.is_elsewhere:
                supervisor.plan_ahead()
            report = backend.next()
            with defer_signals():
                event = supervisor.take(report)
                if backend.is_elsewhere:
                    _fill(backend, supervisor)  # trained while this process stores what has ended
            if died and backend.deaths:
                yield Warned(died, lasting=True)
                died = ""
            if event is not None:
                yield event
    finally:
        with defer_signals():
            backend.cancel()


def _fill(backend: Backend, supervisor: Supervisor) -> None:
    """Hand out stacks until the backend has no room for more."""
    while supervisor.in_training < backend.slots + backend.ahead and supervisor.waiting:
        stack = supervisor.next_stack()
        backend.submit(stack, supervisor.seconds_for(stack))
