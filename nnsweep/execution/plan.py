"""Find what is missing, and decide which trials train together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil, inf
from typing import Any, NamedTuple

from nnsweep.execution.estimate import Measured
from nnsweep.execution.histories import Histories
from nnsweep.trainers.protocol import Params, Trainer
from nnsweep.trials.grid import Grid, Trial
from nnsweep.trials.ids import to_texts

IN_PROCESS_BELOW = 2.0
"""Seconds of training below which all is trained in this process: starting workers would cost more than they save."""

ASSUMED = 1.0
"""Seconds assumed for a training of unknown cost, until the first has ended."""

STACKS_PER_WORKER = 2
"""Stacks that each worker gets at least, so that a worker that ends early finds another to train."""

Training = tuple[Trial, ...]
"""Trials that differ only in the epoch at which they are read off: they are trained once."""


@dataclass(frozen=True)
class Stack:
    """Trainings that go together. `cost` is the estimated seconds that they take, 0 where nobody estimated it."""

    trainings: tuple[Training, ...]
    cost: float = 0.0

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The trials of all trainings."""
        return tuple(trial for training in self.trainings for trial in training)

    @property
    def params(self) -> list[Params]:
        """What a trainer is called with."""
        return [trial.params for trial in self.trials]

    @property
    def silent(self) -> bool:
        """Whether what the trainer prints is dropped."""
        return False


@dataclass(frozen=True)
class Plan:
    """The stacks of what is missing, the most expensive first, and how many trials need no training."""

    stacks: tuple[Stack, ...]
    cached: int
    stale: int = 0
    """How many stored trials have parameters of the grid, but another version of the trainer, or other data."""
    by_trainer: bool = True
    """Whether the trainer estimates how long its trainings take. If not, stored trials tell."""
    known: bool = True
    """Whether either is known. If not, each training is assumed to take `ASSUMED` seconds."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """How many of the cached trials are stored in another folder, from which a run copies them, by folder."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """How many trials have each of the trainer's descriptions (`Trainer.describe`)."""
    notes: tuple[str, ...] = ()
    """How the data's files were read."""

    histories: Histories = field(default_factory=Histories)
    """How large the histories of the new trials are."""

    @property
    def new(self) -> int:
        """Count the trials to train."""
        return sum(len(stack.trials) for stack in self.stacks)

    @property
    def cost(self) -> float:
        """Add up the seconds on one core."""
        return sum(stack.cost for stack in self.stacks)

    def to_json(self) -> dict[str, Any]:
        """Give the counts, and the seconds on one core; None where these are not known."""
        counts: dict[str, Any] = {
            "new": self.new,
            "cached": self.cached,
            "stale": self.stale,
            "stacks": len(self.stacks),
        }
        counts |= {"elsewhere": dict(self.elsewhere)} if self.elsewhere else {}
        counts |= {"history_numbers": self.histories.numbers} if self.histories.are_notable else {}
        return {"trials": self.new + self.cached, **counts, "seconds": self.cost if self.known else None}


def make_plan(
    trials: Sequence[Trial],
    known: Collection[str],
    trainer: Trainer,
    jobs: int | None = None,
    stale: int = 0,
    measured: Callable[[], Measured] = lambda: Measured([]),
) -> Plan:
    """Stack the trials whose ids are not known, for `jobs` workers (None: as many as their cost is worth).

    `measured` is called for the seconds that stored trials took, if the trainer cannot estimate how long a training
    takes.
    """
    distinct = Grid.of(trials).distinct
    missing = distinct.take([place for place, id in enumerate(to_texts(distinct.ids)) if id not in known])
    trainings: dict[Hashable, list[Trial]] = {}
    for trial in missing:
        trainings.setdefault(trainer.training_key(trial.params), []).append(trial)
    estimates, by_trainer, all_known = _estimate(trainings.values(), trainer, measured)
    groups: dict[Hashable, list[_Estimate]] = {}
    for estimate in estimates:
        groups.setdefault(trainer.stack_key(estimate.training[0].params), []).append(estimate)
    whole = sum(_seconds(group) for group in groups.values())
    parts = (_parts(group, trainer, _share(whole, jobs)) for group in groups.values())
    stacks = [_stack(part) for group in parts for part in group]
    ordered = tuple(sorted(stacks, key=lambda stack: -stack.cost))
    return Plan(ordered, len(distinct) - len(missing), stale, by_trainer, all_known)


def choose_jobs(cost: float, asked: int | None) -> int:
    """Choose the number of workers for `cost` seconds of training; 1 means in this process."""
    if asked is not None:
        return asked
    if cost < IN_PROCESS_BELOW:
        return 1
    from joblib import cpu_count  # respects CPU affinity and a container's quota, which os.cpu_count does not

    return cpu_count()


class _Estimate(NamedTuple):
    """A training, the seconds that it adds to its stack, and the seconds that its stack takes once."""

    training: Training
    own: float
    shared: float


def _estimate(
    trainings: Collection[Sequence[Trial]], trainer: Trainer, measured: Callable[[], Measured]
) -> tuple[list[_Estimate], bool, bool]:
    """Estimate every training; tell whether the trainer estimates all of them, and whether all are known."""
    estimates: list[_Estimate] = []
    past: Measured | None = None
    known = True
    for training in trainings:
        params = [trial.params for trial in training]
        own = trainer.cost(params)
        if own is None:
            past = past or measured()
            took = [past.seconds(trial) for trial in training]
            known = known and None not in took
            own = sum(ASSUMED if each is None else each for each in took)
        estimates.append(_Estimate(tuple(training), own, trainer.overhead(params)))
    return estimates, past is None, known


def _seconds(part: Sequence[_Estimate]) -> float:
    """Estimate how long a stack of these takes."""
    return sum(each.own for each in part) + max(each.shared for each in part)


def _stack(part: Sequence[_Estimate]) -> Stack:
    return Stack(tuple(each.training for each in part), _seconds(part))


def _share(cost: float, jobs: int | None) -> float:
    """Give the seconds that one stack may take at most, so that every worker gets its stacks."""
    workers = choose_jobs(cost, jobs)
    return inf if workers == 1 else cost / (workers * STACKS_PER_WORKER)


def _parts(group: Sequence[_Estimate], trainer: Trainer, share: float) -> Iterator[Sequence[_Estimate]]:
    """Split a group evenly, into as few parts as respect the trainer's capacity and the share."""
    cost = sum(each.own for each in group)
    by_cost = ceil(cost / share - 1e-9) if share else 1  # a sum's rounding must not cause one more part
    by_size = ceil(len(group) / trainer.capacity(group[0].training[0].params))
    count = min(len(group), max(by_cost, by_size))
    for part in range(count):
        yield group[part * len(group) // count : (part + 1) * len(group) // count]
