"""The marginal view: a row for each value of each axis, averaged over all other axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection

from nnsweep.design.columns import HIGH, LOW, VALUE
from nnsweep.figures.cells import extent
from nnsweep.figures.curve_scale import MetricScale, share_scale, value_scale
from nnsweep.figures.line_styles import COLOURS, LIMIT
from nnsweep.figures.page import EDGE, FOOT
from nnsweep.figures.style import (
    AXIS,
    FAINT,
    GRID,
    NOTE,
    PANEL,
    SMALLEST,
    SPACE,
    TICK,
    TITLE,
    Figure,
    line_height,
    styled,
    text_size,
)
from nnsweep.figures.text import fitted, tick_labels

ROW, TALLEST = 0.2, 12.0
"""Height of a row, and of all rows before they shrink, in inches."""
HEAD = 1.7
"""Height of an axis's name with the space above it, in rows."""
WIDE, GAP = 3.6, 0.4
"""Width of a column of dots, and space between two, in inches."""
CELL, CELL_OPACITY = 0.6, 0.25
"""Height of the tick of a cell, in rows, and its opacity."""
DOT = 5.0
"""Size of the dot of an average, in points."""


@dataclass(frozen=True)
class Column:
    """One column of dots: for each axis `averages`, with a column of the axis, `value`, `low` and `high`.

    `cells` are the averaged values: a column for each axis, and `value`.
    """

    name: str
    averages: Mapping[str, pd.DataFrame]
    cells: pd.DataFrame
    share: bool = False
    bound: tuple[str, float] | None = None

    def scale(self) -> MetricScale:
        """Return the common scale of all axes."""
        frames = [frame[[VALUE, LOW, HIGH]] for frame in self.averages.values()]
        values = np.concatenate([frame.to_numpy(np.float64).ravel() for frame in [*frames, self.cells[[VALUE]]]])
        if self.share:
            return share_scale(values)
        return value_scale(values, None if self.bound is None else self.bound[1])


@dataclass(frozen=True)
class Rows:
    """The position of each value of each axis, in rows from the top; the name of an axis is above its values."""

    places: Mapping[str, Mapping[Any, float]]
    count: float

    @classmethod
    def of(cls, axes: Mapping[str, Sequence[Any]]) -> Rows:
        """Place the values below each other, with space above each axis."""
        places: dict[str, dict[Any, float]] = {}
        down = 0.0
        for name, values in axes.items():
            places[name] = {value: down + HEAD + row + 0.5 for row, value in enumerate(values)}
            down += HEAD + len(values)
        return cls(places, down)


def marginal(axes: Mapping[str, Sequence[Any]], columns: Sequence[Column], title: str, note: str) -> Figure:
    """Draw a row for each value of each axis, in order, with a dot and its interval in each column."""
    rows = Rows.of(axes)
    labels = [label for values in axes.values() for label in tick_labels(values)]
    row = min(max(ROW, extent(labels, TICK)[1] + SPACE), TALLEST / rows.count)
    high = rows.count * row
    left = EDGE + max(extent(labels, TICK)[0] + 4 * SPACE, extent(list(axes), PANEL)[0] + SPACE)
    width = left + len(columns) * (WIDE + GAP) - GAP + 3 * EDGE
    title, note = fitted(title, TITLE, width - 2 * EDGE), fitted(note, NOTE, FOOT * width - 2 * EDGE)
    below = line_height(TICK) + line_height(AXIS) + 3 * SPACE
    foot = EDGE + (text_size(note, NOTE)[1] + 2 * SPACE)
    height = EDGE + text_size(title, TITLE)[1] + SPACE + high + below + foot
    with styled():
        figure = Figure(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(figure)
        for index, column in enumerate(columns):
            box = (left + index * (WIDE + GAP)) / width, (foot + below) / height, WIDE / width, high / height
            panel = figure.add_axes(box, label=f"panel {index}")
            _draw(panel, column, rows)
            _label(panel, column, rows, labels if index == 0 else [], row)
        for name, places in rows.places.items():
            down = foot + below + high - (min(places.values()) - 0.5) * row + SPACE / 2
            figure.text(EDGE / width, down / height, name, size=PANEL, va="bottom")
        figure.text(EDGE / width, 1 - EDGE / height, title, size=TITLE, ha="left", va="top")
        figure.text(EDGE / width, EDGE / height, note, size=NOTE, color=FAINT, va="bottom")
    return figure


def _draw(panel: Axes, column: Column, rows: Rows) -> None:
    colour = COLOURS[0]
    for name, frame in column.averages.items():
        places = rows.places[name]
        cells = column.cells.dropna(subset=[VALUE])
        ticks = [(value, places[at]) for value, at in zip(cells[VALUE], cells[name], strict=True)]
        bars = [[(value, down - CELL / 2), (value, down + CELL / 2)] for value, down in ticks]
        faint = LineCollection(bars, colors=[colour], linewidths=0.8, alpha=CELL_OPACITY)
        panel.add_collection(faint, autolim=False)
        down = [places[value] for value in frame[name]]
        known = frame.assign(down=down).dropna(subset=[LOW, HIGH])
        spans = [[(low, at), (high, at)] for low, high, at in zip(known[LOW], known[HIGH], known["down"], strict=True)]
        panel.add_collection(LineCollection(spans, colors=[colour], linewidths=1.6, zorder=3), autolim=False)
        panel.plot(frame[VALUE], down, "o", color=colour, markersize=DOT, markeredgecolor="white", zorder=4)


def _label(panel: Axes, column: Column, rows: Rows, labels: Sequence[str], row: float) -> None:
    downs = [down for places in rows.places.values() for down in places.values()]
    column.scale().apply(panel, "x", WIDE)
    panel.set_ylim(rows.count, 0)
    panel.set_yticks(downs, labels or [""] * len(downs))
    points = max(SMALLEST, min(TICK, 0.8 * row * 72))
    panel.tick_params(length=2, labelsize=TICK, color=FAINT, pad=SPACE * 72 / 2)
    panel.tick_params(axis="y", length=0, labelsize=points, labelleft=bool(labels))
    panel.grid(axis="x", color=GRID, linewidth=0.6)
    panel.spines["bottom"].set(visible=True, color=FAINT, linewidth=0.6)
    panel.set_axisbelow(True)
    panel.set_xlabel(column.name, size=AXIS, labelpad=SPACE * 72 / 2)
    if column.bound is not None:
        panel.axvline(column.bound[1], **LIMIT)
