"""Train stacks, in this process or on joblib's workers, and hand their outcomes over as they come."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from nnsweep.errors import NnsweepError
from nnsweep.execution.plan import Stack
from nnsweep.execution.worker import train_in_worker, train_stack
from nnsweep.grid import Trial
from nnsweep.trainers.protocol import Outcome

Ended = list[tuple[Trial, Outcome]]

DEATHS_ALLOWED = 3
"""How often a trial's worker may die before the trial is `crashed`; before its last chance it runs alone."""


def dispatch(trainer_name: str, stacks: Sequence[Stack], jobs: int) -> Iterator[Ended]:
    """Train every trial exactly once and yield the outcomes, stack by stack, in the order in which they end.

    With one job training is done in this process, otherwise by that many loky workers. A worker that dies costs the
    stacks that were being trained, which are trained again.

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
    """Train stacks on loky workers, whatever becomes of these."""
    from joblib.externals.loky import get_reusable_executor

    deaths: Counter[str] = Counter()
    waiting = list(stacks)
    try:
        while waiting:
            clean = [stack for stack in waiting if _deaths(stack, deaths) < DEATHS_ALLOWED - 1]
            suspects = _singles(stack for stack in waiting if _deaths(stack, deaths) == DEATHS_ALLOWED - 1)
            # Those that were there at every death wait for the end: one trial at a time shows which one kills.
            now, later = (clean, suspects) if clean else (suspects[:1], suspects[1:])
            batch = _Batch(trainer_name, now, jobs)
            yield from batch.run()
            deaths.update(trial.id for stack in batch.lost for trial in stack.trials)
            dead = [stack for stack in batch.lost if _deaths(stack, deaths) == DEATHS_ALLOWED]
            yield from map(_crashed, dead)
            waiting = later + [stack for stack in batch.left() if stack not in dead]
    finally:
        get_reusable_executor(jobs).shutdown(kill_workers=True)


def _deaths(stack: Stack, deaths: Counter[str]) -> int:
    return max(deaths[trial.id] for trial in stack.trials)


def _singles(stacks: Iterable[Stack]) -> list[Stack]:
    return [Stack((trial,), stack.cost / len(stack.trials)) for stack in stacks for trial in stack.trials]


def _crashed(stack: Stack) -> Ended:
    failure = f"the worker that trained it died {DEATHS_ALLOWED} times, the last time with this trial alone"
    return [(trial, Outcome("crashed", failure=failure)) for trial in stack.trials]


class _Batch:
    """One call of joblib: it ends when its stacks do, or at the first death of a worker."""

    def __init__(self, trainer_name: str, stacks: Sequence[Stack], jobs: int) -> None:
        self._trainer_name, self._stacks, self._jobs = trainer_name, stacks, jobs
        self._started: set[int] = set()
        self._ended: set[int] = set()
        self.lost: list[Stack] = []
        """The stacks that may have been trained when a worker died: joblib takes a few more than it hands out."""

    def left(self) -> list[Stack]:
        """List the stacks that did not end."""
        return [stack for place, stack in enumerate(self._stacks) if place not in self._ended]

    def run(self) -> Iterator[Ended]:
        from joblib import Parallel
        from joblib.externals.loky.process_executor import BrokenProcessPool

        # Without batches, and with no more stacks handed out than there are workers, a death costs what was running.
        options: Any = {"return_as": "generator_unordered", "batch_size": 1, "pre_dispatch": "n_jobs"}
        pool: Any = Parallel(self._jobs, "loky", **options)
        try:
            with closing(pool(self._tasks())) as results:
                for place, outcomes in results:
                    self._ended.add(place)
                    yield list(zip(self._stacks[place].trials, outcomes, strict=True))
        except BrokenProcessPool:  # of which TerminatedWorkerError is a kind
            self.lost = [self._stacks[place] for place in sorted(self._started - self._ended)]

    def _tasks(self) -> Iterator[Any]:
        from joblib import delayed

        for place, stack in enumerate(self._stacks):
            self._started.add(place)
            yield delayed(_placed)(place, self._trainer_name, [trial.params for trial in stack.trials], os.getpid())


def _placed(place: int, *arguments: Any) -> tuple[int, list[Outcome]]:
    return place, train_in_worker(*arguments)
