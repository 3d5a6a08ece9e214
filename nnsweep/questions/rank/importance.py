"""How much each axis matters: shares of the variance between the cells of a complete grid."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from nnsweep.statistics.anova import shares_of_variance

TOGETHER = 2
"""Axes whose interaction has a row of its own."""


def importance(cells: pd.DataFrame, axes: Sequence[str], value: str) -> pd.DataFrame | None:
    """Divide the variance of a column of cells among the axes and their pairs, by functional ANOVA, largest first.

    `cells` has a row for each cell. A row of the table for each axis, `alpha`, each pair, `alpha × hidden`, and the
    `rest`, interactions of three axes and more, with its `share`. None where there is nothing to divide: the grid is
    not complete, a cell has no value, nothing varies, or fewer than two cells are there.

    The seeds are finite: a part of each share is their luck, which has no axis and spreads over the interactions.
    """
    numbers = [_numbered(cells[name].tolist()) for name in axes]
    shape = [max(each, default=-1) + 1 for each in numbers]
    values = cells[value].to_numpy(dtype=float)
    whole = len(cells) == prod(shape) == len(set(zip(*numbers, strict=True))) and np.isfinite(values).all()
    if not axes or len(cells) < 2 or not whole or np.ptp(values) == 0:
        return None
    grid = np.empty(shape)
    grid[tuple(np.array(each) for each in numbers)] = values
    shares = shares_of_variance(grid, min(TOGETHER, len(axes)))
    rows = [(" × ".join(axes[at].strip() for at in each), max(0.0, share)) for each, share in shares.items()]
    rows.sort(key=lambda row: -row[1])
    if len(axes) > TOGETHER:
        rows.append(("rest", max(0.0, 1 - sum(share for _, share in rows))))
    return pd.DataFrame(rows, columns=["axes", "share"])


def _numbered(values: Sequence[Any]) -> list[int]:
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]
