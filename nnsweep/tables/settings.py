"""Values of axes as tables show them, and the settings that identify a panel or a page."""

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
"""Names and values that select a part of a table: `(("hidden", 2),)`. Empty settings select everything."""


PLAIN = {bool, int, float, str}
"""Types whose values are shown unchanged."""


def shown(values: Iterable[Any]) -> list[Any]:
    """Convert the values of an axis for a column: all numbers, all truth values or all texts.

    A list of one width becomes that width, longer lists `8-8`, tables their texts. If kinds would mix, all become
    texts, so that a CSV file gives the same column back.

    >>> shown([(2,), (4,)]), shown([(16,), (8, 8)])
    ([2, 4], ['16', '8-8'])
    """
    values = list(values)
    if not {type(value) for value in values} <= PLAIN:
        values = [label(value) for value in values]
    kinds = {type(value) for value in values}
    return values if len(kinds) <= 1 or kinds == {int, float} else [str(value) for value in values]


def is_numeric(values: Iterable[Any]) -> bool:
    """Return whether all values of an axis are finite numbers, so that it has a scale."""
    return all(isinstance(each, int | float) and not isinstance(each, bool) and isfinite(each) for each in values)


def in_order(values: Sequence[Any], column: ArrayLike) -> list[Any]:
    """List the distinct values of a column: first those of the grid, in its order, then those that `include` added."""
    found = np.asarray(column)
    if found.dtype.kind not in "biuf":
        values = [str(value) for value in values]
    return list(dict.fromkeys((*values, *found.tolist())))


def having(table: Columns | pd.DataFrame, where: Settings) -> NDArray[np.bool_]:
    """Return which rows of a table have all of these settings, (rows,)."""
    rows = np.ones(length(table), dtype=bool)
    for name, value in where:
        rows &= np.asarray(table[name]) == value
    return rows


def select(table: pd.DataFrame, where: Settings) -> pd.DataFrame:
    """Return the rows of a table that have all of these settings."""
    return table.loc[having(table, where)]
