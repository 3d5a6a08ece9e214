"""How many seeds distinguish two settings: the power of McNemar's exact test and of Wilcoxon's."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from nnsweep.confidence import LEVEL

POWER = 0.8
"""The smallest probability with which a difference should be found."""
MOST_SEEDS = 100_000
"""A larger number of seeds is not computed."""


@lru_cache(maxsize=16_384)  # Many cells of a large grid have the same counts.
def seeds_needed(gained: int, lost: int, pairs: int, level: float = LEVEL) -> int | None:
    """Compute the seeds with which McNemar's exact test finds a difference with 80 % power; None above 100,000.

    In `gained` of the `pairs` only one setting succeeded, in `lost` only the other; these shares are taken as true. The
    number is found by bisection, because power grows with the seeds, apart from ripples of a discrete test.

    >>> seeds_needed(gained=9, lost=1, pairs=50)
    62
    """
    return None if gained == lost else fewest_seeds(gained / pairs, lost / pairs, level)


def fewest_seeds(gained: float, lost: float, level: float = LEVEL) -> int | None:
    """Compute the seeds with which McNemar's exact test has 80 % power; None above 100,000.

    Only one setting succeeds in a share `gained` of the seeds, only the other in a share `lost`.

    >>> fewest_seeds(0.2, 0.1)
    249
    """
    shares = gained, lost
    enough = 1
    while power(enough, *shares, level) < POWER:
        enough *= 2
        if enough > 2 * MOST_SEEDS:
            return None
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        too_few, enough = (too_few, middle) if power(middle, *shares, level) >= POWER else (middle, enough)
    return enough if enough <= MOST_SEEDS else None


def shares_of(rate: float, difference: float) -> tuple[float, float]:
    """Compute the shares of pairs in which only the better, and only the other setting succeeds, if independent.

    The other setting has the success rate `rate`, the better one `rate + difference`.

    >>> shares = shares_of(0.1, 0.2)
    >>> [round(share, 3) for share in shares]
    [0.27, 0.07]
    """
    return (rate + difference) * (1 - rate), rate * (1 - rate - difference)


def power(pairs: int, gained: float, lost: float, level: float = LEVEL) -> float:
    """Compute the probability that McNemar's exact two-sided test finds a difference at this level.

    Σ_d B(d; n, π) · P(K ≤ c or K ≥ d − c), K ~ B(d, γ/π), over the number d of pairs that disagree, of which the share
    is π = γ + λ; γ (`gained`) and λ (`lost`) are the true shares of pairs in which only one or only the other succeeds.
    c is the largest count with 2 P(B(d, ½) ≤ c) ≤ level.

    >>> round(power(6, gained=1.0, lost=0.0), 4), round(power(5, gained=1.0, lost=0.0), 4)
    (1.0, 0.0)

    R. J. Connor, Biometrics 43 (1987) 207–211, approximates it.
    """
    from scipy.special import bdtr, bdtrc, betaln, xlog1py, xlogy  # Importing scipy.stats takes four times as long.

    share = gained + lost
    # Terms farther from the mean than 8 standard deviations are negligible.
    mean, reach = pairs * share, 8 * math.sqrt(pairs * share * (1 - share)) + 8
    differing = np.arange(max(0, math.floor(mean - reach)), min(pairs, math.ceil(mean + reach)) + 1)
    critical, one = _critical(differing, level / 2), gained / share
    found = np.where(critical < 0, 0, bdtr(np.maximum(critical, 0), differing, one))
    found += bdtrc(differing - critical - 1, differing, one)
    orders = -betaln(pairs - differing + 1, differing + 1) - math.log(pairs + 1)
    probability = np.exp(orders + xlogy(differing, share) + xlog1py(pairs - differing, -share))
    return min(1.0, float(probability @ found))


def _critical(tosses: np.ndarray, tail: float) -> np.ndarray:
    """Compute the largest number of heads with P(B(tosses, ½) ≤ number) ≤ tail, by bisection; −1 if there is none."""
    from scipy.special import bdtr

    low, high = np.full_like(tosses, -1), tosses
    while (high - low > 1).any():
        middle = np.maximum((low + high) // 2, 0)
        rare = bdtr(middle, tosses, 0.5) <= tail
        low, high = np.where(rare, middle, low), np.where(rare, high, middle)
    return low


def seeds_needed_by_rank(gap: np.ndarray, level: float = LEVEL) -> int | None:
    """Compute the seeds with which Wilcoxon's signed-rank test has 80 % power; None above 100,000.

    N = (z₁ + z₂)² / 3 (p − ½)², with z the normal quantiles of 1 − level/2 and of the power, and p the probability that
    two paired differences have a positive sum, estimated by the share of pairs of `gap` (pairs,) that have one.

    G. E. Noether, J. Am. Stat. Assoc. 82 (1987) 645–647.
    """
    if len(gap) < 2:
        return None
    first, second = np.triu_indices(len(gap), k=1)
    excess = float(np.sign(gap[first] + gap[second]).mean()) / 2
    quantile = NormalDist().inv_cdf
    wanted = quantile(1 - level / 2) + quantile(POWER)
    needed = wanted**2 / 3 / max(excess**2, 1 / MOST_SEEDS**2)
    return math.ceil(needed) if needed <= MOST_SEEDS else None
