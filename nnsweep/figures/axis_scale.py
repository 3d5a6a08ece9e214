"""The scale of a swept axis: logarithmic if its values are spaced so. Its labels are swept values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from nnsweep.figures.scale import within
from nnsweep.figures.style import FAINT, SPACE, TICK, text_size
from nnsweep.figures.text import tick_labels

MARGIN = 0.02
"""Margin at both ends, as a share of the scale."""
DECADES = 307.0
"""Powers of 10 that float64 has, up and down."""
LEADING = ("1", "5", "2", "3")
"""Leading digits that are labelled first on a logarithmic scale, in this order."""


@dataclass(frozen=True)
class AxisScale:
    """The values of an axis, ascending, and whether the scale is logarithmic."""

    values: Sequence[float]
    log: bool

    def apply(self, panel: Axes, width: float) -> None:
        """Set this scale on a panel of this width in inches: a tick at every value, and labels where they have room."""
        ends = self._places(self.values)
        margin = MARGIN * (ends[-1] - ends[0]) or max(0.5, MARGIN * abs(ends[0]))
        low, high = ends[0] - margin, ends[-1] + margin
        panel.set_xlim(*((10.0 ** max(low, -DECADES), 10.0 ** min(high, DECADES)) if self.log else (low, high)))
        panel.set_xscale("log" if self.log else "linear")  # after the ends: it would look for some of its own
        ticks = self.labelled(width)
        panel.set_xticks(within(ticks), tick_labels(ticks))
        panel.set_xticks(within(self.values), minor=True)
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.tick_params(axis="x", which="minor", length=1.2, color=FAINT)

    def labelled(self, width: float) -> list[float]:
        """Choose the values whose labels fit below a panel of this width in inches.

        On a logarithmic scale as many as have room, round numbers first; else each one, or each second, and so on.
        """
        boxes = self._boxes(width)
        if not self.log:
            spaced = (self.values[::step] for step in range(1, len(self.values) + 1))
            return list(next(tried for tried in spaced if _apart([boxes[value] for value in tried])))
        chosen: list[float] = []
        for value in sorted(self.values, key=lambda value: _rank(f"{value:e}")):
            if _apart(sorted(boxes[each] for each in (*chosen, value))):
                chosen.append(value)
        return sorted(chosen)

    def _boxes(self, width: float) -> dict[float, tuple[float, float]]:
        """Return where the label of each value would begin and end, in inches."""
        places = self._places(self.values)
        at = (places - places[0]) / (float(places[-1] - places[0]) or 1.0) * width
        halves = [text_size(label, TICK)[0] / 2 + SPACE / 2 for label in tick_labels(self.values)]
        found = zip(self.values, at.tolist(), halves, strict=True)
        return {value: (middle - half, middle + half) for value, middle, half in found}

    def _places(self, values: Sequence[float]) -> np.ndarray:
        found = np.asarray(values, dtype=np.float64)
        return np.log10(found) if self.log else within(found)


def axis_scale(values: Sequence[float]) -> AxisScale:
    """Choose the scale on which the values are more evenly spaced; linear for fewer than three or with any below 0."""
    ordered = sorted(set(values))
    if len(ordered) < 3 or ordered[0] <= 0:
        return AxisScale(ordered, log=False)
    with np.errstate(over="ignore"):  # the spread of the largest numbers is infinite, that of their logarithms is not
        spreads = [np.std(gaps) / np.mean(gaps) for gaps in (np.diff(within(ordered)), np.diff(np.log(ordered)))]
    return AxisScale(ordered, log=bool(spreads[1] < spreads[0]))


def _apart(boxes: Sequence[tuple[float, float]]) -> bool:
    """Return whether no label overlaps the next one; labels are ordered from left to right."""
    return all(box[1] <= following[0] for box, following in pairwise(boxes))


def _rank(text: str) -> tuple[bool, int]:
    """Rank a number such as 2.000000e-03: the lowest rank is labelled first."""
    digits = text.partition("e")[0].rstrip("0").rstrip(".")
    return digits not in LEADING, LEADING.index(digits) if digits in LEADING else len(digits)
