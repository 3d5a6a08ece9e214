"""Methods that spread configurations over all axes and learn nothing: random, Sobol, Latin hypercubes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsweep.trials.search.configurations import Configuration, Configurations
from nnsweep.trials.search.sampler import Answers, Method

FIRST = 6
"""The first points of a Sobol sequence are 2⁶, and each further part doubles their number: only then is it even."""


class Spread(Method, ABC):
    """Chooses configurations at shares of the axes."""

    def __init__(self, configurations: Configurations, seed: int) -> None:
        self._space, self._random = configurations, np.random.default_rng(seed)

    @abstractmethod
    def shares(self, count: int) -> NDArray[np.float64]:
        """Draw some shares between 0 and 1, (count, axes)."""

    def ask(self, count: int) -> Sequence[Configuration]:
        """Choose some configurations."""
        return [self._space.at(row) for row in self.shares(count).tolist()]

    def tell(self, configurations: Sequence[Configuration], outcomes: Answers) -> None:
        """Learn nothing."""


class Random(Spread):
    """Draws every axis at random."""

    def shares(self, count: int) -> NDArray[np.float64]:
        """Draw some shares, (count, axes)."""
        return self._random.random((count, len(self._space.axes)))


class Sobol(Spread):
    """Takes the points of a scrambled Sobol sequence, which leave smaller gaps than random ones.

    Source: Owen, Scrambling Sobol' and Niederreiter-Xing points, Journal of Complexity 14, 1998.
    """

    def __init__(self, configurations: Configurations, seed: int) -> None:
        from scipy.stats import qmc

        super().__init__(configurations, seed)
        # `rng` is a generator: of a plain number, SciPy makes other points than by `seed`.
        self._engine: Any = qmc.Sobol(len(configurations.axes), scramble=True, rng=self._random)
        self._left = np.empty((0, len(configurations.axes)))
        self._power = FIRST

    def shares(self, count: int) -> NDArray[np.float64]:
        """Take the next points, (count, axes)."""
        while len(self._left) < count:
            self._left = np.concatenate([self._left, self._engine.random_base2(self._power)])
            self._power += self._engine.num_generated > 2**FIRST
        found, self._left = self._left[:count], self._left[count:]
        return found


class LatinHypercube(Spread):
    """Cuts every axis into as many parts as a batch has configurations, and takes each part once.

    Source: McKay, Beckman and Conover, Technometrics 21, 1979.
    """

    def __init__(self, configurations: Configurations, seed: int) -> None:
        from scipy.stats import qmc

        super().__init__(configurations, seed)
        self._engine: Any = qmc.LatinHypercube(len(configurations.axes), rng=self._random)

    def shares(self, count: int) -> NDArray[np.float64]:
        """Draw a hypercube, (count, axes)."""
        return self._engine.random(count)
