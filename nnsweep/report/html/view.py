"""The heatmaps that a page shows at first, and always without its script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnsweep.design.columns import NUMBER
from nnsweep.report.html.measures import Measure
from nnsweep.tables import Columns, Layout, matrix, panels
from nnsweep.tables.settings import having

Labels = Mapping[str, Mapping[Any, str]]
"""The label of each value of each axis."""

SHOWN = 2_000
"""Cells that are written into the page; of larger views, only the first rows are."""


@dataclass(frozen=True)
class Cell:
    """One cell of a heatmap: its text, the class of its colour, and its row in the summary."""

    text: str
    style: str
    number: int


@dataclass(frozen=True)
class Panel:
    """A heatmap: its name, the labels of its columns and rows, and its cells; None if a cell is not in the grid."""

    name: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell | None]]]


@dataclass(frozen=True)
class View:
    """Heatmaps side by side: the names of their axes, the settings of others, and how many rows are left out."""

    rows: str
    columns: str
    rest: str
    panels: Sequence[Panel]
    left_out: int


def view(layout: Layout, labels: Labels, cells: Columns, measure: Measure, letter: str) -> View:
    """Lay out one measure: every panel for the first values of the axes beyond three.

    `cells` has the axes of the cells as columns, in the order of the measure. `labels` has the label of each value of
    each axis. `letter` starts the classes of the colours.
    """
    page = tuple((name, next(iter(labels[name]))) for name in layout.rest)
    numbered = {**cells, NUMBER: np.arange(len(measure.texts))}
    most = max(1, SHOWN // (_count(labels, layout.columns) * _count(labels, layout.panels)))
    drawn: list[Panel] = []
    left_out = 0
    for panel in panels(numbered, layout, page) if having(numbered, page).any() else ():
        table = matrix(numbered, layout, NUMBER, (*page, *panel))
        rows = _labels(labels, layout.rows, table.rows, "")
        columns = _labels(labels, layout.columns, table.columns, measure.label)
        body = [[_cell(measure, number, letter) for number in line] for line in table.numbers[:most].tolist()]
        left_out = max(0, len(rows) - most)
        name = ", ".join(f"{axis.strip()} = {labels[axis][value]}" for axis, value in panel if axis == layout.panels)
        drawn.append(Panel(name, columns, list(zip(rows[:most], body, strict=True))))
    rest = ", ".join(f"{name.strip()} = {labels[name][value]}" for name, value in page)
    return View((layout.rows or "").strip(), (layout.columns or "").strip(), rest, drawn, left_out)


def _labels(labels: Labels, axis: str | None, values: Sequence[Any], otherwise: str) -> list[str]:
    return [otherwise] if axis is None else [labels[axis][value] for value in values]


def _count(labels: Labels, axis: str | None) -> int:
    return 1 if axis is None else len(labels[axis])


def _cell(measure: Measure, number: int | None, letter: str) -> Cell | None:
    return None if number is None else Cell(measure.texts[number], f"{letter}{level(measure, number)}", number)


def level(measure: Measure, number: int) -> str:
    """The number in the class of a cell's colour, from 0 to 31; `-` for a cell without a value."""
    digit = measure.levels[number]
    return "-" if digit == "-" else str(int(digit, 32))
