"""The interval of a mean over seeds."""

from __future__ import annotations

from math import isnan, nan
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.confidence import LEVEL

RESAMPLES = 9_999
NORMAL = NormalDist()


class Interval(NamedTuple):
    """A mean and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def mean_interval(sums: NDArray, counts: NDArray) -> Interval:
    """Compute Σ sums / Σ counts over the seeds, (seeds,) each, with its bootstrap interval (BCa) over the seeds.

    The resamples come from a fixed seed, so that the same trials give the same interval. The interval is NaN if all
    seeds have the same mean, and for fewer than two seeds.

    B. Efron, J. Am. Stat. Assoc. 82 (1987) 171–185, section 3. scipy.stats.bootstrap draws the same resamples and gives
    the same interval, but takes half a second to import.
    """
    seeds = len(sums)
    mean = float(_ratio(sums, counts)) if counts.any() else nan
    if seeds < 2 or np.ptp(sums / np.maximum(counts, 1)) == 0:
        return Interval(mean, nan, nan)
    drawn = np.random.default_rng(0).integers(seeds, size=(RESAMPLES, seeds))
    resampled = _ratio(sums[drawn], counts[drawn])
    skewness = _skewness(_ratio(sums.sum() - sums[:, None], counts.sum() - counts[:, None]))
    below = float((resampled < mean).mean() + (resampled <= mean).mean()) / 2
    if isnan(skewness) or not 0 < below < 1:
        return Interval(mean, nan, nan)
    low, high = np.quantile(resampled, [_share(below, skewness, end) for end in (LEVEL / 2, 1 - LEVEL / 2)])
    return Interval(mean, float(low), float(high))


def _ratio(sums: NDArray, counts: NDArray) -> NDArray:
    """Σ sums / Σ counts over the last axis."""
    return sums.sum(axis=-1) / np.maximum(counts.sum(axis=-1), 1)


def _skewness(left_out: NDArray) -> float:
    """Return the acceleration: a sixth of the skewness of the means without one seed each; NaN if these are equal."""
    distance = left_out.mean() - left_out
    square = float(np.square(distance).sum())
    return float((distance**3).sum()) / (6 * square**1.5) if square else nan


def _share(below: float, skewness: float, end: float) -> float:
    """Return the share of the resamples below the end of the interval that has the share `end` of a normal one below.

    `below` is the share of the resamples below the mean itself.
    """
    bias = NORMAL.inv_cdf(below)
    moved = bias + NORMAL.inv_cdf(end)
    return NORMAL.cdf(bias + moved / (1 - skewness * moved))
