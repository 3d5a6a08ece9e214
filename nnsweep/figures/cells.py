"""The size of a heatmap's cells, and which texts and labels fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnsweep.figures.style import CELL, SMALLEST, SPACE, TICK, line_height, text_size

WIDEST, TALLEST = 10.0, 8.0
"""Size of the panels, in inches, above which cells shrink: about a sheet of paper."""
LYING, FEW = 0.62, 5.0
"""Column labels wider than `LYING` inches are rotated, unless the annotations need cells as wide, or all labels
together are at most `FEW` inches wide."""


@dataclass(frozen=True)
class Words:
    """All texts of a figure except its annotations; the name of a missing axis is empty."""

    title: str
    panels: Sequence[str]
    rows: Sequence[str]
    columns: Sequence[str]
    row_name: str
    column_name: str
    bar: str
    bar_ticks: Sequence[str]
    notes: str = ""


@dataclass(frozen=True)
class Cells:
    """Width and height of a cell in inches, sizes of its texts in points (0: none), and whether labels are rotated."""

    width: float
    height: float
    annotation: float
    row_label: float
    column_label: float
    upright: bool


def size_cells(words: Words, annotations: Sequence[str], scale: float = 1.0) -> Cells:
    """Compute cells with room for their texts and labels, times `scale`; both shrink if a panel would be too large."""
    text = extent(annotations, CELL)[0]
    label, lines = extent(words.columns, TICK)
    down = extent(words.rows, TICK)[1]

    def width_for(across: float) -> float:
        return scale * min(max(text, across, 0.26) + 2 * SPACE, WIDEST / len(words.columns))

    together = (label + 2 * SPACE) * len(words.columns) * len(words.panels)
    upright = (label > max(LYING, text) and together > FEW) or label > width_for(label)
    across = lines if upright else label
    width = width_for(across)
    height = scale * min(max(down, line_height(CELL)) + 2 * SPACE, TALLEST / len(words.rows))
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


def extent(texts: Sequence[str], points: float) -> tuple[float, float]:
    """Return the width of the widest and the height of the highest text, in inches."""
    sizes = [text_size(text, points) for text in texts]
    return max((width for width, _ in sizes), default=0.0), max((height for _, height in sizes), default=0.0)


def column_extent(words: Words, cells: Cells) -> tuple[float, float]:
    """Return the largest width and height of the column labels, rotated or not."""
    width, height = extent(words.columns, cells.column_label)
    return (height, width) if cells.upright else (width, height)


def labelled_rows(words: Words, cells: Cells) -> range:
    """Choose the rows with a label: each one or, if labels would overlap, each second, third, …"""
    return _every(len(words.rows), extent(words.rows, cells.row_label)[1], cells.height)


def labelled_columns(words: Words, cells: Cells) -> range:
    """Choose the columns with a label."""
    between = 0.0 if cells.upright else SPACE
    return _every(len(words.columns), column_extent(words, cells)[0] + between, cells.width)


def _every(count: int, size: float, step: float) -> range:
    return range(0, count, max(1, math.ceil(size / step - 1e-6)))
