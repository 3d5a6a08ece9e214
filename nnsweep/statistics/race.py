"""A race: configurations get seeds together, until each is ruled out or likely to stay among the best."""

from __future__ import annotations

from enum import Enum
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from nnsweep.confidence import LEVEL
from nnsweep.statistics.ranks import doubled_ranks
from nnsweep.statistics.sign_flips import Floats

LEADERS = 20
"""One of so many open configurations is a leader, with which the others are compared; at least one."""
FIRST_LEADERS = 64
"""How many configurations, spread evenly, the others are compared with before any seed was seen."""
SLOPES = np.array([1.0, 2.0, 4.0])
"""The stakes λ, of which each gets the same share of the capital."""
MOST = 700.0
"""The logarithm of the largest evidence."""
KEPT_FROM = 0.25
"""The share of the seeds before which no configuration is kept."""
SLIGHT = 0.02
"""A configuration is kept if the chance that all seeds would show it to be worse is below this."""
WORSE = 3.0
"""A statistic above this would show it: on the forum's grid the joint test rules out from 2.6 on by success, and from
3.2 on by error, because its leaders are chosen by the same seeds."""
SMALL = 1e-9
"""Gaps below this are none."""


class End(Enum):
    """What became of a configuration."""

    OPEN = "open"
    RULED_OUT = "ruled out"
    KEPT = "kept"
    """More seeds would probably not rule it out."""
    NO_OUTCOME = "no outcome"


