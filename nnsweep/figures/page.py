"""Where everything of a figure stands, in inches, so that no text meets another or the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nnsweep.figures.cells import WIDEST, Cells, Words, column_extent, extent, size_cells
from nnsweep.figures.style import AXIS, NOTE, PANEL, SPACE, TICK, TITLE, line_height, text_size
from nnsweep.figures.text import fitted

EDGE, GAP, BAR = 0.14, 0.26, 0.15
"""Around the figure, between panels, and the width of the colour bar."""
FOOT = 0.97
"""The part of the figure's width that notes fill: small letters, moved to whole pixels, come out wider."""
NARROWEST, SHORTEST_BAR, LONGEST_BAR = 3.6, 1.2, 5.0
WIDE, HIGH = 1.0, 0.45
"""How far the cells of a small figure grow, in inches, to fill its width and stand as high as its colour bar."""
SHEET = 11.0
"""Inches of height that panels in several lines should not outgrow; their cells shrink as far as `SCALES` say."""
SCALES = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3)

Box = tuple[float, float, float, float]
"""Left, bottom, width, height."""


@dataclass(frozen=True)
class Page:
    """Size of the figure; boxes of its panels, line by line, and of its colour bar; its texts, broken to fit."""

    width: float
    needed: float
    """The width that all but the title and the notes take."""
    height: float
    panels: Sequence[Box]
    per_line: int
    bar: Box
    title: str
    titles: Sequence[str]
    bar_name: str
    notes: str
    upright: bool
    """Whether the name of the row axis stands upright."""

    def fraction(self, box: Box) -> Box:
        """A box in fractions of the figure, as matplotlib takes it."""
        left, bottom, width, height = box
        return left / self.width, bottom / self.height, width / self.width, height / self.height


@dataclass(frozen=True)
class Slot:
    """A panel with the room around it: its title above, what its labels and name need at either side and below."""

    width: float
    height: float
    side: float
    above: float
    below: float
    titles: Sequence[str]

    @property
    def pitch(self) -> tuple[float, float]:
        """From one panel to the next, rightwards and downwards."""
        return self.width + 2 * self.side + GAP, self.above + self.height + GAP


def _slot(words: Words, cells: Cells) -> Slot:
    width, height = len(words.columns) * cells.width, len(words.rows) * cells.height
    across, down = column_extent(words, cells)
    wanted = max(text_size(words.column_name, AXIS)[0], min(extent(words.panels, PANEL)[0], 1.8), across)
    side = max(0.0, (wanted - width) / 2)
    titles = [fitted(title, PANEL, width + 2 * side) for title in words.panels]
    above = extent(titles, PANEL)[1] + SPACE if any(titles) else 0.0
    below = SPACE + down + (SPACE + line_height(AXIS) if words.column_name else 0.0)
    return Slot(width, height, side, above, below, titles)


def fit(words: Words, annotations: Sequence[str]) -> tuple[Cells, Page]:
    """Choose the largest cells whose panels make no more than a sheet, else the smallest there are."""
    for scale in SCALES[:-1]:
        cells = size_cells(words, annotations, scale)
        page = arrange(words, cells)
        if page.height <= SHEET:
            return _grown(words, cells, page) if scale == 1.0 else (cells, page)
    cells = size_cells(words, annotations, SCALES[-1])
    return cells, arrange(words, cells)


def _grown(words: Words, cells: Cells, page: Page) -> tuple[Cells, Page]:
    """Widen and heighten the cells of a figure that would be mostly empty."""
    spare = (page.width - page.needed) / (page.per_line * len(words.columns))
    width = max(cells.width, min(WIDE, cells.width + spare))
    height = max(cells.height, min(HIGH, SHORTEST_BAR / len(words.rows))) if len(words.panels) == 1 else cells.height
    grown = replace(cells, width=width, height=height)
    return (cells, page) if grown == cells else (grown, arrange(words, grown))


def arrange(words: Words, cells: Cells) -> Page:
    """Stand the panels side by side, in as many lines as it takes, with the colour bar at their right."""
    slot = _slot(words, cells)
    right, down = slot.pitch
    per_line, lines = _grid(len(words.panels), right)
    upright = text_size(words.row_name, AXIS)[0] <= slot.height
    left = EDGE + max(_row_margin(words, cells, upright), slot.side)
    bar_left = left + per_line * right - slot.side
    bar_height = min(max((lines - 1) * down + slot.height, SHORTEST_BAR), LONGEST_BAR)
    bar_name = fitted(words.bar, AXIS, bar_height)
    needed = bar_left + BAR + _bar_margin(words, bar_name) + EDGE
    width = max(needed, NARROWEST)
    title, notes = fitted(words.title, TITLE, width - 2 * EDGE), fitted(words.notes, NOTE, FOOT * width - 2 * EDGE)
    top = EDGE + text_size(title, TITLE)[1] + 2 * SPACE + slot.above
    end = max(top + (lines - 1) * down + slot.height + slot.below, top + bar_height + line_height(TICK) / 2)
    height = end + EDGE + (text_size(notes, NOTE)[1] + 2 * SPACE if notes else 0.0)
    return Page(
        width=width,
        needed=needed,
        height=height,
        panels=[
            (left + column * right, height - top - line * down - slot.height, slot.width, slot.height)
            for line, column in (divmod(index, per_line) for index in range(len(words.panels)))
        ],
        per_line=per_line,
        bar=(bar_left, height - top - bar_height, BAR, bar_height),
        title=title,
        titles=slot.titles,
        bar_name=bar_name,
        notes=notes,
        upright=upright,
    )


def _grid(count: int, pitch: float) -> tuple[int, int]:
    """Panels in a line, and lines: as few lines as the sheet allows, filled evenly."""
    lines = math.ceil(count / max(1, int((WIDEST + GAP) / pitch)))
    return math.ceil(count / lines), lines


def _row_margin(words: Words, cells: Cells, upright: bool) -> float:
    """Room at the left of a panel for the labels of its rows and the axis's name."""
    labels = SPACE + extent(words.rows, cells.row_label)[0]
    name = line_height(AXIS) if upright else text_size(words.row_name, AXIS)[0]
    return labels + (name + 2 * SPACE if words.row_name else 0.0)


def _bar_margin(words: Words, name: str) -> float:
    """Room at the right of the colour bar for its numbers and its name."""
    return extent(words.bar_ticks, TICK)[0] + text_size(name, AXIS)[1] + 4 * SPACE
