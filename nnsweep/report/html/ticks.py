"""Ticks of charts in pages: round values, without matplotlib, which takes longer to import than a page to write."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nnsweep.figures.text import tick_labels

MANY = 1000
"""How many times the lower end the higher one is, if powers of 10 are ticks enough."""


def powers(low: float, high: float) -> list[float]:
    """List powers of 10 between two positive numbers, at most about five."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, math.ceil((last - first + 1) / 5))
    return [float(f"1e{power}") for power in range(first, last + 1, step)]


def round_values(low: float, high: float) -> list[float]:
    """List about three to six round values between two numbers."""
    room = high / 6 - low / 6
    if not math.isfinite(room) or room <= 0:
        return []
    unit = 10.0 ** math.floor(math.log10(room))
    step = next((unit * times for times in (1, 2, 5, 10) if unit * times >= room), unit * 10)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [float(f"{place * step:.12g}") for place in range(first, min(last, first + 10) + 1)]


def log_values(low: float, high: float) -> list[float]:
    """List round values between two positive numbers on a logarithmic scale: powers of 10 or, of few, multiples too."""
    if high > MANY * low:
        return powers(low, high)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    found = [float(f"{times}e{power}") for power in range(first, last + 1) for times in (1, 2, 5)]
    return [value for value in found if low <= value <= high]


def tick_texts(values: Sequence[Any]) -> list[str]:
    """Write the values of ticks on one line each, whole numbers without a point."""
    return [label.replace("\n", " ") for label in tick_labels([_plain(value) for value in values])]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e6 else value


def short(text: str, most: int = 11) -> str:
    """Cut a text to so many characters, with `…` in its middle.

    >>> short("a category with a name")
    'a cat… name'
    """
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most - most // 2 - 1) :]}"
