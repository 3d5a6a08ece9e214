"""Bayesian optimisation: a Gaussian process of the losses, which is asked where a better one is to be expected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnsweep.design.search import Search
from nnsweep.statistics.surrogate import Floats, Prior, Surrogate
from nnsweep.threads import one_thread
from nnsweep.trials.search.configurations import Configuration, Configurations
from nnsweep.trials.search.cube import Cube
from nnsweep.trials.search.sampler import Answers, Method
from nnsweep.trials.search.spread import Sobol
from nnsweep.trials.search.worth import worths_of

START = 8
"""Points of a Sobol sequence with which it begins."""
DRAWN = 512
"""Points drawn at random among which the most promising one is looked for."""
RADII = 0.1, 0.03, 0.01, 0.003, 0.001
"""How far the search then looks around the best of these, round by round."""
KEPT, NEAR = 4, 16
"""How many of the best points it looks around, and how many points it draws around each."""
PRIOR = Prior(0.0, 1.0, -6.0, 4.0)
"""It expects more of each axis than that of importances: with long lengths, all would seem to be noise at first."""
STARTS = (0.3,)
"""The length from which its fits start."""
FITTED = 200
"""The newest points to which lengths and noise are fitted, at most: the time grows with their third power."""


class GaussianProcess(Method):
    """Chooses where the expected improvement is largest, after some points of a Sobol sequence.

    The surrogate is fitted once for a batch. Each point that is chosen counts as known, with the value that the
    surrogate predicts, before the next of the batch is chosen.

    D. R. Jones, M. Schonlau and W. J. Welch, J. Global Optim. 13 (1998) 455–492, for the expected improvement;
    D. Ginsbourger, R. Le Riche and L. Carraro, in: Computational Intelligence in Expensive Optimization Problems,
    Springer 2010, for the batch ("kriging believer").
    """

    start = START

    def __init__(self, configurations: Configurations, search: Search, batch: int) -> None:
        self._space, self._cube = configurations, Cube(configurations.axes)
        (self._worth,) = worths_of(configurations.sweep)
        self._sobol, self._random = Sobol(configurations, search.seed), np.random.default_rng(search.seed)
        self._points, self._losses = np.empty((0, len(configurations.axes))), np.empty(0)
        self._asked = self._points

    def ask(self, count: int) -> Sequence[Configuration]:
        """Choose some configurations."""
        with one_thread():
            values = scaled(self._losses)
            differ = len(set(values[-FITTED:].tolist())) > 1
            self._asked = self._promising(count, values) if differ else self._cube.settled(self._sobol.shares(count))
        return [self._space.at(point) for point in self._asked.tolist()]

    def tell(self, configurations: Sequence[Configuration], outcomes: Answers) -> None:
        """Take the outcomes of all configurations that the last `ask` chose."""
        self._points = np.concatenate([self._points, self._asked])
        self._losses = np.append(self._losses, [self._worth.loss(each) for each in outcomes])

    def _promising(self, count: int, values: Floats) -> Floats:
        """Choose points by the finite losses that are known, (count, axes), or fewer if no others are found."""
        points, newest = self._points, slice(-FITTED, None)
        fitted = Surrogate.fit(points[newest], values[newest], self._cube.categories, PRIOR, STARTS)
        for _ in range(count):
            surrogate = Surrogate.of(points, values, self._cube.categories, fitted.logs)
            point = self._most_promising(surrogate)
            if point is None:
                break
            points, values = np.vstack([points, point]), np.append(values, surrogate.predict(point[None]))
        return points[len(self._points) :]

    def _most_promising(self, surrogate: Surrogate) -> Floats | None:
        """Look for the new point of the largest expected improvement: among random ones, then around the best."""
        predicted, _ = surrogate.posterior(surrogate.points)
        least, best = predicted.min(), surrogate.points[predicted.argmin()]
        drawn = self._random.random((DRAWN, len(best)))
        found = np.vstack([self._cube.settled(drawn), self._cube.near(best[None], RADII[0], NEAR, self._random)])
        gains = self._gains(surrogate, found, least)
        for radius in RADII:
            order = np.argsort(-gains, kind="stable")[:KEPT]
            more = self._cube.near(found[order], radius, NEAR, self._random)
            found = np.vstack([found[order], more])
            gains = np.append(gains[order], self._gains(surrogate, more, least))
        return found[gains.argmax()] if np.isfinite(gains).any() else None

    def _gains(self, surrogate: Surrogate, points: Floats, least: float) -> Floats:
        """Give the logarithm of the expected improvement at points; −∞ where one is known already."""
        gains = log_expected_improvement(*surrogate.posterior(points), least)
        known = (points[:, None] == surrogate.points[None]).all(axis=2).any(axis=1)
        return np.where(known, -np.inf, gains)


def log_expected_improvement(mean: Floats, deviation: Floats, least: float) -> Floats:
    """Give log E[max(least − f, 0)] of normally distributed f: σ h(z), with z = (least − mean)/σ, h(z) = φ(z) + z Φ(z).

    S. Ament and others, NeurIPS 2023, for negative z: h(z) = φ(z) (1 − |z| √(π/2) erfcx(|z|/√2)).
    """
    from scipy.special import erfcx, ndtr

    deviation = np.maximum(deviation, 1e-12)
    z = (least - mean) / deviation
    density = -(z**2) / 2 - np.log(2 * np.pi) / 2
    positive, negative = np.maximum(z, 0.0), np.minimum(z, 0.0)
    tail = 1 + negative * np.sqrt(np.pi / 2) * erfcx(-negative / np.sqrt(2))
    above = np.log(np.exp(np.where(z > 0, density, 0.0)) + positive * ndtr(positive))
    return np.log(deviation) + np.where(z > 0, above, density + np.log(np.maximum(tail, 1e-300)))


def scaled(losses: Floats) -> Floats:
    """Divide losses by the largest size, and replace those that are not finite by one a bit worse than all others.

    >>> scaled(np.array([4.0, 2.0, np.inf]))
    array([1.  , 0.5 , 1.05])
    """
    finite = np.isfinite(losses)
    if not finite.any():
        return np.zeros(len(losses))
    known = losses[finite] / (np.abs(losses[finite]).max() or 1.0)
    found = np.full(len(losses), known.max() + (np.ptp(known) or 1.0) / 10)
    found[finite] = known
    return found
