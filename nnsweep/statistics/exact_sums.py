"""Exact sums of many rows at once: each sum is rounded once, so that it is the same on every machine."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

ROUNDING = 2.0**-53
"""The largest relative error of one addition."""


def exact_sums(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up rows (rows, n) as `math.fsum` does, to (rows,); not finite where a sum may be beyond float64.

    The error of each addition is computed, and these errors are added up (D. E. Knuth, The Art of Computer Programming,
    volume 2, section 4.2.2). What is lost in adding the errors has a bound; where the bound leaves open how the sum
    rounds, `math.fsum` adds the row.

    >>> exact_sums(np.array([[1e16, 1.0, -1e16], [0.1, 0.2, 0.3]])).tolist()
    [1.0, 0.6]
    """
    total, error, size = np.zeros((3, len(rows)))
    with np.errstate(over="ignore", invalid="ignore"):
        for values in np.ascontiguousarray(rows.T):
            added = total + values
            part = added - total
            lost = (total - (added - part)) + (values - part)
            total, error, size = added, error + lost, size + np.abs(lost)
        bound = 4 * (rows.shape[1] + 2) * ROUNDING * size
        low, high = total + (error - bound), total + (error + bound)
    for row in np.flatnonzero((low != high) & np.isfinite(total)).tolist():
        low[row] = math.fsum(rows[row].tolist())
    return low
