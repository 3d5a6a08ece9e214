"""Functional ANOVA of a complete grid: how much of the variance of success each axis explains."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray


def shares_of_variance(values: NDArray, most: int = 2) -> dict[tuple[int, ...], float]:
    """Divide the variance of a grid's values (n₁, …, n_k) among its axes and their interactions, of up to `most` axes.

    Every level of an axis weighs the same. The part of a set of axes A is what the means over all other axes vary
    beyond the parts of the subsets of A: V_A = Var(E[y | A]) − Σ V_B over B ⊂ A. The parts of all sets add up to the
    variance, because the grid is complete; each is given as a share of it. NaN everywhere if nothing varies.

    The keys are axes' numbers: (0,) is what axis 0 explains alone, (0, 1) what 0 and 1 do together beyond that.

    >>> shares_of_variance(np.array([[0.0, 1.0], [1.0, 0.0]]))  # exclusive or: nothing but the interaction
    {(0,): 0.0, (1,): 0.0, (0, 1): 1.0}

    F. Hutter, H. Hoos, K. Leyton-Brown, ICML 2014, 754–762; G. Hooker, J. Comput. Graph. Stat. 16 (2007) 709–732.
    """
    values = np.asarray(values, dtype=np.float64)
    total = float(values.var())
    parts: dict[tuple[int, ...], float] = {}
    for axes in _sets(values.ndim, most):
        others = tuple(axis for axis in range(values.ndim) if axis not in axes)
        explained = float(values.mean(axis=others).var())
        parts[axes] = explained - sum(parts[inner] for inner in _sets(len(axes), len(axes) - 1, axes))
    return {axes: part / total if total else float("nan") for axes, part in parts.items()}


def _sets(count: int, most: int, among: tuple[int, ...] | None = None) -> Iterator[tuple[int, ...]]:
    """All sets of one to `most` axes, the smaller ones first."""
    for size in range(1, most + 1):
        yield from combinations(among if among is not None else range(count), size)
