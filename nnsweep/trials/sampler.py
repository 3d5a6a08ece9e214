"""Which trials come next: a grid asks for all at once, others ask again when they know what came of the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from nnsweep.trainers.protocol import Outcome, Trainer
from nnsweep.trials.blocks import blocks_of
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import Trial


class Sampler(Protocol):
    """Chooses trials, a batch at a time. It is asked and told in turn, and its choice is the same for the same answers.

    A sampler neither trains nor stores: what it asks for may be stored already, and is then told at once. So a run that
    was cut off goes on when a new sampler is asked and told from the beginning.
    """

    def ask(self) -> Sequence[Trial]:
        """Give the next trials; none if there are no more."""
        ...

    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take the outcomes, by id, of all trials that the last `ask` gave."""
        ...


def train_asked(sampler: Sampler, train: Callable[[Sequence[Trial]], Mapping[str, Outcome]]) -> dict[str, Outcome]:
    """Ask a sampler and tell it what `train` makes of its trials, until it asks for no more; returns all outcomes."""
    found: dict[str, Outcome] = {}
    while trials := sampler.ask():
        outcomes = train(trials)
        sampler.tell(outcomes)
        found |= outcomes
    return found


class GridSampler:
    """Asks for every trial of a grid, once: for one block of a large grid after another."""

    def __init__(self, trials: Grid, trainer: Trainer) -> None:
        self._blocks = blocks_of(trials, trainer)

    def ask(self) -> Sequence[Trial]:
        """Give the trials of the next block; none afterwards."""
        return next(self._blocks, [])

    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Learn nothing: a grid does not depend on its outcomes."""
