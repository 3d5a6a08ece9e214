"""Values of axes as tables show them, and the settings that name a panel or a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnsweep.design.sweep import label
from nnsweep.tables.columns import Columns, length

if TYPE_CHECKING:
    import pandas as pd

Settings = tuple[tuple[str, Any], ...]
"""Names and values that pick out a part of a table: `(("hidden", 2),)`. Empty picks all of it."""


PLAIN = {bool, int, float, str}
"""Types of values that are shown as they are."""


def shown(values: Iterable[Any]) -> list[Any]:
    """Values of one axis as one column holds them: all numbers, all truths or all texts.

    A list of one width is that width, longer lists are `8-8`, tables their texts. Where kinds would mix, all
    become text, so that the column comes back from a CSV as it went.

    >>> shown([(2,), (4,)]), shown([(16,), (8, 8)])
    ([2, 4], ['16', '8-8'])
    """
    values = list(values)
    if not {type(value) for value in values} <= PLAIN:
        values = [label(value) for value in values]
    kinds = {type(value) for value in values}
    return values if len(kinds) <= 1 or kinds == {int, float} else [str(value) for value in values]


def is_numeric(values: Iterable[Any]) -> bool:
    """Whether the values of an axis are finite numbers, so that it has a scale."""
    return all(isinstance(each, int | float) and not isinstance(each, bool) and isfinite(each) for each in values)


def in_order(values: Sequence[Any], column: ArrayLike) -> list[Any]:
    """Every value of a column once: first those of the grid, in its order, then any that an include added."""
    found = np.asarray(column)
    if found.dtype.kind not in "biuf":
        values = [str(value) for value in values]
    return list(dict.fromkeys((*values, *found.tolist())))


def having(table: Columns | pd.DataFrame, where: Settings) -> NDArray[np.bool_]:
    """Tell which rows of a table have all of these settings, (rows,)."""
    rows = np.ones(length(table), dtype=bool)
    for name, value in where:
        rows &= np.asarray(table[name]) == value
    return rows


def select(table: pd.DataFrame, where: Settings) -> pd.DataFrame:
    """Rows of a table that have all of these settings."""
    return table.loc[having(table, where)]
