"""Two classes of points, each along a parabola."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POINTS = 2000
"""Points of each class."""


def parabolas(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the points and their classes, (4000, 2) and (4000, 1): class 0 first.

    A point lies at distance r ~ N(0, 0.5) and angle θ ~ U(0, 2π) from a point (h, v) of its class's parabola:
    h ~ U(−6, 6), v = 5 + h²/6 for class 0, and h ~ U(−5, 5), v = 10 + h²/4 for class 1. Both coordinates c are then
    moved to 1 + c/10.

    >>> inputs, targets = parabolas(0)
    >>> inputs.shape, targets.sum()
    ((4000, 2), np.float64(2000.0))
    """
    random = np.random.default_rng(seed)
    r, angle = random.normal(0, 0.5, 2 * POINTS), random.uniform(0, 2 * np.pi, 2 * POINTS)
    h = np.concatenate([random.uniform(-6, 6, POINTS), random.uniform(-5, 5, POINTS)])
    v = np.concatenate([5 + h[:POINTS] ** 2 / 6, 10 + h[POINTS:] ** 2 / 4])
    inputs = 1 + 0.1 * np.column_stack([h + r * np.cos(angle), v + r * np.sin(angle)])
    return inputs, np.repeat([0.0, 1.0], POINTS)[:, None]
