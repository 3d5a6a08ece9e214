"""The scale of an axis of a searched sweep, from 0 to 1: its ticks, with as many labels as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator

from nnsweep.design.places import AxisPlaces
from nnsweep.figures.style import SPACE, TICK, line_height, text_size
from nnsweep.figures.text import short_number, shortened, tick_labels

MARGIN = 0.03
"""Margin at both ends."""
OVERHANG = 0.3
"""How much wider than its place the name of a value may be, in inches."""
TICKS = 6
"""Ticks of a space, at most."""
DECADES = 2.0
"""On a logarithmic space of fewer powers of 10, multiples of them have ticks too."""


@dataclass(frozen=True)
class SpaceScale:
    """An axis, and the places and labels of its ticks."""

    axis: AxisPlaces
    ticks: Sequence[float]
    labels: Sequence[str]

    @classmethod
    def of(cls, axis: AxisPlaces) -> SpaceScale:
        """Choose a tick for each value of a list, and round values of a space."""
        if axis.space is None:
            return cls(axis, axis.places(np.array(axis.levels, dtype=object)).tolist(), tick_labels(axis.levels))
        values = _round(axis)
        labels = tick_labels(values) if not axis.space.log else [short_number(f"{value:g}") for value in values]
        return cls(axis, axis.places(values).tolist(), labels)

    def apply(self, panel: Axes, room: float, which: Literal["x", "y"] = "x") -> None:
        """Set this scale on an axis of a panel that is so long, in inches, once the panel has its style.

        Names along the bottom that would touch are written in two lines.
        """
        setters = (panel.set_xlim, panel.set_xticks) if which == "x" else (panel.set_ylim, panel.set_yticks)
        setters[0](-MARGIN, 1 + MARGIN)
        every = self.every(room, which)
        if which == "y" or not self.axis.categories or every == 1:
            setters[1](self.ticks[::every], self.labels[::every])
            return
        slot = room / (1 + 2 * MARGIN) / len(self.labels)
        wide = slot + min(slot, OVERHANG)
        labels = [shortened(label.replace("\n", " "), TICK, wide) for label in self.labels]
        panel.set_xticks(self.ticks, labels)
        for tick in panel.xaxis.get_major_ticks()[1::2]:
            tick.set_pad((tick.get_pad() or 0.0) + 72 * line_height(TICK))

    def every(self, room: float, which: Literal["x", "y"] = "x") -> int:
        """Return how many ticks there are for each label, so that no two labels touch."""
        sizes = [text_size(label, TICK) for label in self.labels]
        widest = max((wide if which == "x" else high for wide, high in sizes), default=0.0)
        least = widest + (2 * SPACE if which == "x" else 0.0)
        nearest = float(np.diff(self.ticks).min()) * room / (1 + 2 * MARGIN) if len(self.ticks) > 1 else room
        return max(1, int(np.ceil(least / nearest - 1e-9)))

    @property
    def width(self) -> float:
        """The width of its widest label, in inches."""
        return max((text_size(label, TICK)[0] for label in self.labels), default=0.0)


def _round(axis: AxisPlaces) -> list[float]:
    assert axis.space is not None
    space = axis.space
    if space.log:
        few = np.log10(space.high / space.low) < DECADES
        found = LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=TICKS + 2).tick_values(
            space.low, space.high
        )
    else:
        found = MaxNLocator(TICKS, integer=space.whole, steps=[1, 2, 2.5, 5, 10]).tick_values(space.low, space.high)
    slack = 1e-9 * (space.high - space.low)
    kept = [
        float(f"{value:.12g}")
        for value in np.asarray(found).tolist()
        if space.low - slack <= value <= space.high + slack
    ]
    if len(kept) < 2:
        kept = [float(space.low), float(space.high)]
    return [int(value) for value in kept] if space.whole else kept
