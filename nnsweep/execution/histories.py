"""How large the histories are that a plan stores."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Trial

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

    @property
    def size(self) -> int:
        """Estimate the bytes that they take in the store."""
        return self.numbers * BYTES

    @property
    def are_notable(self) -> bool:
        """Whether what is stored more than once takes much room."""
        return self.repeated * BYTES >= NOTABLE


def count_histories(trials: Sequence[Trial], known: Collection[str], trainer: Trainer) -> Histories:
    """Count the numbers of the trials whose ids are not known; none where the trainer does not know how many."""
    missing = {trial.id: trial.params for trial in trials if trial.id not in known}
    longest: dict[Hashable, int] = {}
    numbers = 0
    for params in missing.values():
        own = trainer.history_size(params) or 0
        key = trainer.training_key(params)
        longest[key] = max(own, longest.get(key, 0))
        numbers += own
    return Histories(numbers, numbers - sum(longest.values()))
