"""Train stacks, in this process or on joblib's loky workers, and hand their outcomes over as they come."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from statistics import median

from nnsweep.errors import NnsweepError
from nnsweep.execution.place import why_no_workers
from nnsweep.execution.plan import Stack, choose_jobs
from nnsweep.execution.signals import held
from nnsweep.execution.worker import Trained, train_stack
from nnsweep.execution.workers import Worker, next_of, params_of
from nnsweep.trainers import load
from nnsweep.trainers.difference import difference
from nnsweep.trainers.function import FunctionTrainer
from nnsweep.trainers.protocol import Outcome
from nnsweep.trainers.returned import LeftOut
from nnsweep.trials.grid import Trial


@dataclass(frozen=True)
class Ended:
    """What became of trials that ended together.

    `seconds` is how long the trainer took. `overhead` is the other seconds between handing the stack over and
    having its outcomes: pickling, two pipes, and waiting until the outcomes are fetched. `left_out` is what the trainer
    returned that is not stored, `printed` what it printed, by the id of the stack's first trial. `notice` is a line to
    say, of no trials or besides them.
    """

    pairs: list[tuple[Trial, Outcome]] = field(default_factory=list)
    seconds: float = 0.0
    overhead: float = 0.0
    left_out: Sequence[LeftOut] = ()
    notice: str = ""
    jobs: int = 0
    """How many workers take over from now on, if any do."""
    printed: Mapping[str, str] = field(default_factory=dict)


DEATHS_ALLOWED = 3
"""How often a trial's worker may die before the trial is `crashed`; its last chance it has alone."""


MEASURED, LONG_ENOUGH = 3, 0.5
"""Stacks, or seconds of training, that tell how long others take."""
LOOKED_AT = 9
"""Of many stacks in this process, the last that are looked at: these tell best how long the next take."""

TWICE_BELOW = 1.0
"""Seconds that a trial may have taken which is trained a second time, to see whether it gives the same."""


@dataclass(frozen=True)
class Again(Stack):
    """A trial that is trained a second time: its first outcome is the one that counts."""

    first: Outcome = field(kw_only=True)

    @property
    def silent(self) -> bool:
        """Whether what it prints goes nowhere: it has been printed before."""
        return True

    def held_against(self, outcome: Outcome) -> Ended:
        """Say where the second outcome differs from the first, if it does."""
        differs = difference(self.first, outcome)
        if differs is None:
            return Ended()
        said = f"trial {self.trials[0].id}, trained a second time, did not give the same ({differs})"
        return Ended(notice=f"{said}: it draws on what `seed` does not set, and its results cannot be repeated")


def dispatch(
    trainer_name: str,
    stacks: Sequence[Stack],
    jobs: int,
    timeout: float | None = None,
    here: bool | None = None,
    then_workers: bool = False,
) -> Generator[Ended]:
    """Train every trial exactly once and yield what became of them, stack by stack, in the order in which they end.

    Training is done in this process, by default with one job and no timeout, or else by that many workers. A worker
    that dies costs its own stack, which is trained again. A stack may take `timeout` seconds for each of its trainings;
    one that takes longer is trained again trial by trial, and a trial that takes longer alone ends as `timeout`.

    With `then_workers` the first stacks are trained in this process, and the others by workers if they are worth them.

    The first quick trial of a user's function is trained a second time: one that draws without its seed is told.

    Raises:
        NnsweepError: not every trial came back.
    """
    here, waiting = jobs == 1 and timeout is None if here is None else here, deque(stacks)
    start = _measured_first if then_workers else in_process
    trained = start(trainer_name, waiting) if here else on_workers(trainer_name, waiting, jobs, timeout)
    returned: Counter[str] = Counter()
    twice = isinstance(load(trainer_name), FunctionTrainer)
    for ended in trained:
        returned.update(trial.id for trial, _ in ended.pairs)
        if twice and (again := _again(ended)) is not None:
            waiting.appendleft(again)
            twice = False
        yield ended
    submitted = Counter(trial.id for stack in stacks for trial in stack.trials)
    if returned != submitted:
        lost, twice = (submitted - returned).total(), (returned - submitted).total()
        raise NnsweepError(f"the workers lost {lost} trials and returned {twice} twice; run again to train the missing")


def _again(ended: Ended) -> Again | None:
    quick = [(trial, first) for trial, first in ended.pairs if first.status == "ok" and first.seconds < TWICE_BELOW]
    return Again((quick[0][0],), quick[0][1].seconds, first=quick[0][1]) if quick else None


def in_process(trainer_name: str, waiting: deque[Stack]) -> Iterator[Ended]:
    """Train stacks one after the other in this process."""
    while waiting:
        stack = waiting.popleft()
        handed = time.perf_counter()
        yield _ended(stack, train_stack(trainer_name, params_of(stack), silent=stack.silent), handed)


def _measured_first(trainer_name: str, waiting: deque[Stack]) -> Iterator[Ended]:
    """Train in this process until it is seen that the rest takes long enough to be worth workers."""
    took: list[float] = []
    for ended in in_process(trainer_name, waiting):
        yield ended
        took += [ended.seconds] if ended.pairs else []
        if len(took) >= MEASURED or sum(took) >= LONG_ENOUGH:
            jobs = choose_jobs(median(took[-LOOKED_AT:]) * len(waiting), None)
            if jobs > 1 and len(waiting) > 1 and not why_no_workers(trainer_name):
                yield Ended(jobs=jobs)
                yield from on_workers(trainer_name, waiting, jobs)
                return