class Race:
    """Evidence for each configuration (cells,) that another is better, which may be checked after every seed.

    Each configuration i has a capital, at first 1. Before a seed is looked at, it is divided among the configurations j
    that lead by the seeds before. With the seed it is multiplied by the mean over these of 1 + tanh(λ (s_j − s_i)); s
    are the scores of that seed, between 0 and 1. The evidence E is the mean capital over some λ.

    If i is the best, no s_j − s_i is more often above x than below −x. Then each factor is at most 1 on average,
    whatever was seen before, and E ever reaches 1/level with a probability of at most `level` (Ville 1939). This holds
    for any choice of leaders by earlier seeds, any dependence between configurations, and any rule by which
    others get no more seeds. No correction for their number is needed, as there is one best configuration.

    Let d be the mean of s_j − s_i, and z = Σ d / √(Σ d²) after n of N seeds. After all seeds, z is predicted as normal
    with mean z √(N/n) and variance N/n − 1. If it is above 3 with a probability below 2 %, i is kept, and gets more
    seeds only as a leader.

    M. Birattari, T. Stützle, L. Paquete, K. Varrentrapp, GECCO (2002) 11–18, for the race; A. Ramdas, P. Grünwald,
    V. Vovk, G. Shafer, Stat. Sci. 38 (2023) 576–601, for the capital; D. J. Spiegelhalter, L. S. Freedman, P. R.
    Blackburn, Control. Clin. Trials 7 (1986) 8–17, for the prediction.
    """

    def __init__(self, cells: int, seeds: int, level: float = LEVEL) -> None:
        """Start with all configurations, and no seed of so many."""
        self.level, self._most, self._at = level, seeds, 0
        self.ends = np.full(cells, End.OPEN)
        """What became of each configuration, (cells,)."""
        self.evidence = np.ones(cells)
        """The largest evidence so far, (cells,)."""
        self.seeds = np.zeros(cells, dtype=int)
        """How many seeds each has got, (cells,)."""
        self.next = np.arange(cells)
        """The configurations that get the next seeds: open ones and leaders; none if the race is over."""
        self._leaders = np.unique(np.linspace(0, cells - 1, FIRST_LEADERS + 1).astype(np.intp))
        self._capital = np.zeros((cells, len(SLOPES)))  # logarithms
        self._gap, self._square, self._total, self._second, self._count = np.zeros((5, cells))

    @property
    def remaining(self) -> NDArray[np.intp]:
        """The configurations that may be the best."""
        return np.flatnonzero((self.ends == End.OPEN) | (self.ends == End.KEPT))

    def add(self, scores: NDArray, second: NDArray | None = None) -> None:
        """Take the scores of the next seeds for the configurations of `next`, (next, seeds); NaN is no outcome.

        Among configurations with equal mean scores, those with the higher mean of `second` (next, seeds) lead, and
        else the first. A configuration without an outcome in the first call is left out.
        """
        cells = self.next
        for seed, other in zip(scores.T, (np.zeros_like(scores) if second is None else second).T, strict=True):
            self._compare(seed)
            there = ~np.isnan(seed)
            self._total[cells[there]] += seed[there]
            self._second[cells[there]] += other[there]
            self._count[cells] += there
            self._leaders = self._best(cells)
        self._at += scores.shape[1]
        self.seeds[cells] = self._at
        self.ends[cells[self._count[cells] == 0]] = End.NO_OUTCOME
        is_open = self.ends == End.OPEN
        self.ends[is_open & (self.evidence >= 1 / self.level)] = End.RULED_OUT
        self.ends[is_open & (self.evidence < 1 / self.level) & self._is_likely_to_stay()] = End.KEPT
        self._choose_next()

    def _compare(self, scores: NDArray) -> None:
        """Bet on the leaders, against each configuration; a leader has the last of them in its own place."""
        cells, places = self.next, np.searchsorted(self.next, self._leaders)
        shares = np.ones((len(cells), len(places)))
        shares[:, -1] = 0
        shares[places, -1] = 1
        shares[places, np.arange(len(places))] = 0
        shares /= max(1, len(places) - 1)
        # A trial that failed is no bet: it says nothing of the configuration.
        gaps = np.nan_to_num(scores[None, places] - scores[:, None])
        factors = np.einsum("ij,ijl->il", shares, np.tanh(SLOPES * gaps[..., None]))
        self._capital[cells] += np.log1p(factors)
        found = np.exp(np.minimum(self._capital[cells], MOST)).mean(axis=1)
        self.evidence[cells] = np.maximum(self.evidence[cells], found)
        gap = (shares * gaps).sum(axis=1)
        self._gap[cells] += gap
        self._square[cells] += np.square(gap)

    def _is_likely_to_stay(self) -> NDArray[np.bool_]:
        """Return which configurations are unlikely to be shown as worse by all seeds, (cells,)."""
        share = self._at / self._most
        if not KEPT_FROM <= share < 1:
            return np.zeros(len(self.seeds), dtype=bool)
        z = self._gap / np.sqrt(np.maximum(self._square, SMALL))
        return z / sqrt(share) + NormalDist().inv_cdf(1 - SLIGHT) * sqrt(1 / share - 1) < WORSE

    def _choose_next(self) -> None:
        """Have the open ones go on, with the leaders among those with all seeds so far."""
        remaining, is_open = self.remaining, np.flatnonzero(self.ends == End.OPEN)
        if len(remaining) < 2 or not len(is_open) or self._at == self._most:
            self.next = np.zeros(0, dtype=np.intp)
            return
        self._leaders = self._best(remaining[self.seeds[remaining] == self._at])
        self.next = np.union1d(is_open, self._leaders)

    def _best(self, cells: NDArray[np.intp]) -> NDArray[np.intp]:
        """Choose those of some configurations that lead, and the one that comes next, the best first."""
        count = np.maximum(self._count[cells], SMALL)
        order = np.lexsort((-self._second[cells] / count, -self._total[cells] / count))
        return cells[order[: 2 + np.count_nonzero(self.ends == End.OPEN) // LEADERS]]


def scores_of_ranks(values: NDArray) -> Floats:
    """Turn values (cells, seeds), of which larger is better, into ranks within each seed, between 0 and 1.

    >>> scores_of_ranks(np.array([[3.0], [np.nan], [5.0], [-np.inf]])).ravel().tolist()
    [0.5, nan, 1.0, 0.0]
    """
    ranks = np.array([doubled_ranks(seed[None])[0] for seed in values.T]).T.reshape(values.shape)
    there = ~np.isnan(values)
    spans = np.maximum(2 * (there.sum(axis=0) - 1), 1)
    return np.where(there, (ranks - 2) / spans, np.nan)
