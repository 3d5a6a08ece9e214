"""Strips: a dot for every trial and a box for each cell, in the order of a heatmap's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection

from nnsweep.design.columns import PLACE, VALUE
from nnsweep.figures.curve_page import arrange
from nnsweep.figures.curve_scale import MetricScale, value_scale
from nnsweep.figures.line_styles import LIMIT, finish, key_texts, keys, limit_key, line_styles, style_axes
from nnsweep.figures.style import FAINT, GRID, INK, NOTE, TICK, Figure, line_height, styled
from nnsweep.figures.text import settings_text, tick_labels

STRIP, TALLEST = 0.13, 9.0
"""Height of a strip, and of all strips of a panel before they shrink, in inches."""
FEW = 0.45
"""Height of a strip, in inches, if there are few."""
FILLED = 0.84
"""The part of a row that its strips fill."""
DOT, DOT_OPACITY = 5.0, 0.55
"""Area of a dot, in square points, and its opacity."""
BOX_OPACITY = 0.22


@dataclass(frozen=True)
class Strips:
    """A panel: `points` with `value` and `place`, `boxes` with quartiles and `lost`; both with columns of the axes."""

    points: pd.DataFrame
    boxes: pd.DataFrame


@dataclass(frozen=True)
class Lanes:
    """The rows, from the top, and the strips in each of them; the name of a missing axis is None."""

    row_name: str | None
    rows: Sequence[Any]
    strip_name: str | None
    strips: Sequence[Any]

    @property
    def height(self) -> float:
        """Height of a panel, in inches."""
        row = max(STRIP * len(self.strips), line_height(TICK)) / FILLED
        if len(self.rows) * row < 2.0:
            row = min(FEW * len(self.strips), 2.0 / len(self.rows))
        return min(TALLEST, row * len(self.rows))

    @property
    def strip(self) -> float:
        """Height of a strip, in rows."""
        return FILLED / len(self.strips)

    def tops(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the upper edge of the strip of each row of a table, in rows from the top."""
        down = np.zeros(len(frame)) if self.row_name is None else _places(self.rows, frame, self.row_name)
        within = np.zeros(len(frame)) if self.strip_name is None else _places(self.strips, frame, self.strip_name)
        return down + (1 - FILLED) / 2 + within * self.strip


def strips(
    panels: Mapping[tuple[tuple[str, Any], ...], Strips],
    lanes: Lanes,
    title: str,
    name: str,
    bound: tuple[str, float] | None = None,
    note: str = "",
    across: int | None = None,
) -> Figure:
    """Draw panels with a common scale labelled `name`, `across` side by side. `bound` is drawn as a thin line."""
    styles = line_styles(lanes.strips)
    entries = [*(keys(styles) if lanes.strip_name else []), *limit_key(bound)]
    values = np.concatenate([panel.points[VALUE].to_numpy(dtype=np.float64) for panel in panels.values()])
    scale = value_scale(values, None if bound is None else bound[1])
    titles, texts = [settings_text(settings) for settings in panels], key_texts(entries, lanes.strip_name)
    labels = tick_labels(lanes.rows) if lanes.row_name else [""]
    page = arrange(title, titles, lanes.row_name or "", labels, texts, note, across, lanes.height)
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        for index, panel in enumerate(panels.values()):
            axes = figure.add_axes(page.fraction(page.panels[index]), label=f"panel {index}")
            _scale(axes, scale, lanes, labels, page.panels[index])
            _draw(axes, panel, lanes, styles, scale)
            if bound is not None:
                axes.axvline(bound[1], **LIMIT)
            style_axes(axes, page, index, name, grid="x")
        finish(figure, page, entries, lanes.strip_name)
    return figure


def _scale(axes: Axes, scale: MetricScale, lanes: Lanes, labels: Sequence[str], box: Sequence[float]) -> None:
    scale.apply(axes, "x", box[2])
    axes.set_ylim(len(lanes.rows), 0)
    every = int(np.ceil(line_height(TICK) / (box[3] / len(lanes.rows)) - 1e-6))
    axes.set_yticks(np.arange(len(lanes.rows))[::every] + 0.5, labels[::every])
    for row in range(1, len(lanes.rows)):
        axes.axhline(row, color=GRID, linewidth=0.4)


def _draw(axes: Axes, panel: Strips, lanes: Lanes, styles: Mapping[Any, Any], scale: MetricScale) -> None:
    for value, look in styles.items():
        points, boxes = (_part(frame, lanes, value) for frame in (panel.points, panel.boxes))
        tops = lanes.tops(boxes)
        inner = lanes.strip * 0.08
        lower, middle, upper = (boxes[column].to_numpy() for column in ("lower", "median", "upper"))
        corners = zip(lower, upper, tops + inner, tops + lanes.strip - inner, strict=True)
        squares = [[(low, top), (high, top), (high, end), (low, end)] for low, high, top, end in corners]
        axes.add_collection(PolyCollection(squares, facecolors=[look["color"]], alpha=BOX_OPACITY, linewidths=0), False)
        down = lanes.tops(points) + lanes.strip * (0.1 + 0.8 * points[PLACE].to_numpy())
        axes.scatter(
            np.clip(points[VALUE], scale.low, scale.high),
            down,
            s=DOT,
            color=[look["color"]],
            alpha=DOT_OPACITY,
            linewidths=0,
            zorder=2,
        )
        bars = [[(at, top), (at, top + lanes.strip)] for at, top in zip(middle, tops, strict=True)]
        axes.add_collection(LineCollection(bars, colors=INK, linewidths=1.2, zorder=3), False)
        _count(axes, boxes["lost"].to_numpy(), tops + lanes.strip / 2, scale)


def _count(axes: Axes, lost: np.ndarray, middles: np.ndarray, scale: MetricScale) -> None:
    """Write at the right of each strip how many of its trials have no value."""
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8}
    for count, down in zip(lost, middles, strict=True):
        if count:
            axes.text(scale.high, down, f"{count}", size=NOTE - 1, color=FAINT, ha="right", va="center", bbox=ground)


def _part(frame: pd.DataFrame, lanes: Lanes, value: Any) -> pd.DataFrame:
    return frame if lanes.strip_name is None else frame.loc[frame[lanes.strip_name] == value]


def _places(values: Sequence[Any], frame: pd.DataFrame, name: str) -> np.ndarray:
    places = {value: place for place, value in enumerate(values)}
    return np.array([places[value] for value in frame[name]], dtype=np.float64)
