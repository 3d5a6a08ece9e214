"""Stacks: trainings that go together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from nnsweep.trainers.protocol import Params
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import Trial

Training = tuple[Trial, ...]
"""Trials that differ only in the epoch at which they are read off: they are trained once."""


@dataclass(frozen=True)
class Stack:
    """Trainings that go together, one after the other; `sizes` are how many of the trials each of them has.

    `cost` is the estimated seconds that they take, 0 where nobody estimated it. `shared` is how many of these
    any part of the stack would take as well. `states` is the folder with the states from which they continue; "" if
    they start.
    """

    trials: Grid
    sizes: Sequence[int]
    cost: float = 0.0
    shared: float = 0.0
    states: str = ""

    @classmethod
    def of(cls, trainings: Iterable[Training]) -> Stack:
        """Make a stack of trainings."""
        return Stack(*joined(trainings))

    @property
    def trainings(self) -> tuple[Training, ...]:
        """The trials of each training."""
        trials = iter(self.trials)
        return tuple(tuple(next(trials) for _ in range(size)) for size in self.sizes)

    @property
    def params(self) -> list[Params]:
        """What a trainer is called with."""
        return list(self.trials.params())

    @property
    def silent(self) -> bool:
        """Whether what the trainer prints is dropped."""
        return False


def joined(trainings: Iterable[Training]) -> tuple[Grid, list[int]]:
    """Put trainings one after the other; return their trials, and how many each of them has."""
    trainings = list(trainings)
    return Grid.of([trial for training in trainings for trial in training]), list(map(len, trainings))


@dataclass(frozen=True, eq=False)
class Stacks(Sequence[Stack]):
    """The stacks of a plan. Each is made when it is asked for: of a user's function there may be a million."""

    trials: Grid
    """The trials of all trainings, one training after the other."""
    places: NDArray[np.intp]
    """Where in `trials` each training begins, and where the last one ends, (trainings + 1,)."""
    parts: Sequence[tuple[int, int]]
    """The first training of each stack, and the one after its last."""
    costs: Sequence[float]
    """The estimated seconds of each stack."""
    shared: Sequence[float]
    """How many of these any part of it would take as well."""
    states: str = ""
    """The folder with the states from which trainings continue."""

    def __len__(self) -> int:
        """Count the stacks."""
        return len(self.parts)

    @overload
    def __getitem__(self, place: int) -> Stack: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Stack]: ...

    def __getitem__(self, place: int | slice) -> Stack | Sequence[Stack]:
        """Make a stack, or several."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        first, last = self.parts[place]
        places = self.places[first : last + 1]
        trials, sizes = self.trials[places[0] : places[-1]], np.diff(places).tolist()
        return Stack(trials, sizes, self.costs[place], self.shared[place], self.states)
