"""A value over two axes of a search, with the configurations drawn on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nnsweep.design.columns import FIRST, NONE
from nnsweep.design.places import AxisPlaces, Floats
from nnsweep.figures.cells import extent
from nnsweep.figures.line_styles import COLOURS
from nnsweep.figures.page import EDGE, FOOT
from nnsweep.figures.parallel import BAR, colour_map, draw_bar, shares_of
from nnsweep.figures.searched import Value, known
from nnsweep.figures.space_scale import SpaceScale
from nnsweep.figures.style import (
    AXIS,
    EMPTY,
    FAINT,
    INK,
    NOTE,
    SPACE,
    TICK,
    TITLE,
    Figure,
    line_height,
    styled,
    text_size,
)
from nnsweep.figures.text import fitted

SIDE = 4.2
"""Side of the panel, in inches."""
LEVELS = 6
"""Lines of equal values."""


def contour(
    axes: tuple[AxisPlaces, AxisPlaces],
    places: tuple[Floats, Floats],
    values: Floats,
    points: pd.DataFrame,
    value: Value,
    title: str,
    note: str,
) -> Figure:
    """Draw values (up, across) at places across and up, grey where they are NaN, and the configurations.

    `points` has a column of places for each axis, `VALUE`, and the truths of `figures.searched`.
    """
    across, up = (SpaceScale.of(axis) for axis in axes)
    scale = value.scale(np.concatenate([values.ravel(), known(points)]))
    left = EDGE + line_height(AXIS) + up.width + 3 * SPACE
    bar_left, bar_name = left + SIDE + 0.3, fitted(value.name, AXIS, SIDE)
    width = bar_left + BAR + extent(scale.labels, TICK)[0] + text_size(bar_name, AXIS)[1] + 5 * SPACE + EDGE
    title, note = fitted(title, TITLE, width - 2 * EDGE), fitted(note, NOTE, FOOT * width - 2 * EDGE)
    below = 2 * line_height(TICK) + line_height(AXIS) + 4 * SPACE
    foot = EDGE + text_size(note, NOTE)[1] + 2 * SPACE
    height = EDGE + text_size(title, TITLE)[1] + 2 * SPACE + SIDE + below + foot
    with styled():
        figure = Figure(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(figure)
        panel = figure.add_axes((left / width, (foot + below) / height, SIDE / width, SIDE / height), label="panel 0")
        panel.set_facecolor(EMPTY)
        _draw_values(panel, axes, places, values, value, scale)
        _draw_points(panel, axes, points, value, scale)
        panel.tick_params(length=2, labelsize=TICK, color=FAINT, pad=SPACE * 72 / 2)
        across.apply(panel, SIDE)
        up.apply(panel, SIDE, "y")
        panel.set_xlabel(fitted(axes[0].name, AXIS, SIDE), size=AXIS, labelpad=SPACE * 72 / 2)
        panel.set_ylabel(fitted(axes[1].name, AXIS, SIDE), size=AXIS, labelpad=SPACE * 72)
        bar = figure.add_axes((bar_left / width, (foot + below) / height, BAR / width, SIDE / height), label="bar")
        draw_bar(bar, scale, bar_name, value)
        figure.text(EDGE / width, 1 - EDGE / height, title, size=TITLE, ha="left", va="top")
        figure.text(EDGE / width, EDGE / height, note, size=NOTE, color=FAINT, va="bottom")
    return figure


def _draw_values(panel: Axes, axes, places: tuple[Floats, Floats], values: Floats, value: Value, scale) -> None:
    if np.isnan(values).all():
        return
    shares = np.ma.masked_invalid(np.where(np.isnan(values), np.nan, shares_of(values, scale)))
    x, y = (_edges(each) for each in places)
    panel.pcolormesh(x, y, shares, cmap=colour_map(value), vmin=0, vmax=1, linewidth=0, rasterized=True)
    if all(axis.space is not None for axis in axes) and np.ptp(values[~np.isnan(values)]) > 0:
        panel.contour(*places, shares, levels=LEVELS, colors="white", linewidths=0.7, alpha=0.9)


def _edges(places: Floats) -> Floats:
    return np.linspace(0, 1, len(places) + 1)


def _draw_points(panel: Axes, axes, points: pd.DataFrame, value: Value, scale) -> None:
    x, y = (points[axis.column].to_numpy(dtype=np.float64) for axis in axes)
    none, first = (points[name].to_numpy(dtype=bool) for name in (NONE, FIRST))
    shares = shares_of(known(points), scale)
    panel.scatter(
        x[~none], y[~none], c=colour_map(value)(shares[~none]), s=20 if len(points) < 300 else 8, edgecolors="white",
        linewidths=0.5, zorder=3,
    )  # fmt: skip
    panel.scatter(x[none], y[none], marker="x", s=16, color=INK, linewidths=0.9, zorder=3)
    panel.scatter(x[first], y[first], s=110, marker="*", color=COLOURS[1], edgecolors="white", linewidths=0.6, zorder=5)
