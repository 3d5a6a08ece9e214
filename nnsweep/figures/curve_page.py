"""The layout of a figure of curves, in inches: no text overlaps another or the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnsweep.figures.cells import extent
from nnsweep.figures.page import EDGE, FOOT, NARROWEST, Box
from nnsweep.figures.style import AXIS, NOTE, PANEL, SPACE, TICK, TITLE, line_height, text_size
from nnsweep.figures.text import fitted

ACROSS = 9.6
"""Total width of panels side by side, in inches, unless that makes them too wide or too narrow."""
WIDEST, NARROW, SLOPE = 4.4, 1.6, 0.7
"""Largest and smallest width of a panel, and its height for each inch of width."""
GAP = 0.36
"""Space between panels: half a tick label reaches into it from either side."""
KEY = 0.34
"""Width of a legend's line with the space to its text."""
ENTRY = 1.5
"""Height of a legend's entry, as a multiple of the font size."""


@dataclass(frozen=True)
class CurvePage:
    """Size of the figure; boxes of its panels, row by row; the legend's upper left corner; texts, wrapped to fit."""

    width: float
    height: float
    panels: Sequence[Box]
    per_line: int
    legend: tuple[float, float]
    legend_columns: int
    title: str
    titles: Sequence[str]
    name: str
    note: str

    def fraction(self, box: Box) -> Box:
        """Return a box in fractions of the figure, as matplotlib expects."""
        left, bottom, width, height = box
        return left / self.width, bottom / self.height, width / self.width, height / self.height


def arrange(
    title: str,
    panels: Sequence[str],
    name: str,
    ticks: Sequence[str],
    legend: Sequence[str],
    note: str,
    across: int | None = None,
    high: float | None = None,
) -> CurvePage:
    """Place the panels side by side, in as many rows as needed, with the legend to the right.

    `panels` are their titles, `ticks` the labels of the axis `name`, `legend` all texts of the legend. `across` is the
    number of panels in a row; by default it follows from their number. `high` is the height of a panel; by default it
    follows from its width.
    """
    per_line = across or panels_in_line(len(panels))
    lines = math.ceil(len(panels) / per_line)
    wide = min(WIDEST, max(NARROW, ACROSS / per_line - GAP))
    high = high or SLOPE * wide
    titles = [fitted(text, PANEL, wide) for text in panels]
    above = extent(titles, PANEL)[1] + SPACE if any(titles) else 0.0
    left = EDGE + line_height(AXIS) + extent(ticks, TICK)[0] + 3 * SPACE
    right, down = wide + GAP, above + high + GAP
    legend_left = left + per_line * right
    columns, legend_width, legend_height = _legend(legend, (lines - 1) * down + high)
    width = max(legend_left + legend_width + EDGE, NARROWEST)
    title, note = fitted(title, TITLE, width - 2 * EDGE), fitted(note, NOTE, FOOT * width - 2 * EDGE)
    top = EDGE + text_size(title, TITLE)[1] + 2 * SPACE + above
    below = 2 * SPACE + line_height(TICK) + line_height(AXIS) + SPACE
    end = max(top + (lines - 1) * down + high + below, top + legend_height)
    height = end + EDGE + (text_size(note, NOTE)[1] + 2 * SPACE if note else 0.0)
    places = (divmod(index, per_line) for index in range(len(panels)))
    return CurvePage(
        width=width,
        height=height,
        panels=[(left + column * right, height - top - line * down - high, wide, high) for line, column in places],
        per_line=per_line,
        legend=(legend_left, height - top),
        legend_columns=columns,
        title=title,
        titles=titles,
        name=fitted(name, AXIS, high),
        note=note,
    )


def panels_in_line(count: int) -> int:
    """Choose the number of panels side by side: three at most, four as a square, for many 1.5 times that of rows.

    >>> [panels_in_line(count) for count in (1, 3, 4, 5, 9, 18, 100)]
    [1, 3, 2, 3, 3, 5, 8]
    """
    if count <= 9:
        return 2 if count == 4 else min(count, 3)
    return min(8, math.isqrt(count * 3 // 2))


def _legend(texts: Sequence[str], height: float) -> tuple[int, float, float]:
    """Return the columns with which a legend is no higher than the panels, its width and its height."""
    if not texts:
        return 1, 0.0, 0.0
    entry = extent(texts, NOTE)[1] * ENTRY
    columns = math.ceil(len(texts) * entry / max(height, 2.0))
    each = KEY + extent(texts, NOTE)[0] + 2 * NOTE / 72
    return columns, columns * each, math.ceil(len(texts) / columns) * entry
