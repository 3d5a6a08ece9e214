"""Which trials are one training, which trainings may go together, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import SEED
from nnsweep.execution.estimate import Measured
from nnsweep.trainers.protocol import Params, Trainer
from nnsweep.trials.blocks import number, number_trainings
from nnsweep.trials.codes import number_rows
from nnsweep.trials.grid import Grid

ASSUMED = 1.0
"""Seconds assumed for a training of unknown cost, until the first has ended."""
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Trainings:
    """Trainings, those that may share a stack one after the other."""

    trials: Grid
    """The trials of the first training, then those of the next, and so on."""
    places: Places
    """Where each training begins, and where the last one ends, (trainings + 1,)."""
    groups: Places
    """The first training of each group that may share a stack, and the end of the last group, (groups + 1,)."""

    @classmethod
    def of(cls, trials: Grid, trainer: Trainer) -> Trainings:
        """Put the trials of each training together, and the trainings of each stack key, by seed where that helps."""
        keys = number(trainer.stack_key(params) for params in trials.kinds.first.params())
        training, group = number_trainings(trials, trainer), keys[trials.kinds.numbers]
        seeds = trials.seeds if trainer.shares_by_seed else None
        order = np.lexsort((training, group) if seeds is None else (training, seeds, group))
        if (order[1:] < order[:-1]).any():
            trials = trials.take(order)
        places = _beginnings(training[order])
        return cls(trials, places, _beginnings(group[order][places[:-1]]))

    def __len__(self) -> int:
        """Count the trainings."""
        return len(self.places) - 1

    def params(self) -> Iterator[list[Params]]:
        """Give the parameters of the trials of each training."""
        trials = self.trials.params()
        return (list(islice(trials, size)) for size in np.diff(self.places).tolist())


@dataclass(frozen=True, eq=False)
class Costs:
    """The seconds that each training adds to its stack, and those that its stack takes once, (trainings,)."""

    own: NDArray[np.float64]
    shared: NDArray[np.float64]
    by_trainer: bool
    """Whether the trainer estimates all of them. If not, stored trials tell."""
    known: bool
    """Whether either is known. If not, a trial is assumed to take `ASSUMED` seconds."""


def estimate(trainings: Trainings, trainer: Trainer, measured: Callable[[], Measured]) -> Costs:
    """Estimate what trainings cost. The trainer is asked once for trainings whose trials are alike."""
    alike = _alike(trainings, trainer)
    if alike is None:
        pairs = [(trainer.cost(params), trainer.overhead(params)) for params in trainings.params()]
    else:
        first, numbers = alike
        asked = [list(trainings.trials[trainings.places[at] : trainings.places[at + 1]].params()) for at in first]
        of_each = [(trainer.cost(params), trainer.overhead(params)) for params in asked]
        pairs = [of_each[number] for number in numbers]
    own = np.array([np.nan if cost is None else cost for cost, _ in pairs], dtype=np.float64)
    shared = np.array([overhead for _, overhead in pairs], dtype=np.float64)
    unknown = np.isnan(own)
    if not unknown.any():
        return Costs(own, shared, True, True)
    took = _measure(trainings.trials, measured())
    known = not np.isnan(np.repeat(unknown, np.diff(trainings.places)) * took).any()
    sums = np.add.reduceat(np.where(np.isnan(took), ASSUMED, took), trainings.places[:-1])
    return Costs(np.where(unknown, sums, own), shared, False, known)


def _alike(trainings: Trainings, trainer: Trainer) -> tuple[list[int], list[int]] | None:
    """Number the trainings whose trials are alike, and give the first of each number; None if few are."""
    numbers = trainings.trials.alike(trainer.checkpoint).numbers
    if len(numbers) and numbers.max() == len(numbers) - 1:
        return None
    known: dict[bytes, int] = {}
    text, ends = numbers.tobytes(), pairwise((trainings.places * numbers.itemsize).tolist())
    found = [known.setdefault(text[start:end], len(known)) for start, end in ends]
    return np.unique(found, return_index=True)[1].tolist(), found


def _measure(trials: Grid, measured: Measured) -> NDArray[np.float64]:
    """Give the seconds that stored trials of nearly the same settings took; NaN where there are none."""
    columns = trials.columns_without(SEED)
    if columns is None:
        return np.array([measured.seconds(trial) for trial in trials], dtype=np.float64)
    first, numbers = number_rows(columns, len(trials))
    return np.array([measured.seconds(trial) for trial in trials.take(first)], dtype=np.float64)[numbers]


def _beginnings(numbers: Places) -> Places:
    """Find where each run of equal numbers begins, and where the last one ends."""
    changes = (numbers[1:] != numbers[:-1]).nonzero()[0] + 1
    return np.array([0, *changes, len(numbers)] if len(numbers) else [0], dtype=np.intp)
