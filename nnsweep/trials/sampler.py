"""Which trials come next: a grid asks for all at once, others ask again when they know what came of the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from nnsweep.design.sweep import Sweep
from nnsweep.trainers.protocol import Outcome, Trainer
from nnsweep.trials.grid import Trial, expand


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
    """Asks for every trial of a sweep, once."""

    def __init__(self, sweep: Sweep, trainer: Trainer) -> None:
        """Expand the sweep: `trials` are all of them, in grid order."""
        self.trials = expand(sweep, trainer)
        self._asked = False

    def ask(self) -> Sequence[Trial]:
        """Give all trials at first, and none afterwards."""
        trials, self._asked = [] if self._asked else self.trials, True
        return trials

    def tell(self, outcomes: Mapping[str, Outcome]) -> None:
        """Learn nothing: a grid does not depend on its outcomes."""
