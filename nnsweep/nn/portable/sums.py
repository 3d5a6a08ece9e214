"""Sums in written order, from the first term on, whatever the machine and the place of the numbers in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def total(x: Array) -> Array:
    """Sum over the last axis, which is kept."""
    found = x[..., :1].copy()
    for place in range(1, x.shape[-1]):
        found += x[..., place : place + 1]
    return found


def matmul(a: Array, b: Array, out: Array | None = None) -> Array:
    """Σₖ a[…, i, k] b[…, k, o], (…, I, O); each product is rounded before it is added."""
    found = np.multiply(a[..., :1], b[..., :1, :], out)
    product = np.empty_like(found)
    for k in range(1, a.shape[-1]):
        np.multiply(a[..., k : k + 1], b[..., k : k + 1, :], product)
        found += product
    return found
