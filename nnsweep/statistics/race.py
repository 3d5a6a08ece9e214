"""A race: configurations get seeds together, and those of which others are clearly better get no more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnsweep.confidence import LEVEL
from nnsweep.statistics.ranks import doubled_ranks
from nnsweep.statistics.sign_flips import Floats

LEADERS = 20
"""One of so many configurations is a leader, with which the others are compared; at least one."""
SLOPES = np.array([0.5, 1.0, 2.0, 4.0, 8.0])
"""The stakes λ, of which each gets the same share of the capital."""
FIRST_LEADERS = 64
"""How many configurations, spread evenly, the others are compared with before any seed was seen."""
MOST = 700.0
"""The logarithm of the largest evidence."""


class Race:
    """Evidence for each configuration (cells,) that another is better, which may be checked after every seed.

    Each configuration i has a capital, at first 1. Before a seed is seen, it is divided among the configurations j
    that lead so far. With the seed it is multiplied by the mean over these of 1 + tanh(λ (s_j − s_i)); s are the scores
    of that seed, between 0 and 1. The evidence E is the mean capital over some λ.

    If i is the best, no s_j − s_i is more often above x than below −x. Then each factor is at most 1 on average,
    whatever was seen before, and E ever reaches 1/level with a probability of at most `level` (Ville 1939). This holds
    for any choice of leaders by earlier seeds, any dependence between configurations, and any rule by which
    others get no more seeds. No correction for their number is needed, as there is one best configuration.

    M. Birattari, T. Stützle, L. Paquete, K. Varrentrapp, GECCO (2002) 11–18, for the race; A. Ramdas, P. Grünwald,
    V. Vovk, G. Shafer, Stat. Sci. 38 (2023) 576–601, for the capital.
    """

    def __init__(self, cells: int, level: float = LEVEL) -> None:
        """Start with all configurations and no seed."""
        self.level = level
        self.evidence = np.ones(cells)
        """The largest evidence so far, (cells,)."""
        self.seeds = np.zeros(cells, dtype=int)
        """How many seeds each has got, (cells,)."""
        self._capital = np.zeros((cells, len(SLOPES)))  # logarithms
        self._total, self._count = np.zeros(cells), np.zeros(cells)

    @property
    def remaining(self) -> NDArray[np.intp]:
        """The configurations that are not ruled out."""
        return np.flatnonzero(self.evidence < 1 / self.level)

    def add(self, scores: NDArray) -> None:
        """Take the scores of the next seeds for the remaining configurations, (remaining, seeds); NaN is no outcome.

        All seeds of one call are compared with those that led before it. With the first call, some of all are.
        """
        cells = self.remaining
        leaders, shares = self._opponents(cells)
        for seed in scores.T:
            # tanh(λ · NaN) is no bet: a trial that failed says nothing of the configuration.
            gaps = np.nan_to_num(np.tanh(SLOPES * (seed[None, leaders, None] - seed[:, None, None])))
            self._capital[cells] += np.log1p(np.einsum("ij,ijl->il", shares, gaps))
            found = np.exp(np.minimum(self._capital[cells], MOST)).mean(axis=1)
            self.evidence[cells] = np.maximum(self.evidence[cells], found)
        self.seeds[cells] += scores.shape[1]
        self._total[cells] += np.nansum(scores, axis=1)
        self._count[cells] += (~np.isnan(scores)).sum(axis=1)

    def _opponents(self, cells: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats]:
        """List the leaders among some configurations, and the share of the capital of each that is on each leader.

        A leader has one more, in its own place.
        """
        if self._count.any():
            mean = self._total[cells] / np.maximum(self._count[cells], 1)
            listed = np.argsort(-mean, kind="stable")[: 2 + len(cells) // LEADERS]
        else:
            listed = np.unique(np.linspace(0, len(cells) - 1, FIRST_LEADERS + 1).astype(np.intp))
        shares = np.ones((len(cells), len(listed)))
        shares[:, -1] = 0
        shares[listed, -1] = 1
        shares[listed, np.arange(len(listed))] = 0
        return listed, shares / max(1, len(listed) - 1)


def scores_of_ranks(values: NDArray) -> Floats:
    """Turn values (cells, seeds), of which larger is better, into ranks within each seed, between 0 and 1.

    >>> scores_of_ranks(np.array([[3.0], [np.nan], [5.0], [-np.inf]])).ravel().tolist()
    [0.5, nan, 1.0, 0.0]
    """
    ranks = np.array([doubled_ranks(seed[None])[0] for seed in values.T]).T.reshape(values.shape)
    there = ~np.isnan(values)
    spans = np.maximum(2 * (there.sum(axis=0) - 1), 1)
    return np.where(there, (ranks - 2) / spans, np.nan)
