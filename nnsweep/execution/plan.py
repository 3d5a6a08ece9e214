"""What is missing, and which trials train together."""

from __future__ import annotations

import os
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass

from nnsweep.grid import Trial
from nnsweep.trainers.protocol import Trainer

IN_PROCESS_BELOW = 2.0
"""Seconds of training that are done in this process, because starting workers costs more than they give."""


@dataclass(frozen=True)
class Stack:
    """Trials that train together, and about how many seconds they take."""

    trials: tuple[Trial, ...]
    cost: float


@dataclass(frozen=True)
class Plan:
    """The stacks of what is missing, dearest first, and how many trials need none."""

    stacks: tuple[Stack, ...]
    cached: int

    @property
    def new(self) -> int:
        """Count the trials to train."""
        return sum(len(stack.trials) for stack in self.stacks)

    @property
    def cost(self) -> float:
        """Add up the seconds on one core."""
        return sum(stack.cost for stack in self.stacks)


Training = list[Trial]
"""Trials that differ only in the epoch at which they are read off."""


def make_plan(trials: Sequence[Trial], known: Collection[str], trainer: Trainer, jobs: int | None = None) -> Plan:
    """Stack the trials whose ids are not known, for `jobs` workers (None: as many as their cost is worth)."""
    missing = {trial.id: trial for trial in trials if trial.id not in known}
    trainings: dict[Hashable, Training] = {}
    for trial in missing.values():
        trainings.setdefault(trainer.training_key(trial.params), []).append(trial)
    groups: dict[Hashable, list[Training]] = {}
    for training in trainings.values():
        groups.setdefault(trainer.stack_key(training[0].params), []).append(training)
    costs = {id(training): _cost(training, trainer) for training in trainings.values()}
    jobs = choose_jobs(sum(costs.values()), jobs)
    stacks = [
        Stack(tuple(trial for training in part for trial in training), sum(costs[id(training)] for training in part))
        for group in groups.values()
        for part in _parts(group, trainer.capacity(group[0][0].params), jobs)
    ]
    distinct = len({trial.id for trial in trials})
    return Plan(tuple(sorted(stacks, key=lambda stack: -stack.cost)), distinct - len(missing))


def choose_jobs(cost: float, asked: int | None) -> int:
    """Choose the number of workers for `cost` seconds of training; 1 is in this process."""
    if asked is not None:
        return asked
    return 1 if cost < IN_PROCESS_BELOW else len(os.sched_getaffinity(0)) if LINUX else os.cpu_count() or 1


LINUX = hasattr(os, "sched_getaffinity")


def _cost(training: Training, trainer: Trainer) -> float:
    """The dearest reading's cost; the others come with it."""
    return max(trainer.cost(trial.params) for trial in training)


def _parts(group: list[Training], capacity: int, jobs: int) -> Iterator[list[Training]]:
    """Split a group evenly, so that no part is over capacity and every worker has one."""
    count = min(len(group), max(jobs, -(-len(group) // capacity)))
    for part in range(count):
        yield group[part * len(group) // count : (part + 1) * len(group) // count]
