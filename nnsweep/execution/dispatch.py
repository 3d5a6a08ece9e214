"""Train stacks, in this process or on joblib's loky workers, and hand their outcomes over as they come."""

from __future__ import annotations

import os
import signal
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.execution.plan import Stack
from nnsweep.execution.worker import begin, train_stack
from nnsweep.grid import Trial
from nnsweep.trainers.protocol import Outcome

Ended = list[tuple[Trial, Outcome]]

DEATHS_ALLOWED = 3
"""How often a trial's worker may die before the trial is `crashed`; its last chance it has alone."""


def dispatch(trainer_name: str, stacks: Sequence[Stack], jobs: int) -> Generator[Ended]:
    """Train every trial exactly once and yield the outcomes, stack by stack, in the order in which they end.

    With one job training is done in this process, otherwise by that many workers. A worker that dies costs its own
    stack, which is trained again.

    Raises:
        NnsweepError: not every trial came back.
    """
    trained = in_process(trainer_name, stacks) if jobs == 1 else on_workers(trainer_name, stacks, jobs)
    returned: Counter[str] = Counter()
    for ended in trained:
        returned.update(trial.id for trial, _ in ended)
        yield ended
    submitted = Counter(trial.id for stack in stacks for trial in stack.trials)
    if returned != submitted:
        lost, twice = (submitted - returned).total(), (returned - submitted).total()
        raise NnsweepError(f"the workers lost {lost} trials and returned {twice} twice; run again to train the missing")


def in_process(trainer_name: str, stacks: Sequence[Stack]) -> Iterator[Ended]:
    """Train stacks one after the other in this process."""
    for stack in stacks:
        outcomes = train_stack(trainer_name, [trial.params for trial in stack.trials])
        yield list(zip(stack.trials, outcomes, strict=True))


def on_workers(trainer_name: str, stacks: Sequence[Stack], jobs: int) -> Iterator[Ended]:
    """Train stacks on loky workers, whatever becomes of these.

    Every worker is a pool of its own: the death of one breaks its pool, and leaves the others at their work.
    """
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    def start() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(max_workers=1, initializer=begin, initargs=(os.getpid(),))

    waiting, deaths = deque(stacks), Counter[str]()
    idle: list[Any] = []
    running: dict[Any, tuple[Stack, Any]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                stack = waiting.popleft()
                worker = idle.pop() if idle else start()
                params = [trial.params for trial in stack.trials]
                with _ctrl_c_ignored():
                    running[worker.submit(train_stack, trainer_name, params)] = stack, worker
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                stack, worker = running.pop(future)
                try:
                    outcomes = future.result()
                except BrokenProcessPool:  # of which TerminatedWorkerError is a kind
                    worker.shutdown(kill_workers=True)
                    deaths.update(trial.id for trial in stack.trials)
                    waiting.extend(_chances(stack, deaths))
                    outcomes = [_crashed() for trial in stack.trials if deaths[trial.id] == DEATHS_ALLOWED]
                else:
                    idle.append(worker)
                if outcomes:
                    yield list(zip(stack.trials, outcomes, strict=True))
    finally:
        for worker in (*idle, *(worker for _, worker in running.values())):
            worker.shutdown(kill_workers=True)


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """Ignore Ctrl-C while a worker is started: it inherits that, and leaves Ctrl-C to this process alone."""
    if current_thread() is not main_thread():  # which alone may say what is done with signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _chances(stack: Stack, deaths: Counter[str]) -> list[Stack]:
    """Put a stack whose worker died in line again: whole, then each trial alone, to find the one that kills."""
    died = deaths[stack.trials[0].id]
    if died < DEATHS_ALLOWED - 1:
        return [stack]
    cost = stack.cost / len(stack.trials)
    return [Stack((trial,), cost) for trial in stack.trials] if died < DEATHS_ALLOWED else []


def _crashed() -> Outcome:
    failure = f"the worker that trained it died {DEATHS_ALLOWED} times, the last time with this trial alone"
    return Outcome("crashed", failure=failure)
