"""Ranks of numbers, without scipy.stats, which takes longer to import than the forum sweep takes to train."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def doubled_ranks(rows: NDArray) -> NDArray[np.int64]:
    """Return twice the rank of each number in its row, (rows, n). NaN has no rank: 0.

    The smallest number has rank 1. Equal numbers have the mean of their ranks, which is a whole number when doubled.

    >>> doubled_ranks(np.array([[0.5, 0.1, np.nan, 0.5]])).tolist()  # ranks 2.5, 1, none, 2.5
    [[5, 2, 0, 5]]
    """
    ordered = np.sort(rows, axis=1)  # NaN last
    ranks = np.zeros(rows.shape, dtype=np.int64)
    for rank, row, sorted_row in zip(ranks, rows, ordered, strict=True):
        rank += np.searchsorted(sorted_row, row, "left") + np.searchsorted(sorted_row, row, "right") + 1
    return np.where(np.isnan(rows), 0, ranks)
