"""Which cells may be the best: a set that contains the truly best cell with 95 % confidence."""

from __future__ import annotations

import math
from functools import cached_property
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
NUMBERS_AT_ONCE = 2_500_000
"""Numbers of cells, or of flips, against all cells that are computed at once."""


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
    """Scores (cells, seeds), 0 if `ended` is 0; `observed` is the largest statistic against each cell, (cells,).

    What belongs to pairs of cells is computed for some cells against all, because that of all pairs of 10,000 cells
    takes gigabytes. Sums are of whole numbers, and so the same in any order.
    """

    def __init__(self, scores: Floats, ended: Floats) -> None:
        self.scores, self.ended = scores, ended
        self._squares, self._whole = np.square(scores), bool(ended.all())
        # After a race, many cells have one of a few sets of seeds.
        self._patterns, pattern = np.unique(ended, axis=0, return_inverse=True)
        self._pattern = pattern.ravel()
        parts = [self._observed(block) for block in _blocks(np.arange(len(scores)), len(scores))]
        self.observed = np.concatenate([np.zeros(0), *parts])

    def _observed(self, block: NDArray[np.intp]) -> Floats:
        scores, ended = self.scores[block].T, self.ended[block].T
        gap = self.scores @ ended - self.ended @ scores  # [j, i]: Σ d of j against i
        return (gap * self._weights(block)).max(axis=0, initial=0.0)

    def _weights(self, block: NDArray[np.intp]) -> Floats:
        """Return 1 / √(Σ d²) of each cell against those of a block, (cells, block)."""
        scores, squares, ended = self.scores[block].T, self._squares[block].T, self.ended[block].T
        square = self._squares @ ended + self.ended @ squares - 2 * self.scores @ scores
        with np.errstate(divide="ignore"):
            return np.where(square > 0, 1 / np.sqrt(square), 0.0)

    def reached(self, asked: NDArray[np.intp], signs: Floats) -> Floats:
        """Count the flips (seeds, flips) in which a statistic against each asked cell reaches the largest observed."""
        parts = _blocks(np.arange(signs.shape[1]), len(self.scores))
        return sum((self._reached(asked, signs[:, part]) for part in parts), np.zeros(len(asked)))

    def _reached(self, asked: NDArray[np.intp], signs: Floats) -> Floats:
        if not self._whole:
            return self._reached_over_pairs(asked, signs)
        sums = _Sums(self.scores, signs)
        found: list[Floats] = [np.zeros(0)]
        for block in _blocks(asked, len(self.scores)):
            weights, limits = np.ascontiguousarray(self._weights(block).T), self.observed[block] * ROUNDING
            found.append(sums.reached(block, weights, limits))
        return np.concatenate(found)

    def _reached_over_pairs(self, asked: NDArray[np.intp], signs: Floats) -> Floats:
        """Compare flipped sums over the seeds in which both cells ended, which differ from pair to pair."""
        found = np.zeros(len(asked))
        for number, pattern in enumerate(self._patterns):
            places = np.flatnonzero(self._pattern[asked] == number)
            sums = self.scores @ (pattern[:, None] * signs) if len(places) else np.zeros(0)
            for some in _blocks(places, len(self.scores)):
                weights, limits = self._weights(asked[some]).T, self.observed[asked[some]] * ROUNDING
                for place, own, limit in zip(some.tolist(), weights, limits, strict=True):
                    against = self._patterns @ (self.scores[asked[place], :, None] * signs)
                    found[place] = _count(sums - against[self._pattern], own, limit)
        return found


class _Sums:
    """The flipped sums of cells in all of which all trials ended, (cells, flips), and the highest of each flip.

    Cells of similar scores are a group: their flipped sums, and their weights against another cell, are similar, too.
    """

    def __init__(self, scores: Floats, signs: Floats) -> None:
        self._sums = scores @ signs
        count = min(HIGHEST, len(scores) - 1)
        self._order = np.argpartition(-self._sums, count, axis=0)[: count + 1]
        self._high = np.take_along_axis(self._sums, self._order, axis=0)
        self._next_highest = self._high.min(axis=0)
        size = math.isqrt(len(scores))
        places = np.arange(-(-len(scores) // size) * size).clip(max=len(scores) - 1)  # the last cell fills its group up
        self._groups = np.argsort(scores.sum(axis=1), kind="stable")[places].reshape(-1, size)

    @cached_property
    def _of_groups(self) -> Floats:
        """The sums of the cells of each group, those of one flip together, (groups, flips, cells of a group)."""
        return np.ascontiguousarray(self._sums[self._groups].transpose(0, 2, 1))

    @cached_property
    def _high_of_groups(self) -> Floats:
        """The highest sum in each group of each flip, (groups, flips)."""
        return self._of_groups.max(axis=2)

    def reached(self, block: NDArray[np.intp], weights: Floats, limits: Floats) -> Floats:
        """Compare the few cells with the highest sums of each flip, and others only if that leaves the answer open.

        Any other cell has at most the next highest sum and at most the largest weight. If these two do not reach the
        observed statistic, no other cell does. `weights` (block, cells) are those against all cells.
        """
        found = np.zeros(len(block))
        for place, (sums, own, limit) in enumerate(zip(self._sums[block], weights, limits, strict=True)):
            by_high = ((self._high - sums) * own[self._order]).max(axis=0) >= limit
            open_ = ~by_high & ((self._next_highest - sums) * own.max() >= limit)
            found[place] = np.count_nonzero(by_high)
            if open_.any():
                found[place] += self._reached_in_groups(open_.nonzero()[0], sums[open_], own, limit)
        return found

    def _reached_in_groups(self, flips: NDArray[np.intp], sums: Floats, own: Floats, limit: float) -> int:
        """Compare each group as a cell with its highest sum and its largest weight, then its cells in what reaches."""
        weights = own[self._groups]
        open_ = (self._high_of_groups[:, flips] - sums) * weights.max(axis=1)[:, None] >= limit
        group, flip = open_.nonzero()
        gaps = self._of_groups[group, flips[flip]] - sums[flip, None]
        return len(np.unique(flip[(gaps * weights[group] >= limit).any(axis=1)]))


def _count(gaps: Floats, weights: Floats, limit: float) -> int:
    """Count the flips in which a statistic reaches a limit; `gaps` (cells, flips) are against one cell."""
    return int(np.count_nonzero((gaps * weights[:, None]).max(axis=0, initial=-np.inf) >= limit))


def _blocks(numbers: NDArray[np.intp], others: int) -> list[NDArray[np.intp]]:
    """Cut numbers, of cells or of flips, into blocks for so many others each."""
    size = max(1, NUMBERS_AT_ONCE // max(1, others))
    return np.split(numbers, range(size, len(numbers), size))
