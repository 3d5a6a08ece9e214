"""The value of the best cell on seeds that did not choose it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnsweep.statistics.sign_flips import Floats

FOLDS, REPEATS = 5, 200
"""Each seed is evaluated 200 times, with choices made by four fifths of the seeds."""
NUMBERS_AT_ONCE = 1_000_000
"""Mean scores, of cells by parts of the seeds, that are computed at once."""


def fresh_values(scores: NDArray, values: NDArray | None = None) -> Floats:
    """Compute for each seed the value of the cell that other seeds chose as the best, (seeds,).

    `scores` (cells, seeds) choose the cell: larger is better, NaN is missing. Give whole numbers: their sums are exact,
    so that equally good cells count as equal. `values` of the same shape are averaged; by default they are the scores.

    The seeds are split into 5 parts at random. The cell with the largest mean score over four parts is evaluated on the
    fifth, which took no part in the choice; this is repeated 200 times. The mean over seeds is free of the optimism of
    the choice. It is a little too low if all seeds would choose better than four fifths of them. The first of equally
    good cells is taken. The result is NaN for a seed without values, and for fewer than two seeds.

    M. Stone, J. R. Stat. Soc. B 36 (1974) 111–147; G. C. Cawley and N. L. C. Talbot, J. Mach. Learn. Res. 11 (2010)
    2079–2107.
    """
    values = scores if values is None else values
    cells, seeds = scores.shape
    folds = min(FOLDS, seeds)
    random = np.random.default_rng(seeds)
    there, filled = (~np.isnan(scores)).astype(np.float64), np.nan_to_num(scores)
    sums, counts = np.zeros(seeds), np.zeros(seeds)
    if folds < 2:
        return np.full(seeds, np.nan)
    parts = np.array([random.permutation(seeds) % folds for _ in range(REPEATS)])
    together = max(1, NUMBERS_AT_ONCE // (cells * folds))
    for some in np.split(parts, range(together, len(parts), together)):
        for part, best in zip(some, _choose(filled, there, some, folds), strict=True):
            chosen = values[best[part], np.arange(seeds)]
            known = ~np.isnan(chosen)
            with np.errstate(over="ignore"):  # a sum of the largest numbers may be infinite
                sums[known] += chosen[known]
            counts += known
    return np.divide(sums, counts, out=np.full(seeds, np.nan), where=counts > 0)


def _choose(scores: Floats, there: Floats, parts: NDArray, folds: int) -> NDArray[np.intp]:
    """Choose the cell with the largest mean score over the seeds outside each part, (repeats, folds)."""
    outside = (parts[:, None, :] != np.arange(folds)[:, None]).reshape(-1, parts.shape[1]).astype(np.float64)
    number = outside @ (there[:1] if there.all() else there).T
    means = np.full((len(outside), len(scores)), -np.inf)
    np.divide(outside @ scores.T, number, out=means, where=number > 0)
    return means.argmax(axis=1).reshape(-1, folds)
