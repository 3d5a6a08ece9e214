"""Whether the values of an axis have an order."""

from __future__ import annotations

from nnsweep.design.sweep import Axis


def has_order(axis: Axis) -> bool:
    """Whether the values of an axis are an interval, or numbers of a list in their order."""
    values = axis.values
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return axis.space is not None or (numbers and list(values) == sorted(values))
