"""What the best cell gives on seeds that did not choose it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnsweep.statistics.sign_flips import Floats

FOLDS, REPEATS = 5, 200
"""Each seed is judged 200 times, by choices that four fifths of the seeds made."""


def fresh_values(scores: NDArray, values: NDArray | None = None) -> Floats:
    """Give for each seed what the best of many cells gives on it where other seeds chose that cell, (seeds,).

    `scores` (cells, seeds), the larger the better, NaN where there is none, choose; `values` of the same shape are
    averaged, and are `scores` where left out. The seeds are cut into 5 parts at random; the cell with the largest mean
    score over four of them is judged by the fifth, in which nothing was chosen; this is done 200 times. The mean over
    seeds is free of the optimism of the choice. It is what choosing with four fifths of the seeds gives, so that it is
    a little too low where the last fifth would choose better. Of several equally good cells the first is taken. NaN for
    a seed of which there is no value, and of fewer than two seeds.

    M. Stone, J. R. Stat. Soc. B 36 (1974) 111–147; G. C. Cawley and N. L. C. Talbot, J. Mach. Learn. Res. 11 (2010)
    2079–2107.
    """
    values = scores if values is None else values
    cells, seeds = scores.shape
    folds = min(FOLDS, seeds)
    random = np.random.default_rng(seeds)
    there, filled = ~np.isnan(scores), np.nan_to_num(scores)
    sums, counts = np.zeros(seeds), np.zeros(seeds)
    for _ in range(REPEATS if folds > 1 else 0):
        part = random.permutation(seeds) % folds
        choosing = (part[:, None] != np.arange(folds)).astype(np.float64)  # (seeds, folds)
        number = there @ choosing
        means = np.divide(filled @ choosing, number, out=np.full((cells, folds), -np.inf), where=number > 0)
        chosen = values[means.argmax(axis=0)[part], np.arange(seeds)]
        known = ~np.isnan(chosen)
        sums[known] += chosen[known]
        counts += known
    return np.divide(sums, counts, out=np.full(seeds, np.nan), where=counts > 0)
