"""The interval of a mean over seeds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.confidence import CONFIDENCE

RESAMPLES = 9_999


class Interval(NamedTuple):
    """A mean and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def mean_interval(sums: NDArray, counts: NDArray) -> Interval:
    """Compute Σ sums / Σ counts over the seeds, (seeds,) each, with its bootstrap interval (BCa) over the seeds.

    The resamples come from a fixed seed, so that the same trials give the same interval. The interval is NaN if all
    seeds have the same mean, and for fewer than two seeds.

    B. Efron, J. Am. Stat. Assoc. 82 (1987) 171–185; by scipy.stats.bootstrap.
    """
    total = counts.sum()
    mean = float(sums.sum() / total) if total else float("nan")
    if len(sums) < 2 or np.ptp(sums / np.maximum(counts, 1)) == 0:
        return Interval(mean, float("nan"), float("nan"))
    from scipy.stats import bootstrap

    def ratio(sums: NDArray, counts: NDArray, axis: int = -1) -> NDArray:
        return sums.sum(axis=axis) / np.maximum(counts.sum(axis=axis), 1)

    found = bootstrap(
        (sums, counts),
        ratio,
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high))
