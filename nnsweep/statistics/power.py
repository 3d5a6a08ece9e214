"""How many seeds would tell two settings apart: the power of McNemar's exact test, and of Wilcoxon's."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

POWER = 0.8
"""How likely a difference should be found, at least."""
MOST_SEEDS = 100_000
"""Beyond these, how many seeds it would take is not said."""


@lru_cache(maxsize=16_384)  # Of a large grid, many cells have the same counts.
def seeds_needed(gained: int, lost: int, pairs: int, level: float = 0.05) -> int | None:
    """Seeds with which McNemar's exact test finds a difference with 80 % power; None if more than 100,000.

    Of `pairs` trials, paired by seed, one setting succeeded alone in `gained` and the other in `lost`; these shares are
    taken for the truth. Power grows with the seeds, but for ripples of a discrete test; so they are found by bisection.

    >>> seeds_needed(gained=9, lost=1, pairs=50)
    62
    """
    return None if gained == lost else fewest_seeds(gained / pairs, lost / pairs, level)


def fewest_seeds(gained: float, lost: float, level: float = 0.05) -> int | None:
    """Seeds with which McNemar's exact test has 80 % power, if one setting alone succeeds in a share `gained` of the
    seeds and the other alone in a share `lost`; None if more than 100,000.

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
    """Shares of pairs in which one setting alone succeeds, and the other, whose rate is `rate`, if seeds share no luck.

    >>> shares = shares_of(0.1, 0.2)
    >>> [round(share, 3) for share in shares]
    [0.27, 0.07]
    """
    return (rate + difference) * (1 - rate), rate * (1 - rate - difference)


def power(pairs: int, gained: float, lost: float, level: float = 0.05) -> float:
    """Chance that McNemar's exact test, two-sided, finds a difference at this level in so many pairs.

    Σ_d B(d; n, π) · P(K ≤ c or K ≥ d − c), K ~ B(d, γ/π), over the number d of pairs that disagree, of which the share
    is π = γ + λ; γ (`gained`) and λ (`lost`) are the true shares of pairs in which only one or only the other succeeds.
    c is the largest count with 2 P(B(d, ½) ≤ c) ≤ level.

    >>> round(power(6, gained=1.0, lost=0.0), 4), round(power(5, gained=1.0, lost=0.0), 4)
    (1.0, 0.0)

    R. J. Connor, Biometrics 43 (1987) 207–211, approximates it.
    """
    from scipy.stats import binom

    share = gained + lost
    # What lies farther from the mean than 8 standard deviations adds nothing that could be seen.
    mean, reach = pairs * share, 8 * math.sqrt(pairs * share * (1 - share)) + 8
    differing = np.arange(max(0, math.floor(mean - reach)), min(pairs, math.ceil(mean + reach)) + 1)
    critical = binom.ppf(level / 2, differing, 0.5) - 1
    one = gained / share
    found = binom.cdf(critical, differing, one) + binom.sf(differing - critical - 1, differing, one)
    return float(binom.pmf(differing, pairs, share) @ found)


def seeds_needed_by_rank(gap: np.ndarray, level: float = 0.05) -> int | None:
    """Seeds with which Wilcoxon's signed-rank test finds a difference with 80 % power; None if more than 100,000.

    N = (z₁ + z₂)² / 3 (p − ½)², z the normal quantiles of 1 − level/2 and of the power, and p the chance that two of
    the paired differences `gap` (pairs,) have a positive sum, for which the share of those that have stands.

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
