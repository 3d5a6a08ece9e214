"""A value of the summary over the axes of a sweep: a line for each setting, with a band for its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection

from nnsweep.design.columns import GROUP, HIGH, LOW, VALUE
from nnsweep.figures.axis_scale import axis_scale
from nnsweep.figures.curve_page import arrange
from nnsweep.figures.curve_scale import MetricScale, share_scale, value_scale
from nnsweep.figures.line_styles import (
    LIMIT,
    LineStyle,
    finish,
    key_texts,
    keys,
    limit_key,
    line_styles,
    opacity,
    style_axes,
)
from nnsweep.figures.scale import within
from nnsweep.figures.style import Figure, styled

MARKERS = 3.0
"""Size of the dot at each swept value, in points."""
THIN, THIN_OPACITY = 0.6, 0.35
"""Width in points, and opacity, of the lines of single cells behind their average."""


@dataclass(frozen=True)
class Panel:
    """The data of one panel, whose horizontal axis is one axis of the sweep.

    `average` has a column of the axis, one of the lines if there are any, and `value`, `low` and `high`. `cells` are
    the values that are averaged: without `low` and `high`, and with `group`, a number for each setting of other axes.
    """

    axis: str
    title: str
    average: pd.DataFrame
    cells: pd.DataFrame | None = None


def against(
    panels: Sequence[Panel],
    title: str,
    name: str,
    lines: str | None,
    values: Sequence[Any],
    *,
    across: int | None = None,
    share: bool = False,
    bound: tuple[str, float] | None = None,
    note: str = "",
) -> Figure:
    """Draw panels with a common vertical scale, `across` of them side by side.

    `lines` is the column whose `values` become lines. `name` labels the vertical axis, in percent if `share`. `bound`
    is drawn as a thin line. `note` is written below.
    """
    styles = line_styles(values) if lines else line_styles([None])
    entries = [*(keys(styles) if lines else []), *limit_key(bound)]
    upwards = _upwards(panels, share, bound)
    labels, texts = [panel.title for panel in panels], key_texts(entries, lines)
    page = arrange(title, labels, name, upwards.labels, texts, note, across)
    scales = {
        each.axis: axis_scale([v for p in panels if p.axis == each.axis for v in p.average[p.axis]]) for each in panels
    }
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        for index, panel in enumerate(panels):
            axes = figure.add_axes(page.fraction(page.panels[index]), label=f"panel {index}")
            _draw(axes, panel, lines, styles)
            upwards.apply(axes)
            scales[panel.axis].apply(axes, page.panels[index][2])
            if bound is not None:
                axes.axhline(bound[1], **LIMIT)
            style_axes(axes, page, index, panel.axis)
        finish(figure, page, entries, lines)
    return figure


def _upwards(panels: Sequence[Panel], share: bool, bound: tuple[str, float] | None) -> MetricScale:
    frames = [panel.average[[VALUE, LOW, HIGH]] for panel in panels]
    frames += [panel.cells[[VALUE]] for panel in panels if panel.cells is not None]
    values = np.concatenate([frame.to_numpy(dtype=np.float64).ravel() for frame in frames])
    return share_scale(values) if share else value_scale(values, None if bound is None else bound[1])


def _draw(axes: Axes, panel: Panel, lines: str | None, styles: Mapping[Any, LineStyle]) -> None:
    faint = opacity(len(styles))
    for value, look in styles.items():
        colour = look["color"]
        part = _part(panel.average, lines, value).sort_values(panel.axis)
        x, middle, low, high = (_drawable(part, column) for column in (panel.axis, VALUE, LOW, HIGH))
        if panel.cells is not None:
            _draw_cells(axes, _part(panel.cells, lines, value).sort_values(panel.axis), panel.axis, colour)
        if (low < high).any():
            axes.fill_between(x, low, high, color=colour, alpha=faint, linewidth=0)
        axes.plot(x, middle, color=colour, linewidth=1.3, marker=look.get("marker") or "o", markersize=MARKERS)


def _drawable(part: pd.DataFrame, column: str) -> Any:
    values = part[column].to_numpy()
    return within(values) if values.dtype.kind == "f" else values


def _draw_cells(axes: Axes, cells: pd.DataFrame, axis: str, colour: Any) -> None:
    paths = [within(part[[axis, VALUE]].to_numpy(dtype=np.float64)) for _, part in cells.groupby(GROUP)]
    axes.add_collection(LineCollection(paths, colors=[colour], linewidths=THIN, alpha=THIN_OPACITY), autolim=False)


def _part(frame: pd.DataFrame, lines: str | None, value: Any) -> pd.DataFrame:
    return frame if lines is None else frame.loc[frame[lines] == value]
