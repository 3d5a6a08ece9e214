"""Which cells may be the best: a set that holds the truly best cell with 95 % confidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.statistics.sign_flips import LEVEL, ROUNDING, Floats, is_enumerated, share_of, signed_flips

FLIPS = 10_000
"""Random flips where there are too many to take them all."""
FIRST = 500
"""Flips after which a cell's fate is looked at, where there are many cells: most are clear by then."""
MANY = 200
"""Cells of which more are looked at in this way."""
TOGETHER = 64
"""Flips whose sums are held together, which the processor's cache can hold."""
CERTAIN = 6.0
"""Standard errors from the level beyond which more flips cannot change a cell's fate."""


class BestSet(NamedTuple):
    """Of each cell (cells,): the p-value of "no other cell is better", its standard error, and whether it stays."""

    p: Floats
    error: Floats
    stays: NDArray[np.bool_]


def best_set(scores: NDArray, ended: NDArray[np.bool_], flips: int = FLIPS) -> BestSet:
    """Test of each cell whether another is better, by the joint maximum over all others under sign flips by seed.

    `scores` (cells, seeds) are whole numbers, the larger the better: of success 1 and 0, of a metric the ranks of its
    values over all cells and seeds. `ended` tells where there is one. For cells i and j, d = score_j − score_i over the
    seeds in which both ended, and T_ij = Σ d / √(Σ d²). Cell i leaves if the largest T_ij over all j is so large that
    at most 5 % of the flips reach it. No correction for the number of cells is needed: the truly best cell is one
    hypothesis, and it is left out with a chance of 5 % at most, which is all that the set promises (Gupta 1965).

    A cell in which nothing ended leaves. Cells with equal scores share their fate.

    S. S. Gupta, Technometrics 7 (1965) 225–245; J. C. Hsu, Multiple comparisons (1996), chapter 4.
    """
    scores = np.where(ended, scores, 0).astype(np.float64)
    rows, inverse = np.unique(np.hstack([scores, ended]), axis=0, return_inverse=True)
    scores, ended = rows[:, : scores.shape[1]], rows[:, scores.shape[1] :] > 0
    there = ended.any(axis=1)
    p, error = np.where(there, 1.0, 0.0), np.zeros(len(rows))
    several = int(there.sum()) > 1
    undecided = np.flatnonzero(there) if several else np.empty(0, np.intp)
    seeds = scores.shape[1]
    stages = (FIRST, flips) if len(undecided) > MANY and not is_enumerated(seeds) else (flips,)
    for stage, count in enumerate(stages):
        if len(undecided) == 0:
            break
        signs = np.hstack(list(signed_flips(seeds, count, stage)))
        parts = np.split(signs, range(TOGETHER, signs.shape[1], TOGETHER), axis=1)
        sums = [scores @ part for part in parts] if ended[there].all() else None
        for cell in undecided:
            p[cell], error[cell] = _chance(int(cell), scores, ended, parts, sums)
        undecided = undecided[np.abs(p[undecided] - LEVEL) < CERTAIN * np.sqrt(LEVEL * (1 - LEVEL) / count)]
    inverse = inverse.ravel()
    return BestSet(p[inverse], error[inverse], (p > LEVEL)[inverse])


def _chance(
    cell: int, scores: Floats, ended: NDArray[np.bool_], parts: Sequence[Floats], sums: Sequence[Floats] | None
) -> tuple[float, float]:
    """The share of flips in which the largest statistic of another cell reaches the largest observed.

    `parts` are the flips, (seeds, TOGETHER) each. `sums` (cells, TOGETHER) are the flipped sums of the scores, where
    every trial of these cells ended: then no product is needed for each pair of cells.
    """
    gap = np.where(ended & ended[cell], scores - scores[cell], 0.0)
    scale = np.sqrt(np.square(gap).sum(axis=1))
    weight = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)[:, None]
    observed = (gap.sum(axis=1) * weight[:, 0]).max(initial=0.0)
    if observed <= 0:
        return 1.0, 0.0
    reached = 0
    for place, signs in enumerate(parts):
        flipped = gap @ signs if sums is None else sums[place] - sums[place][cell]
        flipped *= weight
        reached += np.count_nonzero(flipped.max(axis=0) >= observed * ROUNDING)
    drawn = sum(signs.shape[1] for signs in parts)
    p, error = share_of(np.array([float(reached)]), drawn, is_enumerated(scores.shape[1]))
    return float(p[0]), float(error[0])
