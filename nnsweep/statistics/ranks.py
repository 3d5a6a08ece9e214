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
    order = np.argsort(rows, axis=1)
    ordered, places = np.take_along_axis(rows, order, axis=1), np.arange(rows.shape[1])
    changes = ordered[:, 1:] != ordered[:, :-1]
    starts, ends = (np.pad(changes, ((0, 0), beside), constant_values=True) for beside in ((1, 0), (0, 1)))
    first = np.maximum.accumulate(np.where(starts, places, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, places, places.size)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty(rows.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, first + last + 2, axis=1)
    return np.where(np.isnan(rows), 0, ranks)
