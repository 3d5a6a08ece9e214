"""The space of a search as a unit cube, for methods that compute with points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import Axis
from nnsweep.statistics.surrogate import Floats
from nnsweep.trials.search.ordered import has_order

MIDDLE = 0.5
"""The place of an axis that does not count."""


class Cube:
    """Points (n, axes) whose places on each axis are the shares that `Configurations.at` takes."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        self._axes = axes
        self.categories = np.array([not has_order(axis) for axis in axes], dtype=bool)
        """Which axes have values without an order, (axes,)."""
        self._steps = np.array([_step(axis) for axis in axes])
        columns = {axis.parameter: column for column, axis in enumerate(axes)}
        self._conditions = [
            (column, columns[name], _places(axes[columns[name]], values))
            for column, axis in enumerate(axes)
            for name, values in axis.only_if
        ]

    def settled(self, points: Floats) -> Floats:
        """Move points to the values of lists and whole numbers, and to the middle of an axis that does not count.

        Points of the same configuration then are the same, unless the rounding of an interval makes them so.
        """
        found = np.stack([_settled(axis, points[:, column]) for column, axis in enumerate(self._axes)], axis=1)
        for column, other, allowed in self._conditions:
            found[~np.isin(found[:, other], allowed), column] = MIDDLE
        return found

    def near(self, points: Floats, radius: float, count: int, random: np.random.Generator) -> Floats:
        """Draw `count` points around each of some, (n count, axes): about half of the axes move.

        The radius is the standard deviation of the move. Lists and whole numbers move by about a value at least, and
        values without an order are drawn anew.
        """
        found = np.repeat(points, count, axis=0)
        moved = found + random.standard_normal(found.shape) * np.maximum(radius, self._steps)
        moved = 1 - np.abs(1 - np.abs(moved))  # what is outside comes back as from a mirror
        moved = np.where(self.categories, random.random(found.shape), np.clip(moved, 0, 1))
        return self.settled(np.where(random.random(found.shape) < 0.5, moved, found))


def _step(axis: Axis) -> float:
    """About the distance between neighbouring values; 0 of an interval."""
    size = len(axis.values) if axis.space is None else axis.space.size
    return 1 / size if size else 0.0


def _places(axis: Axis, values: Sequence[object]) -> list[float]:
    """Give the places of some values of a list."""
    return [(turn + 0.5) / len(axis.values) for turn, value in enumerate(axis.values) if value in values]


def _settled(axis: Axis, places: NDArray[np.float64]) -> NDArray[np.float64]:
    space = axis.space
    if space is None:
        return (np.minimum(np.floor(places * len(axis.values)), len(axis.values) - 1) + 0.5) / len(axis.values)
    if not space.whole:
        return places
    low, high = space.low - 0.5, space.high + 0.5
    values = low * (high / low) ** places if space.log else low + (high - low) * places
    values = np.clip(np.floor(values + 0.5), space.low, space.high)
    return np.log(values / low) / np.log(high / low) if space.log else (values - low) / (high - low)
