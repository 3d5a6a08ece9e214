"""Parts of a chart as SVG: scales and paths. What is drawn is computed here, the template only lays it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from nnsweep.design.places import Floats
from nnsweep.report.html.ticks import round_values, tick_texts

WIDE, HIGH = 456, 240
"""Size of a chart, in the units of its drawing, which a browser scales."""
LEFT, RIGHT, TOP, BOTTOM = 100, 26, 12, 44
"""Room around what is drawn."""
CROSS = 3.0
"""Half the width of a cross."""


@dataclass(frozen=True)
class Shape:
    """A path in SVG's words, and the classes of its style."""

    path: str
    style: str


@dataclass(frozen=True)
class Plot:
    """A chart: its name, the names of both axes, their ticks as places and labels, what is drawn, and its size."""

    name: str
    x_name: str
    y_name: str
    across: Sequence[tuple[float, str]]
    up: Sequence[tuple[float, str]]
    shapes: Sequence[Shape]
    wide: int = WIDE
    texts: Sequence[tuple[float, float, str]] = field(default_factory=tuple)
    """Labels inside: where each ends, across and down, and what it says."""
    coloured: bool = False
    """Whether colours stand for values."""
    high: int = HIGH
    room: tuple[int, int, int, int] = (LEFT, RIGHT, TOP, BOTTOM)

    @property
    def is_wide(self) -> bool:
        """Whether its texts would be too small to read on a phone, so that it is scrolled there instead."""
        return self.wide > WIDE


@dataclass(frozen=True)
class Scale:
    """Where values lie in a chart, in its units: between two ends, and beyond these at the edge."""

    low: float
    high: float
    begin: float
    end: float
    share: bool = False

    @classmethod
    def of(cls, values: Floats, upwards: bool, share: bool = False, wide: int = WIDE) -> Scale:
        """Make the scale of the finite values."""
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        if share:
            low, high = 0.0, high or 1.0
        elif 0 < low < high / 3:
            low = 0.0
        if not high > low:
            low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
        begin, end = (HIGH - BOTTOM, TOP) if upwards else (LEFT, wide - RIGHT)
        return cls(low, high, begin, end, share)

    def at(self, values: Floats) -> Floats:
        """Return the places of values; NaN of NaN."""
        return self.begin + self.shares(values) * (self.end - self.begin)

    def shares(self, values: Floats) -> Floats:
        """Return the places of values, from 0 to 1."""
        inside = np.clip(values, self.low, self.high)
        return (inside / 2 - self.low / 2) / (self.high / 2 - self.low / 2)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places and labels of round values."""
        values = round_values(self.low, self.high)
        texts = [f"{100 * value:.3g} %" for value in values] if self.share else tick_texts(values)
        return list(zip(self.at(np.array(values)).round(1).tolist(), texts, strict=True))


def _pairs(x: Floats, y: Floats) -> Iterator[tuple[float, float]]:
    return (
        (across, down) for across, down in zip(x.tolist(), y.tolist(), strict=True) if across == across and down == down
    )


def dots(x: Floats, y: Floats) -> str:
    """Write a dot at each place."""
    return "".join(f"M{across:.1f} {down:.1f}h0" for across, down in _pairs(x, y))


def crosses(x: Floats, y: Floats) -> str:
    """Write a cross at each place."""
    size = 2 * CROSS
    return "".join(
        f"M{across - CROSS:.1f} {down - CROSS:.1f}l{size} {size}m0-{size}l-{size} {size}"
        for across, down in _pairs(x, y)
    )


def line(x: Floats, y: Floats) -> str:
    """Write a line with a gap where a place is NaN; a part of one point is a dot."""
    found, drawing = "", False
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        is_known = down == down
        if is_known:
            found += f"{'L' if drawing else 'M'}{across:.1f} {down:.1f}" + ("" if drawing else "h0")
        drawing = is_known
    return found


def steps(x: Floats, y: Floats) -> str:
    """Write a line that goes to the right first, then up or down."""
    return _through(_corners(x, y))


def band(x: Floats, low: Floats, high: Floats) -> str:
    """Write the area between two such lines."""
    return f"{_through([*_corners(x, low), *reversed(_corners(x, high))])}Z"


def _corners(x: Floats, y: Floats) -> list[tuple[float, float]]:
    pairs = list(_pairs(x, y))
    turns = [(corner, down) for (_, down), (corner, _) in pairwise(pairs)]
    return [each for pair in zip(pairs, [*turns, *pairs[-1:]], strict=True) for each in pair]


def _through(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in corners) if corners else ""
