"""How large the cells of a heatmap are, and which of their text and labels fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnsweep.figures.style import CELL, SMALLEST, SPACE, TICK, line_height, text_size

WIDEST, TALLEST = 10.0, 8.0
"""What panels may fill, in inches, before cells shrink: about a sheet of paper."""
LYING, FEW = 0.62, 5.0
"""Labels of columns that are wider, in inches, stand upright, unless the annotation needs cells as wide, or all labels
together are not wider than a few."""


@dataclass(frozen=True)
class Words:
    """All the text of a figure but its annotations; a name is empty where there is no such axis."""

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
    """Width and height of a cell in inches, points of the text that fits it (0: none), whether labels stand."""

    width: float
    height: float
    annotation: float
    row_label: float
    column_label: float
    upright: bool


def size_cells(words: Words, annotations: Sequence[str], scale: float = 1.0) -> Cells:
    """Give cells room for their text and labels, times `scale`; where a panel would outgrow a sheet, shrink both."""
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
    """Width of the widest and height of the highest of some texts, in inches."""
    sizes = [text_size(text, points) for text in texts]
    return max((width for width, _ in sizes), default=0.0), max((height for _, height in sizes), default=0.0)


def column_extent(words: Words, cells: Cells) -> tuple[float, float]:
    """Width and height that the labels of columns take, standing or lying."""
    width, height = extent(words.columns, cells.column_label)
    return (height, width) if cells.upright else (width, height)


def labelled_rows(words: Words, cells: Cells) -> range:
    """Which rows get a label: every one or, where labels would meet, every second, third, …"""
    return _every(len(words.rows), extent(words.rows, cells.row_label)[1], cells.height)


def labelled_columns(words: Words, cells: Cells) -> range:
    """Which columns get a label."""
    between = 0.0 if cells.upright else SPACE
    return _every(len(words.columns), column_extent(words, cells)[0] + between, cells.width)


def _every(count: int, size: float, step: float) -> range:
    return range(0, count, max(1, math.ceil(size / step - 1e-6)))
