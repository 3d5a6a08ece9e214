"""Where everything of a figure of panels stands, in inches, so that no text meets another or the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnsweep.figures import style
from nnsweep.figures.style import line_height, text_size

WIDEST, TALLEST = 11.0, 9.0
"""Inches that panels may fill before cells shrink: a landscape sheet, and the height of a portrait one."""
NARROWEST = 4.0
EDGE, GAP, TIGHT, BAR = 0.12, 0.22, 0.06, 0.14
LEAST_BAR = 1.3
HORIZONTAL = 0.62
"""Column labels wider than this many inches stand upright."""


@dataclass(frozen=True)
class Cells:
    """Size of a cell in inches and what of its text fits: points of annotation (0: none) and of tick labels."""

    width: float
    height: float
    annotation: float
    row_labels: float
    column_labels: float
    upright: bool


@dataclass(frozen=True)
class Page:
    """Panels from left to right and top to bottom; every length in inches, `y` upwards from the bottom."""

    width: float
    height: float
    panels: tuple[tuple[float, float, float, float], ...]
    """Left, bottom, width and height of each panel."""
    bar: tuple[float, float, float, float]
    per_line: int
    row_name_x: float
    """Middle of the row axis's name."""
    column_name_drop: float
    """From a panel's bottom down to the top of the column axis's name."""


def cells(rows: Sequence[str], columns: Sequence[str], texts: Sequence[str]) -> Cells:
    """Choose a size of cell that holds its text and labels, shrinking text where there are too many cells."""
    text_width = max((text_size(text, style.CELL)[0] for text in texts), default=0.0)
    label_width, label_height = _largest(columns, style.TICK)
    upright = label_width > max(HORIZONTAL, text_width)
    across = label_height if upright else label_width
    width = min(max(text_width, across, 0.28) + 2 * TIGHT, WIDEST / len(columns))
    height = min(max(line_height(style.CELL), _largest(rows, style.TICK)[1]) + 2 * TIGHT, TALLEST / len(rows))
    room = min((width - TIGHT / 2) / max(text_width, 0.01), (height - TIGHT / 2) / line_height(style.CELL))
    return Cells(
        width=width,
        height=height,
        annotation=_readable(style.CELL * min(1.0, room)),
        row_labels=_shrunk(height / _largest(rows, style.TICK)[1]),
        column_labels=_shrunk(width / (across + TIGHT)),
        upright=upright,
    )


def _largest(labels: Sequence[str], points: float) -> tuple[float, float]:
    sizes = [text_size(label, points) for label in labels]
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _shrunk(room: float) -> float:
    return max(style.SMALLEST, style.TICK * min(1.0, room))


def _readable(points: float) -> float:
    return points if points >= style.SMALLEST else 0.0


def every(labels: Sequence[str], points: float, step: float, along: bool) -> list[int]:
    """Which labels to show so that none meets the next, `step` inches apart; `along` if they lie along the axis."""
    size = _largest(labels, points)[0] + TIGHT if along else _largest(labels, points)[1]
    return list(range(0, len(labels), max(1, math.ceil(size / step - 1e-9))))
