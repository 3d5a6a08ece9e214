"""Differences between pairs of trials, in success and in a metric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import erfc, nan, sqrt
from typing import NamedTuple

import numpy as np

from nnsweep.confidence import LEVEL
from nnsweep.statistics.bootstrap import intervals
from nnsweep.statistics.sign_flips import signed_ranks as weigh_ranks

TAIL = LEVEL / 2
"""The probability beyond either end of an interval."""
NODES = 64
"""Nodes of the Gauss–Legendre quadrature."""
EXACT = 50
"""Pairs up to which the p-value of ranks is exact."""
PRECISE = 1e-12
"""The error of an interval's end, at most."""


class Difference(NamedTuple):
    """A difference, its 95 % interval, and the p-value of "there is no difference"."""

    difference: float
    low: float
    high: float
    p: float


@lru_cache(maxsize=16_384)  # Many cells of a large grid have the same counts.
def mcnemar(gained: int, lost: int, pairs: int) -> Difference:
    """Compute the difference of two paired rates, its interval, and McNemar's exact p-value; NaN without pairs.

    In `gained` of the `pairs` only the second setting succeeded, in `lost` only the first. The interval by Fay and
    Lumbard contains 0 exactly if p is above 0.05.

    >>> round(mcnemar(gained=10, lost=2, pairs=50).p, 12)  # the sum of the binomial's tails, (1 + 12 + 66) · 2 / 2¹²
    0.03857421875

    Q. McNemar, Psychometrika 12 (1947) 153–157; M. P. Fay and K. Lumbard, Stat. Med. 40 (2021) 1147–1159.
    """
    from scipy.special import bdtr  # As scipy.stats.binomtest, which takes four times as long to import.

    if pairs == 0:
        return Difference(nan, nan, nan, nan)
    p = min(1.0, 2 * float(bdtr(min(gained, lost), gained + lost, 0.5)))
    return Difference((gained - lost) / pairs, -_upper(lost, gained, pairs), _upper(gained, lost, pairs), p)


def _upper(gained: int, lost: int, pairs: int) -> float:
    """Compute the upper end: the 97.5 % quantile of T (2B − 1), with T the share that disagrees and B the gained part.

    Both have the confidence distributions of Clopper and Pearson's intervals: B the upper one, T the one that gives the
    higher end.
    """
    from scipy.special import betaincc, betaincinv  # As scipy.stats.beta, without its overhead in every call.

    differing = gained + lost
    if lost == 0:
        return float(betaincinv(differing + 1, pairs - differing, 1 - TAIL)) if differing < pairs else 1.0
    positive = betaincc(gained + 1, lost, 0.5) > TAIL
    share, weight = _beta(differing + positive, pairs - differing + (not positive))

    def rising(end: float) -> float:
        return TAIL - float(weight @ betaincc(gained + 1, lost, np.clip(0.5 + end / share / 2, 0, 1)))

    return _root(rising, -1.0, 1.0)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Find where a function that rises from below 0 to above 0 is 0, to within PRECISE.

    The Illinois method (M. Dowell and P. Jarratt, BIT 11 (1971) 168–174): the secant, with the value at an end halved
    when that end stays. scipy.optimize takes longer to import than a page takes to write.
    """
    below, above, last = rising(low), rising(high), 0.0
    while high - low > PRECISE:
        middle = min(max((low * above - high * below) / (above - below), low + PRECISE / 2), high - PRECISE / 2)
        value = rising(middle)
        if value < 0:
            low, below, above = middle, value, above / 2 if last < 0 else above
        else:
            high, above, below = middle, value, below / 2 if last > 0 else below
        last = value
    return (low + high) / 2


def _beta(a: int, b: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values and weights that turn integrals over a beta distribution into sums; b = 0 is the value 1."""
    from scipy.special import betaincinv, betaln

    if b == 0:
        return np.ones(1), np.ones(1)
    low, high = betaincinv(a, b, [1e-12, 1 - 1e-12])
    node, weight = _quadrature()
    value = low + (high - low) * (node + 1) / 2
    density = np.exp((a - 1) * np.log(value) + (b - 1) * np.log1p(-value) - betaln(a, b))
    return value, weight * density * (high - low) / 2


@lru_cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(NODES)


def signed_rank(gap: np.ndarray) -> Difference:
    """Compute the median of paired differences (pairs,), its bootstrap interval, and Wilcoxon's signed-rank p-value.

    An infinite difference has a rank in the test and is left out of the median. Zeros are treated after Pratt. The
    p-value is exact for up to 50 pairs, with ties and zeros too; else it is that of the normal approximation, without
    a correction for continuity.

    F. Wilcoxon, Biometrics Bulletin 1 (1945) 80–83; J. W. Pratt, J. Am. Stat. Assoc. 54 (1959) 655–667.
    """
    return signed_ranks([gap])[0]


def signed_ranks(gaps: Sequence[np.ndarray]) -> list[Difference]:
    """Compute `signed_rank` for many cells, in a tenth of the time."""
    finite = [np.sort(gap[np.isfinite(gap)]) for gap in gaps]
    count = np.array([len(own) for own in finite], dtype=np.intp)
    ends = intervals(np.concatenate([np.empty(0), *finite]), np.cumsum(count) - count, count, "median")
    middle = [float(np.median(own)) if len(own) else nan for own in finite]
    return [Difference(*each) for each in zip(middle, *(end.tolist() for end in ends), _wilcoxon(gaps), strict=True)]


def _wilcoxon(gaps: Sequence[np.ndarray]) -> list[float]:
    weights = [weigh_ranks(gap[None])[0].astype(np.int64) for gap in gaps]
    return [(_exact if len(own) <= EXACT else _approximate)(own) if len(own) else nan for own in weights]


def _exact(weights: np.ndarray) -> float:
    """Compute p from all flips of the signs of ranks (pairs,), of which every sum is as likely as its opposite."""
    positive, negative = int(weights[weights > 0].sum()), -int(weights[weights < 0].sum())
    return min(1.0, 2 * _chance(tuple(np.sort(np.abs(weights)).tolist()), min(positive, negative)))


@lru_cache(maxsize=16_384)  # Cells without ties have the same ranks.
def _chance(ranks: tuple[int, ...], most: int) -> float:
    """Return the chance that the ranks that a fair coin chooses have a sum of at most `most`.

    Counts the choices with each sum, rank by rank. Up to 2⁵⁰ choices are exact in floats.
    """
    counts = np.zeros(most + 1)
    counts[0] = 1
    for rank in ranks:
        counts[rank:] += counts[: max(most + 1 - rank, 0)].copy()
    return float(counts.sum()) / 2 ** len(ranks)


def _approximate(weights: np.ndarray) -> float:
    """Compute p from z = |Σ w| / √(Σ w²), with w the signed ranks (pairs,): Σ w² is the variance of Σ w.

    This is what scipy.stats.wilcoxon does, which takes half a second to import.
    """
    z = abs(int(weights.sum())) / sqrt(int(np.square(weights).sum()) or 1)
    return erfc(z / sqrt(2))
