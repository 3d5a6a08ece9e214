"""How much each axis matters, as a share of the variance between the cells of a complete grid."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.statistics.anova import shares_of_variance
from nnsweep.tables.columns import Columns, column, length

if TYPE_CHECKING:
    import pandas as pd

PAIRS = 2
"""Interactions of up to this many axes have a row of their own."""


def importance(cells: Columns | pd.DataFrame, axes: Sequence[str], value: str) -> Columns | None:
    """Divide the variance of a column of cells among the axes and their pairs, by functional ANOVA, largest first.

    `cells` has one row per cell. The result has one row, with its `share`, for each axis (`alpha`), each pair
    (`alpha × hidden`), and the `rest`, which is interactions of three or more axes. It is None if the grid is not
    complete, a cell has no value, nothing varies, or there are fewer than two cells.

    A part of each share is the luck of a finite number of seeds. It belongs to no axis, and spreads over the
    interactions.
    """
    numbers = [_numbered(cells[name].tolist()) for name in axes]
    shape = [max(column, default=-1) + 1 for column in numbers]
    values, count = np.asarray(cells[value], dtype=float), length(cells)
    whole = count == prod(shape) == len(set(zip(*numbers, strict=True))) and np.isfinite(values).all()
    if not axes or count < 2 or not whole or np.ptp(values) == 0:
        return None
    grid = np.empty(shape)
    grid[tuple(np.array(column) for column in numbers)] = values
    shares = shares_of_variance(grid, min(PAIRS, len(axes)))
    rows = [(" × ".join(axes[at].strip() for at in places), max(0.0, share)) for places, share in shares.items()]
    rows.sort(key=lambda row: -row[1])
    if len(axes) > PAIRS:
        rows.append(("rest", max(0.0, 1 - sum(share for _, share in rows))))
    names, parts = zip(*rows, strict=True)
    return {"axes": column(names), "share": column(parts)}


def _numbered(values: Sequence[Any]) -> list[int]:
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]
