"""How many seeds would tell two settings apart: the power of McNemar's exact test."""

from __future__ import annotations

import math
from functools import lru_cache

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
    if gained == lost:
        return None
    shares = gained / pairs, lost / pairs
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
