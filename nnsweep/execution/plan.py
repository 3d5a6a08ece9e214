"""Find what is missing, and decide which trials train together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from math import ceil, inf
from typing import Any, NamedTuple

from nnsweep.execution.cpus import available_cpus
from nnsweep.execution.estimate import Measured
from nnsweep.execution.histories import Histories, count_histories
from nnsweep.execution.stack import Stack, Stacks
from nnsweep.execution.trainings import Costs, Trainings, estimate
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import Ids, are_among
from nnsweep.trials.trial import Trial

IN_PROCESS_BELOW = 2.0
"""Seconds of training below which all is trained in this process: starting workers would cost more than they save."""

WORTH_SENDING = 5e-4
"""Seconds of a stack below which it is trained in this process: sending it to a worker would take longer."""

STACKS_PER_WORKER = 2
"""Stacks that each worker gets at least, so that a worker that ends early finds another to train."""


class Forecast(NamedTuple):
    """What a run will take: seconds from start to end, without figures; bytes of memory, and bytes more on disk."""

    seconds: float | None
    """None where nothing tells how long a training takes."""
    memory: float
    disk: float


@dataclass(frozen=True)
class Plan:
    """The stacks of what is missing, the most expensive first, and how many trials need no training."""

    parts: tuple[Stacks, ...]
    """The stacks of each block."""
    cached: int
    stale: int = 0
    """How many stored trials have parameters of the grid, but another version of the trainer, or other data."""
    by_trainer: bool = True
    """Whether the trainer estimates how long its trainings take. If not, stored trials tell."""
    known: bool = True
    """Whether either is known. If not, each training is assumed to take `ASSUMED` seconds."""
    histories: Histories = field(default_factory=Histories)
    """How large the histories of the new trials are."""
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    """How many of the cached trials are stored in another folder, from which a run copies them, by folder."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """How many trials have each of the trainer's descriptions (`Trainer.describe`)."""
    notes: tuple[str, ...] = ()
    """How the data's files were read."""
    forecast: Forecast | None = None
    search: str = ""
    """What a search does; its new trials are then as if they were drawn at random."""
    undrawn: int = 0
    """How many more new trials a search asks for, which were not drawn: they are counted as if like the drawn ones."""

    def __add__(self, other: Plan) -> Plan:
        """Put the plans of two blocks together."""
        return Plan(
            self.parts + other.parts,
            self.cached + other.cached,
            self.stale + other.stale,
            self.by_trainer and other.by_trainer,
            self.known and other.known,
            self.histories + other.histories,
            {
                place: self.elsewhere.get(place, 0) + other.elsewhere.get(place, 0)
                for place in dict.fromkeys((*self.elsewhere, *other.elsewhere))
            },
        )

    def continued(self, states: str) -> Plan:
        """Have the trainings continue from the states in a folder; "" is none."""
        return replace(self, parts=tuple(replace(part, states=states) for part in self.parts)) if states else self

    @property
    def stacks(self) -> list[Stack]:
        """Make the stacks."""
        return [stack for part in self.parts for stack in part]

    @property
    def count(self) -> int:
        """Count the stacks."""
        return self.scaled(sum(map(len, self.parts)))

    @property
    def new(self) -> int:
        """Count the trials to train."""
        return self._drawn + self.undrawn

    @property
    def trainings(self) -> int:
        """Count the trainings: trials that differ only in their epochs are one."""
        return self.scaled(sum(len(part.places) - 1 for part in self.parts))

    @property
    def cost(self) -> float:
        """Add up the seconds on one core."""
        return sum(chain.from_iterable(part.costs for part in self.parts)) * self._scale

    @property
    def _drawn(self) -> int:
        return sum(len(part.trials) for part in self.parts)

    @property
    def _scale(self) -> float:
        return self.new / self._drawn if self.undrawn and self._drawn else 1.0

    def scaled(self, count: int) -> int:
        """Scale a count over the drawn trials up to all new ones."""
        return round(count * self._scale)

    def to_json(self) -> dict[str, Any]:
        """Give the counts, and the seconds on one core; None where these are not known."""
        counts: dict[str, Any] = {"new": self.new, "cached": self.cached, "stale": self.stale, "stacks": self.count}
        counts |= {"trainings": self.trainings}
        counts |= {"elsewhere": dict(self.elsewhere)} if self.elsewhere else {}
        counts |= {"history_numbers": self.histories.numbers} if self.histories.are_notable else {}
        found = {"trials": self.new + self.cached, **counts, "seconds": self.cost if self.known else None}
        return found | ({"forecast": self.forecast._asdict()} if self.forecast else {})


def make_plan(
    trials: Sequence[Trial],
    known: Ids,
    trainer: Trainer,
    jobs: int | None = None,
    stale: int = 0,
    measured: Callable[[], Measured] = lambda: Measured([]),
) -> Plan:
    """Stack the trials whose ids are not known, for `jobs` workers (None: as many as their cost is worth).

    The `known` ids are sorted.
    `measured` is called for the seconds that stored trials took, if the trainer cannot estimate how long a training
    takes.
    """
    distinct = Grid.of(trials).distinct
    missing = distinct.take(~are_among(distinct.ids, known)) if len(known) else distinct
    trainings = Trainings.of(missing, trainer)
    costs = estimate(trainings, trainer, measured)
    whole = sum(_seconds(costs, *group) for group in pairwise(trainings.groups))
    share = _share(whole, jobs)
    parts = [part for group in pairwise(trainings.groups) for part in _parts(*group, trainings, costs, trainer, share)]
    histories = count_histories(trainings.trials, trainings.places, trainer)
    stacks, cached = _stacks(trainings, costs, parts), len(distinct) - len(missing)
    return Plan((stacks,), cached, stale, costs.by_trainer, costs.known, histories)


def choose_jobs(cost: float, asked: int | None) -> int:
    """Choose the number of workers for `cost` seconds of training; 1 means in this process."""
    if asked is not None:
        return asked
    if cost < IN_PROCESS_BELOW:
        return 1
    return available_cpus()


def _seconds(costs: Costs, start: int, end: int) -> float:
    """Estimate how long a stack of some trainings takes."""
    return float(costs.own[start:end].sum() + costs.shared[start:end].max())


def _stacks(trainings: Trainings, costs: Costs, parts: Sequence[tuple[int, int]]) -> Stacks:
    """Put the most expensive stacks first."""
    seconds = [_seconds(costs, *part) for part in parts]
    order = sorted(range(len(parts)), key=lambda at: -seconds[at])
    parts, seconds = [parts[at] for at in order], [seconds[at] for at in order]
    shared = [float(costs.shared[start:end].max()) for start, end in parts]
    return Stacks(trainings.trials, trainings.places, parts, seconds, shared)


def _share(cost: float, jobs: int | None) -> float:
    """Give the seconds that one stack may take at most, so that every worker gets its stacks."""
    workers = choose_jobs(cost, jobs)
    return inf if workers == 1 else cost / (workers * STACKS_PER_WORKER)


def _parts(
    start: int, end: int, trainings: Trainings, costs: Costs, trainer: Trainer, share: float
) -> Iterator[tuple[int, int]]:
    """Split a group evenly, into as few parts as respect the trainer's capacity and the share."""
    size = end - start
    (first,) = trainings.trials.take([trainings.places[start]]).params()
    by_cost = ceil(costs.own[start:end].sum() / share - 1e-9) if share else 1  # rounding must not cause one more part
    count = min(size, max(by_cost, ceil(size / trainer.capacity(first))))
    for part in range(count):
        yield start + part * size // count, start + (part + 1) * size // count
