"""The part of values that a scale shows, if a few of them are far away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TAIL_OF, FAR = 10, 2.0
"""Of so many values, a tenth is one; and how many times as far from the best the worst is, if it is far."""


def limited(values: NDArray[np.float64], higher: bool) -> NDArray[np.float64]:
    """Move the worst tenth of values to the best of it, if they are far from the others, so that these are apart.

    `higher` says whether higher values are better.
    """
    known = values[np.isfinite(values)]
    if len(known) < TAIL_OF:
        return values
    best, end, worst = np.quantile(known, [1.0, 0.1, 0.0] if higher else [0.0, 0.9, 1.0]).tolist()
    if abs(worst / 2 - best / 2) <= FAR * abs(end / 2 - best / 2) or end == best:
        return values
    return np.maximum(values, end) if higher else np.minimum(values, end)
