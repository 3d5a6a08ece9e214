"""How large the histories are that a plan stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Grid

BYTES = 8
"""Of a number in the store."""
NOTABLE = 100e6
"""Bytes that a plan mentions."""


@dataclass(frozen=True)
class Histories:
    """How many numbers the histories of new trainings hold. Trials that differ only in their epochs share one."""

    numbers: int = 0

    def __add__(self, other: Histories) -> Histories:
        return Histories(self.numbers + other.numbers)

    @property
    def size(self) -> int:
        """Estimate the bytes that they take in the store."""
        return self.numbers * BYTES

    @property
    def are_notable(self) -> bool:
        """Whether they take much room."""
        return self.size >= NOTABLE


def count_histories(trials: Grid, places: NDArray[np.intp], trainer: Trainer) -> Histories:
    """Count the numbers of the trainings of trials, which stand together; `places` is where each begins.

    None where the trainer does not know how many.
    """
    alike = trials.alike(trainer.checkpoint)
    sizes = np.array([trainer.history_size(params) or 0 for params in alike.first.params()], dtype=np.int64)
    numbers = sizes[alike.numbers]
    if not numbers.any():
        return Histories()
    return Histories(int(np.maximum.reduceat(numbers, places[:-1]).sum()))
