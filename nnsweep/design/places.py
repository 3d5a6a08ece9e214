"""Where a value lies on its axis, between 0 and 1: on a space by its scale, in a list by its turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnsweep.design.search import Space
from nnsweep.design.sweep import Axis

Floats = NDArray[np.float64]

APART = 0.7
"""How far points of a list's value are spread, as a share of the distance to the next value."""


@dataclass(frozen=True)
class AxisPlaces:
    """An axis of a searched sweep: its interval or, without a `space`, its values as tables show them, in order.

    Values of a list have equal distances: numbers by size, others in the order of the file, which are `categories`.
    """

    column: str
    space: Space | None
    levels: tuple[Any, ...] = ()
    conditions: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    """Columns of other axes, and the values of each, shown, with which this axis counts."""

    @classmethod
    def of(cls, axis: Axis, others: Sequence[Axis], absent: bool) -> AxisPlaces:
        """Describe an axis; `absent` is whether it does not count for some, whose value is the default."""
        by_parameter = {other.parameter: other for other in others}
        conditions = tuple(
            (by_parameter[name].column, tuple(by_parameter[name].shown.get(value, value) for value in values))
            for name, values in axis.only_if
            if name in by_parameter
        )
        if axis.space is not None:
            return cls(axis.column, axis.space, conditions=conditions)
        kept = [value for value in axis.values if not absent or value != axis.default] or axis.values
        shown = [axis.shown[value] for value in kept]
        return cls(axis.column, None, tuple(sorted(shown) if are_numbers(shown) else shown), conditions)

    @property
    def name(self) -> str:
        """The name in the file."""
        return self.column.strip()

    @property
    def categories(self) -> bool:
        """Whether its values have no order."""
        return self.space is None and not are_numbers(self.levels)

    def beside(self, places: Floats) -> Floats:
        """Move places, (n,), that share a value of a list beside each other, evenly and in their order."""
        if self.space is not None:
            return places
        found, width = places.copy(), APART / len(self.levels)
        for place in np.unique(places[~np.isnan(places)]):
            rows = np.flatnonzero(places == place)
            found[rows] = place + (np.linspace(-0.5, 0.5, len(rows)) * width if len(rows) > 1 else 0.0)
        return found

    def places(self, values: ArrayLike) -> Floats:
        """Return the places of values as tables show them, (n,); NaN of one that is not on the axis."""
        if self.space is None:
            turns = {value: (turn + 0.5) / len(self.levels) for turn, value in enumerate(self.levels)}
            return np.array([turns.get(value, np.nan) for value in np.asarray(values).tolist()], dtype=np.float64)
        numbers = np.array([_number(value) for value in np.asarray(values).tolist()], dtype=np.float64)
        low, high = self.space.low, self.space.high
        if self.space.log:
            low, high, numbers = np.log(low), np.log(high), np.log(np.where(numbers > 0, numbers, np.nan))
        found = (numbers - low) / (high - low)
        return np.where((found > -1e-9) & (found < 1 + 1e-9), found, np.nan)

    def level(self, places: Floats) -> Floats:
        """Move places from anywhere between 0 and 1 to those of the values of a list; those of a space stay."""
        if self.space is not None:
            return places
        return (np.minimum(np.floor(places * len(self.levels)), len(self.levels) - 1) + 0.5) / len(self.levels)


def are_numbers(values: Sequence[Any]) -> bool:
    """Whether all values are finite numbers."""
    return all(isinstance(each, int | float) and not isinstance(each, bool) and isfinite(each) for each in values)


def _number(value: Any) -> float:
    """Return a number, also one that a table shows as a text because other values of the axis are texts."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