def on_workers(trainer_name: str, waiting: deque[Stack], jobs: int, timeout: float | None = None) -> Iterator[Ended]:
    """Train stacks on loky workers, whatever becomes of these.

    Every worker is a pool of its own: the death of one breaks its pool, and leaves the others at their work.
    """
    crew = _Crew(trainer_name, waiting, jobs, timeout)
    try:
        while crew.waiting or crew.busy:
            with held():
                crew.hand_out()
            worker, late = next_of(crew.busy, crew.done)
            with held():
                ended = crew.fetch(worker, late)
            if ended is not None:
                yield ended
    finally:
        with held():
            crew.end()


class _Crew:
    """Workers, the stacks that wait for them, and how often the worker of each trial died."""

    def __init__(self, trainer_name: str, waiting: deque[Stack], jobs: int, timeout: float | None) -> None:
        self.waiting, self.done = waiting, SimpleQueue[Worker]()
        self.idle: list[Worker] = []
        self.busy: list[Worker] = []
        self.deaths = Counter[str]()
        self._trainer_name, self._jobs, self._timeout = trainer_name, jobs, timeout

    def hand_out(self) -> None:
        """Keep as many workers busy as there are jobs, and start those that are not there."""
        while self.waiting and len(self.busy) < self._jobs:
            stack = self.waiting.popleft()
            worker = self._idle_with(stack) or Worker(self._trainer_name, stack, self._timeout, self.done)
            self.busy.append(worker)

    def _idle_with(self, stack: Stack) -> Worker | None:
        while self.idle:
            worker = self.idle.pop()
            if worker.train(stack):
                return worker
            worker.end()
        return None

    def fetch(self, worker: Worker, late: bool) -> Ended | None:
        """Take what a worker has made, if anything. What it leaves undone stands in line again."""
        from joblib.externals.loky.process_executor import BrokenProcessPool

        if late:
            return self._leave(worker, *self._after_timeout(worker.stack))
        try:
            trained = worker.result()
        except BrokenProcessPool:  # of which TerminatedWorkerError is a kind
            return self._leave(worker, *self._after_death(worker.stack))
        except NnsweepError:
            raise
        except Exception as error:
            return self._leave(worker, *_after_loss(worker.stack, error))
        if trained is None:
            return None if worker.train(worker.stack) else self._leave(worker, *self._after_death(worker.stack))
        self.busy.remove(worker)
        self.idle.append(worker)
        return _ended(worker.stack, trained, worker.handed)

    def _leave(self, worker: Worker, again: Sequence[Stack], outcomes: list[Outcome]) -> Ended | None:
        self.busy.remove(worker)
        worker.end()
        self.waiting.extend(again)
        return _ended(worker.stack, Trained(outcomes, 0.0), time.perf_counter()) if outcomes else None

    def _after_death(self, stack: Stack) -> Fate:
        """Whole again, then each trial alone, to find the one that kills; then it is `crashed`."""
        if isinstance(stack, Again):
            return [], [Outcome("crashed")]
        self.deaths.update(trial.id for trial in stack.trials)
        died = self.deaths[stack.trials[0].id]
        if died < DEATHS_ALLOWED - 1:
            return [stack], []
        return (_alone(stack), []) if died < DEATHS_ALLOWED else ([], [CRASHED])

    def _after_timeout(self, stack: Stack) -> Fate:
        if len(stack.trials) > 1:
            return _alone(stack), []
        assert self._timeout is not None
        failure = f"it took longer than the {self._timeout:g} seconds of `timeout`, trained alone"
        return [], [Outcome("timeout", seconds=self._timeout, failure=failure)]

    def end(self) -> None:
        """Kill every worker."""
        for worker in (*self.idle, *self.busy):
            worker.end()


Fate = tuple[list[Stack], list[Outcome]]
"""What to train again of a stack, and what became of its trials if nothing."""

CRASHED = Outcome(
    "crashed", failure=f"the worker that trained it died {DEATHS_ALLOWED} times, the last time with this trial alone"
)


def _after_loss(stack: Stack, error: Exception) -> Fate:
    """What a trainer returned could not be sent: whose fault it was, each trial alone will tell."""
    if len(stack.trials) > 1:
        return _alone(stack), []
    return [], [Outcome("failed", failure=f"its outcome could not be sent by the worker: {error!r}")]


def _alone(stack: Stack) -> list[Stack]:
    return [Stack((trial,), stack.cost / len(stack.trials)) for trial in stack.trials]


def _ended(stack: Stack, trained: Trained, handed: float) -> Ended:
    if isinstance(stack, Again):
        return stack.held_against(trained.outcomes[0])
    overhead = time.perf_counter() - handed - trained.seconds
    pairs = list(zip(stack.trials, trained.outcomes, strict=True))
    printed = {stack.trials[0].id: trained.printed} if trained.printed else {}
    return Ended(pairs, trained.seconds, overhead, trained.left_out, printed=printed)
