"""A surrogate of a measured function: a Gaussian process over the unit cube, whose axes may be categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SPREAD = 3.0
"""The variance of the prior of the logarithm of each length, whose mean is √2 + log(d)/2."""
NOISE, NOISE_SPREAD = -4.0, 4.0
"""Mean and variance of the prior of the logarithm of the noise, as a share of the variance of the function."""
LENGTHS, NOISES = (np.log(0.01), np.log(1e4)), (np.log(1e-6), np.log(1e3))
"""Bounds of these logarithms. The least noise keeps matrices invertible where points are repeated."""
FOLDS = 5
STARTS = 0.3, 3.0
"""Lengths from which the optimiser starts: where many waves are, only one of them may find these."""
STEPS = 100
"""Steps of the optimiser, at most."""


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A Gaussian process that was fitted to values (n,) at points (n, d), each between 0 and 1.

    Its covariance is a product over the axes: Matérn 5/2 of the distance or, on an axis of categories, one number for
    all pairs of different categories. The lengths and the noise maximise the posterior density, with priors that
    expect less of each axis the more axes there are.

    C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2 and 5;
    C. Hvarfner, E. O. Hellsten and L. Nardi, ICML 2024, for the priors.
    """

    points: Floats
    categories: NDArray[np.bool_]
    """Which axes are categories, (d,)."""
    lengths: Floats
    """The length of each axis over which values change, (d,)."""
    weights: Floats
    """K⁻¹ (y − mean), (n,)."""
    mean: float

    @classmethod
    def fit(cls, points: Floats, values: Floats, categories: NDArray[np.bool_]) -> Surrogate:
        """Fit to values of which at least two differ. The same values give the same surrogate."""
        from scipy.linalg import cho_factor, cho_solve
        from scipy.optimize import minimize

        mean, scale = float(values.mean()), float(values.std())
        y = (values - mean) / scale
        distances = [_distances(points[:, axis], points[:, axis], categories[axis]) for axis in range(points.shape[1])]
        given, bounds = (y, distances, categories), [*(LENGTHS for _ in distances), NOISES]
        starts = ([*(np.log(length) for _ in distances), NOISE] for length in STARTS)
        tried = [
            minimize(_loss_and_slope, start, given, "L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": STEPS})
            for start in starts
        ]
        best = min(tried, key=lambda each: each.fun).x
        covariance = _covariance(best, distances, categories)
        factor: Any = cho_factor(covariance + np.exp(best[-1]) * np.eye(len(y)), lower=True)
        return cls(points, categories, np.exp(best[:-1]), cho_solve(factor, y) * scale, mean)

    def factors(self, axis: int, places: Floats) -> Floats:
        """Give the factor of an axis in the covariances of some places on it with the points, (places, n)."""
        distances = _distances(places, self.points[:, axis], self.categories[axis])
        return _kernel(distances, self.lengths[axis], self.categories[axis])

    def predict(self, points: Floats) -> Floats:
        """Predict the function at points (m, d)."""
        return self.combine([self.factors(axis, points[:, axis]) for axis in range(points.shape[1])])

    def combine(self, factors: list[Floats]) -> Floats:
        """Predict the function at points whose factors (m, n) on each axis are known."""
        return self.mean + _product(factors) @ self.weights


def cross_validated_r2(points: Floats, values: Floats, categories: NDArray[np.bool_]) -> float:
    """Return the share of the variance of values that surrogates predict which were not fitted to them.

    It is 1 − Σ (yᵢ − ŷᵢ)² / Σ (yᵢ − ȳ)², where a surrogate of four fifths of the values predicts the last fifth. It is
    at most 1, and negative where the mean would predict better.
    """
    predicted = np.empty_like(values)
    for fold in range(FOLDS):
        left_out = np.arange(len(values)) % FOLDS == fold
        known, y = points[~left_out], values[~left_out]
        is_constant = y.min() == y.max()
        predicted[left_out] = y[0] if is_constant else Surrogate.fit(known, y, categories).predict(points[left_out])
    return 1 - float(((values - predicted) ** 2).sum()) / float(((values - values.mean()) ** 2).sum())


def _expected_length(axes: int) -> float:
    """The mean of the prior of the logarithm of a length."""
    return float(np.sqrt(2) + np.log(axes) / 2)


def _distances(one: Floats, other: Floats, category: bool | np.bool_) -> Floats:
    apart = np.abs(one[:, None] - other[None, :])
    return (apart > 0).astype(np.float64) if category else apart


def _kernel(distances: Floats, length: float, category: bool | np.bool_) -> Floats:
    scaled = distances / length
    if category:
        return np.exp(-scaled)
    scaled = np.sqrt(5) * scaled
    return (1 + scaled + scaled**2 / 3) * np.exp(-scaled)


def _slope(distances: Floats, length: float, category: bool | np.bool_) -> Floats:
    """Give the derivative of the logarithm of a kernel by the logarithm of its length."""
    scaled = distances / length
    if category:
        return scaled
    scaled = np.sqrt(5) * scaled
    return scaled**2 * (1 + scaled) / (3 + 3 * scaled + scaled**2)


def _product(factors: list[Floats]) -> Floats:
    found = factors[0].copy()
    for each in factors[1:]:
        found *= each
    return found


def _covariance(logs: Floats, distances: list[Floats], categories: NDArray[np.bool_]) -> Floats:
    lengths = np.exp(logs[:-1])
    return _product([_kernel(*each) for each in zip(distances, lengths, categories, strict=True)])


def _loss_and_slope(
    logs: Floats, y: Floats, distances: list[Floats], categories: NDArray[np.bool_]
) -> tuple[float, Floats]:
    """Give −log of the posterior density of lengths and noise, where the variance of the function is the best one."""
    from scipy.linalg import cho_factor, cho_solve

    n, lengths, noise = len(y), np.exp(logs[:-1]), np.exp(logs[-1])
    covariance = _covariance(logs, distances, categories)
    factor: Any = cho_factor(covariance + noise * np.eye(n), lower=True)
    inverse: Floats = cho_solve(factor, np.eye(n))
    weights = inverse @ y
    variance = float(y @ weights) / n
    expected = np.append(np.full(len(lengths), _expected_length(len(lengths))), NOISE)
    spread = np.append(np.full(len(lengths), SPREAD), NOISE_SPREAD)
    density = n / 2 * np.log(variance) + np.log(np.diag(factor[0])).sum()
    change = (inverse - np.outer(weights, weights) / variance) / 2  # by the covariance
    by_covariance = change * covariance
    slope = [float((by_covariance * _slope(*each)).sum()) for each in zip(distances, lengths, categories, strict=True)]
    slope.append(float(noise * np.trace(change)))
    away = logs - expected
    return density + float((away**2 / spread).sum()) / 2, np.array(slope) + away / spread
