"""The layout of a heatmap, in inches: no text overlaps another or the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nnsweep.figures.cells import WIDEST, Cells, Words, column_extent, extent, size_cells
from nnsweep.figures.style import AXIS, NOTE, PANEL, SPACE, TICK, TITLE, line_height, text_size
from nnsweep.figures.text import fitted

EDGE, GAP, BAR = 0.14, 0.26, 0.15
"""Margin of the figure, space between panels, and width of the colour bar."""
FOOT = 0.97
"""The part of the figure's width that notes fill: small letters are wider when they are rounded to whole pixels."""
NARROWEST, SHORTEST_BAR, LONGEST_BAR = 3.6, 1.2, 5.0
WIDE, HIGH = 1.0, 0.45
"""Width and height, in inches, to which the cells of a small figure may grow to fill its width and colour bar."""
SHEET = 11.0
"""Height of the figure, in inches, above which cells shrink by the factors of `SCALES`."""
SCALES = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3)

Box = tuple[float, float, float, float]
"""Left, bottom, width, height."""


@dataclass(frozen=True)
class Page:
    """Size of the figure; boxes of its panels, row by row, and of its colour bar; its texts, wrapped to fit."""

    width: float
    needed: float
    """The width of everything except the title and the notes."""
    height: float
    panels: Sequence[Box]
    per_line: int
    bar: Box
    title: str
    titles: Sequence[str]
    bar_name: str
    notes: str
    upright: bool
    """Whether the name of the row axis is rotated."""

    def fraction(self, box: Box) -> Box:
        """Return a box in fractions of the figure, as matplotlib expects."""
        left, bottom, width, height = box
        return left / self.width, bottom / self.height, width / self.width, height / self.height


@dataclass(frozen=True)
class Slot:
    """A panel with the space around it: for its title above, and for labels and names beside and below it."""

    width: float
    height: float
    side: float
    above: float
    below: float
    titles: Sequence[str]

    @property
    def pitch(self) -> tuple[float, float]:
        """The distance from one panel to the next, to the right and down."""
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
    """Choose the largest cells with which the figure fits on a sheet, else the smallest cells."""
    for scale in SCALES[:-1]:
        cells = size_cells(words, annotations, scale)
        page = arrange(words, cells)
        if page.height <= SHEET:
            return _grown(words, cells, page) if scale == 1.0 else (cells, page)
    cells = size_cells(words, annotations, SCALES[-1])
    return cells, arrange(words, cells)


def _grown(words: Words, cells: Cells, page: Page) -> tuple[Cells, Page]:
    """Enlarge the cells of a figure that would be mostly empty."""
    spare = (page.width - page.needed) / (page.per_line * len(words.columns))
    width = max(cells.width, min(WIDE, cells.width + spare))
    height = max(cells.height, min(HIGH, SHORTEST_BAR / len(words.rows))) if len(words.panels) == 1 else cells.height
    grown = replace(cells, width=width, height=height)
    return (cells, page) if grown == cells else (grown, arrange(words, grown))


def arrange(words: Words, cells: Cells) -> Page:
    """Place the panels side by side, in as many rows as needed, with the colour bar to the right."""
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
    """Return the panels in a row, and the rows: as few rows as the sheet allows, evenly filled."""
    lines = math.ceil(count / max(1, int((WIDEST + GAP) / pitch)))
    return math.ceil(count / lines), lines


def _row_margin(words: Words, cells: Cells, upright: bool) -> float:
    """Return the space to the left of a panel for its row labels and the axis's name."""
    labels = SPACE + extent(words.rows, cells.row_label)[0]
    name = line_height(AXIS) if upright else text_size(words.row_name, AXIS)[0]
    return labels + (name + 2 * SPACE if words.row_name else 0.0)


def _bar_margin(words: Words, name: str) -> float:
    """Return the space to the right of the colour bar for its numbers and its name."""
    return extent(words.bar_ticks, TICK)[0] + text_size(name, AXIS)[1] + 4 * SPACE
