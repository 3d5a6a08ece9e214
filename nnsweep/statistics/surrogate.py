"""A surrogate of a measured function: a Gaussian process over the unit cube, whose axes may be categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LENGTHS, NOISES = (np.log(0.01), np.log(1e4)), (np.log(1e-6), np.log(1e3))
"""Bounds of these logarithms. The least noise keeps matrices invertible where points are repeated."""
FOLDS = 5
STARTS = 0.3, 3.0
"""Lengths from which the optimiser starts: where many waves are, only one of them may find these."""
STEPS = 100
"""Steps of the optimiser, at most."""


class Prior(NamedTuple):
    """Normal priors of logarithms: of each length, and of the noise as a share of the variance of the function."""

    length: float
    length_variance: float
    noise: float
    noise_variance: float

    @classmethod
    def of(cls, axes: int) -> Prior:
        """Expect less of each axis, the more axes there are.

        Source: C. Hvarfner, E. O. Hellsten and L. Nardi, ICML 2024.
        """
        return cls(float(np.sqrt(2) + np.log(axes) / 2), 3.0, -4.0, 4.0)


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A Gaussian process that was fitted to values (n,) at points (n, d), each between 0 and 1.

    Its covariance is a product over the axes: Matérn 5/2 of the distance or, on an axis of categories, one number for
    all pairs of different categories. The lengths and the noise maximise the posterior density.

    C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning, MIT Press 2006, chapters 2 and 5.
    """

    points: Floats
    categories: NDArray[np.bool_]
    """Which axes are categories, (d,)."""
    logs: Floats
    """The logarithms of the length of each axis over which values change, and of the noise, (d + 1,)."""
    mean: float
    deviation: float
    """The standard deviation of the function over the space."""
    factor: Floats
    """The lower triangle L with L Lᵀ = K + noise, (n, n)."""
    weights: Floats
    """(K + noise)⁻¹ (y − mean), (n,)."""

    @classmethod
    def fit(
        cls,
        points: Floats,
        values: Floats,
        categories: NDArray[np.bool_],
        prior: Prior | None = None,
        starts: Sequence[float] = STARTS,
    ) -> Surrogate:
        """Fit to values of which at least two differ. The same values give the same surrogate.

        `starts` are lengths from which the optimiser starts, each with the noise that the prior expects.
        """
        from scipy.optimize import minimize

        prior = prior or Prior.of(points.shape[1])
        distances = _distances(points, points, categories)
        given = _standardized(values), distances, categories, prior
        bounds = [*(LENGTHS for _ in distances), NOISES]
        tried = [
            minimize(
                _loss_and_slope,
                [*(np.log(length) for _ in distances), prior.noise],
                given,
                "L-BFGS-B",
                jac=True,
                bounds=bounds,
                options={"maxiter": STEPS},
            )
            for length in starts
        ]
        return cls.of(points, values, categories, min(tried, key=lambda each: each.fun).x)

    @classmethod
    def of(cls, points: Floats, values: Floats, categories: NDArray[np.bool_], logs: Floats) -> Surrogate:
        """Make the surrogate of values, of which at least two differ, whose lengths and noise are known."""
        potrf, potrs = _lapack("potrf", "potrs")
        covariance = _covariance(logs, _distances(points, points, categories), categories)
        factor, _ = potrf(covariance + np.exp(logs[-1]) * np.eye(len(values)), lower=True)
        y, scale = _standardized(values), float(values.std())
        weights, _ = potrs(factor, y, lower=True)
        deviation = float(np.sqrt(y @ weights / len(y))) * scale
        return cls(points, categories, logs, float(values.mean()), deviation, factor, weights * scale)

    def factors(self, axis: int, places: Floats) -> Floats:
        """Give the factor of an axis in the covariances of some places on it with the points, (places, n)."""
        one = slice(axis, axis + 1)
        distances = _distances(places[:, None], self.points[:, one], self.categories[one])
        return _covariance(self.logs[[axis, -1]], distances, self.categories[one])

    def predict(self, points: Floats) -> Floats:
        """Predict the function at points (m, d)."""
        return self.combine([self.factors(axis, points[:, axis]) for axis in range(points.shape[1])])

    def combine(self, factors: list[Floats]) -> Floats:
        """Predict the function at points whose factors (m, n) on each axis are known."""
        return self.mean + _product(factors) @ self.weights

    def posterior(self, points: Floats) -> tuple[Floats, Floats]:
        """Predict the function at points (m, d), with the standard deviation of each prediction, both (m,)."""
        from scipy.linalg import get_blas_funcs

        (trsm,) = get_blas_funcs(("trsm",), dtype="d")
        covariance = _covariance(self.logs, _distances(points, self.points, self.categories), self.categories)
        explained = trsm(1.0, self.factor, covariance.T, lower=True)
        unexplained = np.maximum(1 - np.einsum("nm,nm->m", explained, explained), 0.0)
        return self.combine([covariance]), self.deviation * np.sqrt(unexplained)


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


