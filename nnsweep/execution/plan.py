"""What is missing, and which trials train together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Any, NamedTuple

from nnsweep.errors import NnsweepError
from nnsweep.execution.estimate import Measured
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Trial

IN_PROCESS_BELOW = 2.0
"""Seconds of training that are done in this process, because starting workers costs more than they give."""

ASSUMED = 1.0
"""Seconds of a training that nobody can tell, until the first has ended."""

STACKS_PER_WORKER = 2
"""How many stacks a worker gets at least, so that one that ends early finds another to train."""


@dataclass(frozen=True)
class Stack:
    """Trials that train together, about how many seconds they take, and how many trainings they are."""

    trials: tuple[Trial, ...]
    cost: float
    trainings: int = 1

    @property
    def silent(self) -> bool:
        """Whether what its trials print goes nowhere."""
        return False


@dataclass(frozen=True)
class Plan:
    """The stacks of what is missing, dearest first, and how many trials need none."""

    stacks: tuple[Stack, ...]
    cached: int
    stale: int = 0
    """How many stored trials have parameters of the grid, but another version of the trainer, or other data."""
    by_trainer: bool = True
    """Whether the trainer tells how long its trainings take; else it is what stored trials took."""
    known: bool = True
    """Whether either is known; else `ASSUMED` for each training."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """How many of the cached ones stand in which other folder, from which a run copies them."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """What the trainer says of the trials (`Trainer.describe`), and of how many it says so."""
    notes: tuple[str, ...] = ()
    """How files of the data are written."""

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
        return {"trials": self.new + self.cached, **counts, "seconds": self.cost if self.known else None}


Training = list[Trial]
"""Trials that differ only in the epoch at which they are read off."""


def make_plan(
    trials: Sequence[Trial],
    known: Collection[str],
    trainer: Trainer,
    jobs: int | None = None,
    stale: int = 0,
    measured: Callable[[], Measured] = lambda: Measured([]),
) -> Plan:
    """Stack the trials whose ids are not known, for `jobs` workers (None: as many as their cost is worth).

    `measured` is asked for what stored trials took, if the trainer cannot tell how long a training takes.
    """
    missing = {trial.id: trial for trial in trials if trial.id not in known}
    trainings: dict[Hashable, Training] = {}
    for trial in missing.values():
        trainings.setdefault(trainer.training_key(trial.params), []).append(trial)
    groups: dict[Hashable, list[Training]] = {}
    for training in trainings.values():
        groups.setdefault(trainer.stack_key(training[0].params), []).append(training)
    costs, told, known_costs = _costs(list(trainings.values()), trainer, measured)
    whole = sum(_seconds(group, costs) for group in groups.values())
    parts = (_parts(group, trainer, _share(whole, jobs), costs) for group in groups.values())
    stacks = [_stack(part, costs) for group in parts for part in group]
    distinct = len({trial.id for trial in trials})
    return Plan(tuple(sorted(stacks, key=lambda stack: -stack.cost)), distinct - len(missing), stale, told, known_costs)


def choose_jobs(cost: float, asked: int | None) -> int:
    """Choose the number of workers for `cost` seconds of training; 1 is in this process."""
    if asked is not None:
        return asked
    if cost < IN_PROCESS_BELOW:
        return 1
    from joblib import cpu_count  # Minds the affinity and a container's quota, which os.cpu_count does not.

    return cpu_count()


class _Cost(NamedTuple):
    own: float
    shared: float


def _costs(
    trainings: Sequence[Training], trainer: Trainer, measured: Callable[[], Measured]
) -> tuple[dict[int, _Cost], bool, bool]:
    """Estimate every training, by its identity; whether the trainer tells all, and whether all are known."""
    costs: dict[int, _Cost] = {}
    past: Measured | None = None
    known = True
    for training in trainings:
        readings = [trial.params for trial in training]
        own = trainer.cost(readings)
        if own is None:
            past = past or measured()
            took = [past.seconds(trial) for trial in training]
            known = known and None not in took
            own = sum(ASSUMED if each is None else each for each in took)
        costs[id(training)] = _Cost(own, trainer.overhead(readings))
    return costs, past is None, known


def _seconds(part: list[Training], costs: Mapping[int, _Cost]) -> float:
    """How long a stack of these takes."""
    each = [costs[id(training)] for training in part]
    return sum(cost.own for cost in each) + max(cost.shared for cost in each)


def _stack(part: list[Training], costs: Mapping[int, _Cost]) -> Stack:
    return Stack(tuple(trial for training in part for trial in training), _seconds(part, costs), len(part))


def _share(cost: float, jobs: int | None) -> float:
    """How many seconds one stack may take at most, if every worker is to have its stacks."""
    workers = choose_jobs(cost, jobs)
    return inf if workers == 1 else cost / (workers * STACKS_PER_WORKER)


def _parts(
    group: list[Training], trainer: Trainer, share: float, costs: Mapping[int, _Cost]
) -> Iterator[list[Training]]:
    """Split a group evenly, into as few parts as are within the trainer's capacity and the share."""
    cost = sum(costs[id(training)].own for training in group)
    by_cost = ceil(cost / share - 1e-9) if share else 1  # A sum's rounding is no reason for one more part.
    by_size = ceil(len(group) / _capacity(trainer, group[0][0]))
    count = min(len(group), max(by_cost, by_size))
    for part in range(count):
        yield group[part * len(group) // count : (part + 1) * len(group) // count]


def _capacity(trainer: Trainer, trial: Trial) -> int:
    """Ask how many trainings a stack holds.

    Raises:
        NnsweepError: it would hold none.
    """
    capacity = trainer.capacity(trial.params)
    if not isinstance(capacity, int) or capacity < 1:
        raise NnsweepError(f"trainer `{trainer.name}`: its capacity is {capacity!r}; allowed: a whole number from 1 on")
    return capacity
