"""Where everything of a figure stands, in inches, so that no text meets another or the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnsweep.figures.style import AXIS, CELL, NOTE, PANEL, SMALLEST, TICK, TITLE, line_height, text_size
from nnsweep.figures.text import fitted

WIDEST, TALLEST = 10.0, 8.5
"""What panels may fill before cells shrink: about a landscape sheet, and the height of a portrait one."""
NARROWEST = 4.2
LEAST_BAR = 1.5
EDGE, GAP, SPACE, BAR = 0.14, 0.24, 0.06, 0.15
"""Around the figure, between panels, between a thing and its text, and the width of the colour bar."""
LYING = 0.62
"""Labels of columns that are wider stand upright, unless the cells are as wide."""

Box = tuple[float, float, float, float]
"""Left, bottom, width, height."""


@dataclass(frozen=True)
class Words:
    """All the text around the panels; `panels` holds their titles, and a name is empty where there is no axis."""

    title: str
    panels: Sequence[str]
    rows: Sequence[str]
    columns: Sequence[str]
    row_name: str
    column_name: str
    bar: str
    bar_ticks: Sequence[str]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Cells:
    """Size of a cell, and the points of the text that fits it (0: no annotation)."""

    width: float
    height: float
    annotation: float
    row_label: float
    column_label: float
    upright: bool
    """Whether the labels of columns stand upright."""


def cells(words: Words, annotations: Sequence[str]) -> Cells:
    """Give cells room for their text and labels; where that is too much for a sheet, shrink them and their text."""
    text = max((text_size(each, CELL)[0] for each in annotations), default=0.0)
    label, lines = _extent(words.columns, TICK)
    upright = label > max(LYING, text)
    across = lines if upright else label
    down = _extent(words.rows, TICK)[1]
    width = min(max(text, across, 0.26) + 2 * SPACE, WIDEST / len(words.columns))
    height = min(max(line_height(CELL), down) + 2 * SPACE, TALLEST / len(words.rows))
    room = min((width - SPACE) / max(text, SPACE), (height - SPACE / 2) / line_height(CELL))
    annotation = CELL * min(1.0, room)
    return Cells(
        width=width,
        height=height,
        annotation=annotation if annotation >= SMALLEST else 0.0,
        row_label=max(SMALLEST, TICK * min(1.0, height / max(down, SPACE))),
        column_label=max(SMALLEST, TICK * min(1.0, width / (across + SPACE))),
        upright=upright,
    )


def _extent(labels: Sequence[str], points: float) -> tuple[float, float]:
    sizes = [text_size(label, points) for label in labels]
    return max((width for width, _ in sizes), default=0.0), max((height for _, height in sizes), default=0.0)


def shown_rows(words: Words, cells: Cells) -> list[int]:
    """Which rows get a label: every one, or every second, third, … so that labels do not meet."""
    return _every(len(words.rows), _extent(words.rows, cells.row_label)[1], cells.height)


def shown_columns(words: Words, cells: Cells) -> list[int]:
    """Which columns get a label."""
    width, height = _extent(words.columns, cells.column_label)
    return _every(len(words.columns), height if cells.upright else width + SPACE, cells.width)


def _every(count: int, size: float, step: float) -> list[int]:
    return list(range(0, count, max(1, math.ceil(size / step - 1e-6))))


@dataclass(frozen=True)
class Page:
    """The whole figure's size, where its panels and colour bar stand, and its texts, broken to fit."""

    width: float
    height: float
    panels: Sequence[Box]
    per_line: int
    bar: Box
    title: str
    titles: Sequence[str]
    notes: str
    row_name_upright: bool
    row_name_x: float
    """Distance from a panel's left edge to the middle of the row axis's name."""
    column_name_y: float
    """Distance from a panel's lower edge to the top of the column axis's name."""

    def fraction(self, box: Box) -> Box:
        """A box in fractions of the figure, as matplotlib wants it."""
        left, bottom, width, height = box
        return left / self.width, bottom / self.height, width / self.width, height / self.height


def arrange(words: Words, cells: Cells) -> Page:
    """Stand the panels side by side, in as many lines as it takes, the colour bar at their right."""
    width, height = len(words.columns) * cells.width, len(words.rows) * cells.height
    upright = text_size(words.row_name, AXIS)[0] <= max(height, LEAST_BAR) - SPACE
    labels = _extent(words.rows, cells.row_label)[0]
    name = text_size(words.row_name, AXIS)[1 if upright else 0] if words.row_name else 0.0
    over = max(0.0, (_across(words, cells) - width) / 2)
    left = EDGE + max(name + labels + 3 * SPACE - over, 0.0)
    slot = max(width + 2 * over, min(_extent(words.panels, PANEL)[0], 1.6))
    right = GAP + BAR + SPACE + _extent(words.bar_ticks, TICK)[0] + 2 * SPACE + line_height(AXIS) + EDGE
    per_line = _per_line(len(words.panels), WIDEST, slot)
    titles = [fitted(title, PANEL, slot) for title in words.panels]
    lines = math.ceil(len(titles) / per_line)
    line = _extent(titles, PANEL)[1] + SPACE + height
    body = lines * line + (lines - 1) * GAP
    ...
