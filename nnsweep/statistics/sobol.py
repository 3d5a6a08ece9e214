"""Functional ANOVA of a function of independent inputs, by sampling: Sobol indices."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
At = Callable[[Collection[int]], Values]
"""Gives a function at points of two samples: the inputs of some axes from the second, the others from the first."""

PAIRED = 6
"""Axes, at most, whose pairs are looked at: those that matter most."""


def sampled_shares(at: At, axes: int) -> dict[tuple[int, ...], float]:
    """Divide the variance of a function among its axes and pairs of them; a share may be slightly below 0 by chance.

    The keys are axes' numbers: (0,) is what axis 0 explains alone, Var(E[f | x₀]) / Var(f), and (0, 1) what 0 and 1
    explain together beyond that. Of more than `PAIRED` axes, pairs are of those that have the largest part in all.
    A function that does not vary has no shares.

    A. Saltelli and others, Comput. Phys. Commun. 181 (2010) 259–270: estimators (b) and (f) of table 2.
    """
    first, second = at(()), at(range(axes))
    centre = float(np.concatenate([first, second]).mean())
    variance = float(np.concatenate([first, second]).var())
    if not variance:
        return {}
    mixed = [at((axis,)) for axis in range(axes)]

    def closed(values: Values) -> float:
        return float(((second - centre) * (values - first)).mean()) / variance

    shares: dict[tuple[int, ...], float] = {(axis,): closed(values) for axis, values in enumerate(mixed)}
    totals = [float(((first - values) ** 2).mean()) / (2 * variance) for values in mixed]
    largest = sorted(sorted(range(axes), key=lambda axis: -totals[axis])[:PAIRED])
    for one, other in combinations(largest, 2) if axes > 1 else ():
        shares[one, other] = closed(at((one, other))) - shares[one,] - shares[other,]
    return shares
