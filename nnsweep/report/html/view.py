"""The heatmaps that a page shows first, and without its script at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nnsweep.report.html.measures import Measure
from nnsweep.tables import Layout

SHOWN = 2_000
"""Cells of a page that are written out; of larger views, only the first rows."""


@dataclass(frozen=True)
class Cell:
    """One cell of a heatmap: what it says, the class of its colour, and its row of the summary."""

    text: str
    style: str
    number: int


@dataclass(frozen=True)
class Panel:
    """A heatmap: its name, what stands above its columns and before its rows, and cells; None is not in the grid."""

    name: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell | None]]]


@dataclass(frozen=True)
class View:
    """Heatmaps side by side: the names of their axes, the values of the axes beyond, and rows that are left out."""

    rows: str
    columns: str
    rest: str
    panels: Sequence[Panel]
    left_out: int


def view(
    layout: Layout, labels: Mapping[str, Sequence[str]], places: Sequence[Sequence[int]], measure: Measure, letter: str
) -> View:
    """Lay out one measure as the layout says: every panel of the first page of the axes beyond three.

    `labels` are what the values of each axis are called, `places` for each axis the number of every cell's value on
    it; `letter` begins the classes of the colours.
    """
    numbered = enumerate(zip(*places, strict=True))
    numbers: dict[tuple[int, ...], int] = {at: number for number, at in numbered} if places else {(): 0}
    names = layout.rows, layout.columns, layout.panels
    rows, columns, panels = (labels[name] if name is not None else [""] for name in names)
    shown = rows[: max(1, SHOWN // (len(columns) * len(panels)))]

    def cell(*at: int) -> Cell | None:
        placed = dict(zip(names, at, strict=True))
        number = numbers.get(tuple(placed.get(name, 0) for name in labels))
        return None if number is None else Cell(measure.texts[number], f"{letter}{level(measure, number)}", number)

    shown_panels = []
    for at, label in enumerate(panels):
        body = [[cell(row, column, at) for column in range(len(columns))] for row in range(len(shown))]
        if any(each is not None for line in body for each in line):
            name = f"{layout.panels.strip()} = {label}" if layout.panels is not None else ""
            above = columns if layout.columns is not None else [measure.label]
            shown_panels.append(Panel(name, above, list(zip(shown, body, strict=True))))
    rest = ", ".join(f"{name.strip()} = {labels[name][0]}" for name in layout.rest)
    return View((layout.rows or "").strip(), (layout.columns or "").strip(), rest, shown_panels, len(rows) - len(shown))


def level(measure: Measure, number: int) -> str:
    """The number in the class of a cell's colour: its digit to the base 32; empty for no value."""
    digit = measure.levels[number]
    return "-" if digit == "-" else str(int(digit, 32))
