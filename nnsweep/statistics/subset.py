"""Which cells may be the best: a set that contains the truly best cell with 95 % confidence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.confidence import LEVEL
from nnsweep.statistics.sign_flips import ROUNDING, Floats, is_enumerated, share_of, signed_flips

FLIPS = 10_000
"""Random flips that are drawn if all flips would be too many."""
MANY = 200
"""With more cells than this, a cell gets no further flips once its answer is clear."""
CERTAIN = 6.0
"""An answer is clear if p is this many standard errors from the level."""
HIGHEST = 16
"""The number of cells with the highest sums of a flip, which are compared before all others."""


class BestSet(NamedTuple):
    """For each cell (cells,): the p-value of "no other cell is better", its standard error, and whether it stays."""

    p: Floats
    error: Floats
    stays: NDArray[np.bool_]


def best_set(scores: NDArray, ended: NDArray[np.bool_], flips: int = FLIPS) -> BestSet:
    """Test for each cell whether another is better, by the joint maximum over all others under sign flips by seed.

    `scores` (cells, seeds) are whole numbers; larger is better. For success they are 1 and 0, for a metric the ranks of
    its values over all cells and seeds. `ended` tells which trials have a score. For cells i and j, d = score_j −
    score_i over the seeds in which both ended, and T_ij = Σ d / √(Σ d²). Cell i leaves the set if at most 5 % of the
    flips reach the largest T_ij over all j. No correction for the number of cells is needed: the truly best cell is one
    hypothesis, and it leaves with a probability of at most 5 %, which is all that the set promises (Gupta 1965).

    A cell in which no trial ended leaves. Cells with equal scores get the same answer.

    S. S. Gupta, Technometrics 7 (1965) 225–245; J. C. Hsu, Multiple comparisons (1996), chapter 4.
    """
    scores = np.where(ended, scores, 0).astype(np.float64)
    both = np.hstack([scores, ended.astype(np.float64)])
    rows, inverse = np.unique(both, axis=0, return_inverse=True)
    cells = _Cells(rows[:, : scores.shape[1]], rows[:, scores.shape[1] :])
    there, seeds = cells.ended.any(axis=1), scores.shape[1]
    asked = np.flatnonzero(there & (cells.observed > 0))
    reached, drawn = np.zeros(len(rows)), np.zeros(len(rows))
    for signs in signed_flips(seeds, flips):
        reached[asked] += cells.reached(asked, signs)
        drawn[asked] += signs.shape[1]
        if len(asked) > MANY and not is_enumerated(seeds):
            distance = np.abs(reached[asked] / drawn[asked] - LEVEL)
            asked = asked[distance < CERTAIN * np.sqrt(LEVEL * (1 - LEVEL) / drawn[asked])]
    p, error = np.where(there, 1.0, 0.0), np.zeros(len(rows))
    tested = drawn > 0
    p[tested], error[tested] = share_of(reached[tested], drawn[tested], is_enumerated(seeds))
    inverse = inverse.ravel()
    return BestSet(p[inverse], error[inverse], (p > LEVEL)[inverse])


class _Cells:
    """Scores (cells, seeds), 0 if `ended` is 0; `observed` is the largest statistic against each cell, (cells,)."""

    def __init__(self, scores: Floats, ended: Floats) -> None:
        self.scores, self.ended = scores, ended
        self._whole = bool(ended.all())
        squares = np.square(scores)
        square = squares @ ended.T + ended @ squares.T - 2 * scores @ scores.T  # Σ d² of each pair, whole numbers
        with np.errstate(divide="ignore"):
            self._weights = np.where(square > 0, 1 / np.sqrt(square), 0.0)
        gap = scores @ ended.T - ended @ scores.T  # [j, i]: Σ d of j against i
        self.observed = (gap * self._weights).max(axis=0, initial=0.0)

    def reached(self, asked: NDArray[np.intp], signs: Floats) -> Floats:
        """Count the flips (seeds, flips) in which a statistic against each asked cell reaches the largest observed."""
        if self._whole:
            return self._reached_by_highest(asked, self.scores @ signs)
        return np.array([np.count_nonzero(self._reach(cell, self._gaps(cell, signs))) for cell in asked], dtype=float)

    def _gaps(self, cell: int, signs: Floats) -> Floats:
        """Return the flipped sums against a cell, (cells, flips), over the seeds in which both ended."""
        return self.scores @ (self.ended[cell, :, None] * signs) - self.ended @ (self.scores[cell, :, None] * signs)

    def _reach(self, cell: int, gaps: Floats) -> NDArray[np.bool_]:
        return (gaps * self._weights[:, cell, None]).max(axis=0) >= self.observed[cell] * ROUNDING

    def _reached_by_highest(self, asked: NDArray[np.intp], sums: Floats) -> Floats:
        """Compare the few cells with the highest sums of each flip, and all cells only if that leaves the answer open.

        Any other cell has at most the next highest sum and at most the largest weight. If these two do not reach the
        observed statistic, no other cell does.
        """
        count = min(HIGHEST, len(sums) - 1)
        order = np.argpartition(-sums, count, axis=0)[: count + 1]
        high = np.take_along_axis(sums, order, axis=0)
        next_highest, limit = high.min(axis=0), self.observed * ROUNDING
        found = np.zeros(len(asked))
        for place, cell in enumerate(asked):
            weights = self._weights[:, cell]
            by_high = ((high - sums[cell]) * weights[order]).max(axis=0) >= limit[cell]
            open_ = ~by_high & ((next_highest - sums[cell]) * weights.max() >= limit[cell])
            found[place] = np.count_nonzero(by_high)
            if open_.any():
                found[place] += np.count_nonzero(self._reach(int(cell), sums[:, open_] - sums[cell, open_]))
        return found