def _lapack(*names: str) -> Any:
    """Give functions of LAPACK: SciPy's own around them take longer than these do for a few points."""
    from scipy.linalg import get_lapack_funcs

    return get_lapack_funcs(names, dtype="d")


def _standardized(values: Floats) -> Floats:
    return (values - values.mean()) / values.std()


def _distances(one: Floats, other: Floats, categories: NDArray[np.bool_]) -> Floats:
    """Give the distances of points (m, d) and (n, d) on each axis, (d, m, n): 0 or 1 between categories."""
    apart = np.abs(one.T[:, :, None] - other.T[:, None, :])
    apart[categories] = apart[categories] > 0
    return apart


def _product(factors: Sequence[Floats] | Floats) -> Floats:
    found = factors[0].copy()
    for each in factors[1:]:
        found *= each
    return found


def _scaled(logs: Floats, distances: Floats, categories: NDArray[np.bool_]) -> Floats:
    """Give s = √5 distance/length on each axis, (d, m, n), or distance/length of categories."""
    return distances * (np.where(categories, 1.0, np.sqrt(5)) * np.exp(-logs[:-1]))[:, None, None]


def _polynomials(s: Floats, categories: NDArray[np.bool_]) -> Floats:
    """Give 1 + s + s²/3 on each axis, or 1 of categories: the factor of an axis is this times exp(−s)."""
    found = 1 + s * (1 + s / 3)
    found[categories] = 1
    return found


def _covariance(logs: Floats, distances: Floats, categories: NDArray[np.bool_]) -> Floats:
    s = _scaled(logs, distances, categories)
    return _product(_polynomials(s, categories)) * np.exp(-s.sum(axis=0))


def _loss_and_slope(
    logs: Floats, y: Floats, distances: Floats, categories: NDArray[np.bool_], prior: Prior
) -> tuple[float, Floats]:
    """Give −log of the posterior density of lengths and noise, where the variance of the function is the best one."""
    potrf, potri = _lapack("potrf", "potri")
    n, noise = len(y), float(np.exp(logs[-1]))
    s = _scaled(logs, distances, categories)
    polynomials = _polynomials(s, categories)
    covariance = _product(polynomials) * np.exp(-s.sum(axis=0))
    factor, _ = potrf(covariance + noise * np.eye(n), lower=True)
    inverse = np.tril(potri(factor, lower=True)[0])
    inverse += np.tril(inverse, -1).T
    weights = inverse @ y
    variance = float(y @ weights) / n
    density = n / 2 * np.log(variance) + np.log(factor.diagonal()).sum()
    change = (inverse - np.outer(weights, weights) / variance) / 2  # by the covariance
    slopes = s * s * (1 + s) / (3 * polynomials)  # of the logarithm of a factor by that of its length
    slopes[categories] = s[categories]
    slope = np.append(slopes.reshape(len(s), -1) @ (change * covariance).ravel(), noise * np.trace(change))
    away = logs - np.append(np.full(len(s), prior.length), prior.noise)
    spread = np.append(np.full(len(s), prior.length_variance), prior.noise_variance)
    return density + float((away**2 / spread).sum()) / 2, slope + away / spread
