"""How large the histories are that a plan stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Grid

BYTES = 20
"""Of a number in the store, as text: seventeen digits, a point, a comma and a few letters."""
NOTABLE = 100e6
"""Bytes of numbers stored more than once that a plan mentions."""


@dataclass(frozen=True)
class Histories:
    """How many numbers the histories of new trials hold, and how many of them are stored more than once.

    Trials that differ only in their epochs are one training, and each stores its history from the first epoch on.
    """

    numbers: int = 0
    repeated: int = 0

    def __add__(self, other: Histories) -> Histories:
        return Histories(self.numbers + other.numbers, self.repeated + other.repeated)

    @property
    def size(self) -> int:
        """Estimate the bytes that they take in the store."""
        return self.numbers * BYTES

    @property
    def are_notable(self) -> bool:
        """Whether what is stored more than once takes much room."""
        return self.repeated * BYTES >= NOTABLE


def count_histories(trials: Grid, places: NDArray[np.intp], trainer: Trainer) -> Histories:
    """Count the numbers of trials, of which those of a training stand together; `places` is where each begins.

    None where the trainer does not know how many.
    """
    alike = trials.alike(trainer.checkpoint)
    sizes = np.array([trainer.history_size(params) or 0 for params in alike.first.params()], dtype=np.int64)
    numbers = sizes[alike.numbers]
    if not numbers.any():
        return Histories()
    return Histories(int(numbers.sum()), int(numbers.sum() - np.maximum.reduceat(numbers, places[:-1]).sum()))
