"""The methods of searches, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.trainers.protocol import Outcome, Trainer
from nnsweep.trials.grid import Grid
from nnsweep.trials.search.configurations import Configuration, Configurations
from nnsweep.trials.search.sampler import PointSampler, SearchSampler

AT_ONCE = 1024
"""Configurations that are asked for at once by a method that learns nothing: they do not depend on this number."""
DRAWN = 12345
"""The seed with which trials for an estimate are drawn."""
SOON = 16
"""Configurations that are asked for at once where the budget is a time, which is looked at after each batch."""


class Random:
    """Draws every axis at random."""

    def __init__(self, configurations: Configurations, seed: int) -> None:
        self._space, self._random = configurations, np.random.default_rng(seed)

    def ask(self, count: int) -> Sequence[Configuration]:
        """Draw some configurations."""
        shares = self._random.random((count, len(self._space.axes)))
        return [self._space.at(row) for row in shares.tolist()]

    def tell(self, configurations: Sequence[Configuration], outcomes: Sequence[Sequence[Outcome]]) -> None:
        """Learn nothing."""


def _random(sweep: Sweep, trainer: Trainer) -> SearchSampler:
    space = Configurations(sweep, trainer)
    assert sweep.search is not None
    return PointSampler(space, Random(space, sweep.search.seed), AT_ONCE if sweep.search.seconds is None else SOON)


SAMPLERS: dict[str, Callable[[Sweep, Trainer], SearchSampler]] = {"random": _random}
"""A function for each method of `METHODS`, which makes the sampler of a sweep."""


def sampler_of(sweep: Sweep, trainer: Trainer) -> SearchSampler:
    """Make the sampler of a searched sweep."""
    assert sweep.search is not None
    return SAMPLERS[sweep.search.method](sweep, trainer)


def drawn_trials(sweep: Sweep, trainer: Trainer, count: int) -> Grid:
    """Draw about so many trials of a searched sweep at random, for an estimate of what others like them cost."""
    space = Configurations(sweep, trainer)
    size = max(1, len(space.seeds))
    return space.trials(space.rows(dict.fromkeys(Random(space, DRAWN).ask(-(-count // size)))))
