"""Decide what is trained next, and what is trained again after a death or a timeout. Nothing here drives a process."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from operator import length_hint

from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import Died, Overran, Report, StackResult, Trained
from nnsweep.execution.bisection import Suspects, alone, bisect
from nnsweep.execution.events import Progressed, Warned
from nnsweep.execution.rerun import Rerun
from nnsweep.execution.stack import Stack, Training
from nnsweep.trainers.protocol import Outcome

DEATHS_ALLOWED = 3
"""How often a trial's worker may die, the last time with this trial alone, before the trial is `crashed`."""
STARTS_ALLOWED = 30
"""How many workers may die one after the other before they begin to train."""


@dataclass(frozen=True)
class Retry:
    """What is trained after a stack has ended, and the outcome of its only trial if that is not trained again."""

    stacks: Sequence[Stack] = ()
    outcome: Outcome | None = None


class Supervisor:
    """Holds the stacks that wait, hands them out, and takes the report about each. Every trial gets one outcome.

    A stack whose worker died is trained again as it was, because most deaths are accidents. If its worker dies again,
    one of the trials kills it, and the stack is bisected: half of the suspects are trained, and the half with the
    killer is halved again. Trials that are not suspects any more wait until the killer is found, and are then trained
    together. With one killer among n trainings that takes at most ⌈log₂ n⌉ + 2 trainings of parts. Trials that are one
    training, read off at several epochs, are parted last.

    A stack that overran says nothing of which trial hangs, and half of it says nothing before half of its time is over.
    So it is not bisected: each training gets a stack of its own, and its own time.
    """

    def __init__(self, stacks: Iterable[Stack], timeout: float | None = None) -> None:
        """Take stacks, each from the iterator when a worker is free: they may be planned while others train."""
        self._stacks = iter(stacks)
        self._next: Stack | None = None
        self._first, self._last = deque[Stack](), deque[Stack]()
        self.in_training = 0
        """How many stacks were handed out, without a report about them yet."""
        self.timeout = timeout
        self._deaths = Counter[str]()
        self._failed_starts = 0
        self._trainings: dict[str, Training] = {}
        """The whole training of each trial that is, or was, a suspect."""
        self._akin = set[str]()
        """Trials that share a training with a crashed trial: most of them kill their worker, too."""

    @property
    def waiting(self) -> int:
        """Count the stacks that wait, of those not planned yet by an estimate; 0 if there are none."""
        known = len(self._first) + len(self._last)
        return known if self._peek() is None else known + 1 + length_hint(self._stacks)

    @property
    def done(self) -> bool:
        """Whether every trial has its outcome."""
        return not self.in_training and not self.waiting

    def next_stack(self) -> Stack:
        """Hand out a stack that waits. `take` must be called with the report about it."""
        self.in_training += 1
        if self._first:
            return self._first.popleft()
        stack, self._next = self._peek(), None
        return self._last.popleft() if stack is None else stack

    def plan_ahead(self) -> None:
        """Have the next stack planned, which may take a while, before a worker is free for it."""
        self._peek()

    def _peek(self) -> Stack | None:
        if self._next is None:
            self._next = next(self._stacks, None)
        return self._next

    def seconds_for(self, stack: Stack) -> float:
        """How long a stack may take: the time of all its trainings."""
        return inf if self.timeout is None else self.timeout * len(stack.trainings)

    def rerun(self, stack: Rerun) -> None:
        """Have a trial trained a second time, before all others."""
        self._first.appendleft(stack)

    def take(self, report: Report) -> Progressed | Warned | None:
        """Take a report, decide what is trained again, and give the trials that have their outcome by it.

        Raises:
            NnsweepError: no worker lives until it can train.
        """
        self.in_training -= 1
        stack = report.stack
        if isinstance(report, Died) and not report.ready:
            return self._restart(stack)
        self._failed_starts = 0
        if isinstance(stack, Rerun):
            return stack.compare(_outcome_of_one(report))
        match report:
            case Trained():
                self._last.extend(self._after_training(stack))
                return _progressed(stack, report.result, report.overhead, report.worker)
            case Died():
                retry = self._after_death(stack)
            case Overran():
                retry = self._after_timeout(stack)
        self._last.extend(retry.stacks)
        return None if retry.outcome is None else _progressed(stack, StackResult([retry.outcome], 0.0))

    def _restart(self, stack: Stack) -> None:
        """Let another worker train a stack. This death is not its fault: its training had not begun."""
        self._failed_starts += 1
        if self._failed_starts == STARTS_ALLOWED:
            raise NnsweepError(
                f"{STARTS_ALLOWED} workers died one after the other before they could train; "
                "--jobs 1 trains in this process, without workers"
            )
        self._first.appendleft(stack)

    def _after_training(self, stack: Stack) -> list[Stack]:
        if not isinstance(stack, Suspects):
            return []
        return [bisect(stack.others, stack.spared)] if stack.others else self._release(stack.spared)

    def _after_death(self, stack: Stack) -> Retry:
        ids = [trial.id for trial in stack.trials]
        self._deaths.update(ids)
        deaths = min(self._deaths[id] for id in ids)
        if len(ids) > 1:
            return Retry(self._parts(stack, deaths))
        if deaths < DEATHS_ALLOWED:
            return Retry([stack])
        self._akin.update(trial.id for id in ids for trial in self._trainings.get(id, ()))
        return Retry(self._release(_rest(stack)), _crashed(deaths))

    def _parts(self, stack: Stack, deaths: int) -> list[Stack]:
        """Decide how the trials of a stack are trained after its worker died."""
        if isinstance(stack, Suspects):
            return [bisect(stack.trainings, _rest(stack))]
        akin = [trial for trial in stack.trials if trial.id in self._akin]
        if akin:
            others = tuple(training for training in stack.trainings if training[0].id not in self._akin)
            return [*(Stack.of([(trial,)]) for trial in akin), *self._release(others)]
        if deaths < DEATHS_ALLOWED - 1:
            return [stack]
        self._trainings |= {trial.id: training for training in stack.trainings for trial in training}
        return [bisect(stack.trainings)]

    def _after_timeout(self, stack: Stack) -> Retry:
        others = self._release(_rest(stack))
        if len(stack.trials) > 1:
            return Retry([*alone(stack), *others])
        assert self.timeout is not None
        failure = f"it took longer than the {self.timeout:g} seconds of `timeout`, trained alone"
        return Retry(others, Outcome("timeout", seconds=self.timeout, failure=failure))

    def _release(self, trainings: tuple[Training, ...]) -> list[Stack]:
        """Train what waited for the killer to be found. Deaths that the killer caused are not held against it."""
        for trial in (trial for training in trainings for trial in training):
            if trial.id not in self._akin:
                del self._deaths[trial.id]
        return [Stack.of(trainings)] if trainings else []


def _rest(stack: Stack) -> tuple[Training, ...]:
    """List the trainings that wait until it is known what becomes of a stack."""
    return (*stack.others, *stack.spared) if isinstance(stack, Suspects) else ()


def _outcome_of_one(report: Report) -> Outcome:
    match report:
        case Trained():
            return report.result.outcomes[0]
        case Died():
            return Outcome("crashed")
        case Overran():
            return Outcome("timeout")


def _crashed(deaths: int) -> Outcome:
    failure = f"the worker that trained it died {deaths} times, the last time with this trial alone"
    return Outcome("crashed", failure=failure)


def _progressed(stack: Stack, result: StackResult, overhead: float = 0.0, worker: str = "") -> Progressed:
    printed = {stack.trials[place].id: text for place, text in result.printed}
    ended = stack.trials, result.outcomes, result.seconds, overhead, result.left_out
    return Progressed(*ended, printed, worker, result.imported, result.steps, result.versions)
