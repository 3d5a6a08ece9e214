"""Parallel coordinates: a line through the values of each configuration on all axes, coloured by its value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, to_rgba

from nnsweep.design.columns import BEST, FIRST, NONE
from nnsweep.design.places import AxisPlaces, Floats
from nnsweep.figures.cells import extent
from nnsweep.figures.curve_scale import MetricScale
from nnsweep.figures.page import EDGE, FOOT
from nnsweep.figures.searched import Value, known
from nnsweep.figures.space_scale import SpaceScale
from nnsweep.figures.style import AXIS, EMPTY, FAINT, INK, NOTE, SPACE, TICK, TITLE, Figure, styled, text_size
from nnsweep.figures.text import fitted

HIGH, NARROW, WIDE = 3.0, 0.95, 2.2
"""Height of the axes, and the least and the largest distance between two of them, in inches."""
WIDEST = 11.0
"""Width of all axes, unless that brings them too near each other."""
BAR = 0.15
COLOURS = 0.0, 0.95
"""The part of viridis that lines have: its yellow is too light on white."""
MARKED = 0.25
"""Those that may be the best are marked where they are no larger a share of all."""
FEW = 60
"""With more configurations, those that are not among the best are fainter."""


def parallel(points: pd.DataFrame, axes: Sequence[AxisPlaces], value: Value, title: str, note: str) -> Figure:
    """Draw configurations as lines; a line has a gap where an axis does not count.

    `points` has a column of places for each axis, `VALUE`, and the truths of `figures.searched`.
    """
    scales = [SpaceScale.of(axis) for axis in axes]
    values, scale = known(points), value.scale(known(points))
    apart = min(WIDE, max(NARROW, WIDEST / max(1, len(axes)), max(each.width for each in scales) + 0.3))
    left = EDGE + scales[0].width + 3 * SPACE
    across = apart * max(1, len(axes) - 1)
    names = [fitted(axis.name, AXIS, apart - 2 * SPACE) for axis in axes]
    bar_left = left + across + 0.55
    bar_name = fitted(value.name, AXIS, HIGH)
    width = bar_left + BAR + extent(scale.labels, TICK)[0] + text_size(bar_name, AXIS)[1] + 5 * SPACE + EDGE
    title, note = fitted(title, TITLE, width - 2 * EDGE), fitted(note, NOTE, FOOT * width - 2 * EDGE)
    foot = EDGE + (text_size(note, NOTE)[1] + 2 * SPACE if note else 0.0)
    below = max(text_size(name, AXIS)[1] for name in names) + 3 * SPACE
    height = EDGE + text_size(title, TITLE)[1] + 3 * SPACE + HIGH + below + foot
    with styled():
        figure = Figure(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(figure)
        panel = figure.add_axes((left / width, (foot + below) / height, across / width, HIGH / height), label="panel 0")
        _draw_lines(panel, np.stack([points[axis.column] for axis in axes], axis=1), values, points, scale, value)
        _draw_axes(panel, scales, names)
        bar = figure.add_axes((bar_left / width, (foot + below) / height, BAR / width, HIGH / height), label="bar")
        draw_bar(bar, scale, bar_name, value)
        figure.text(EDGE / width, 1 - EDGE / height, title, size=TITLE, ha="left", va="top")
        figure.text(EDGE / width, EDGE / height, note, size=NOTE, color=FAINT, va="bottom")
    return figure


def _draw_lines(
    panel: Axes, places: Floats, values: Floats, points: pd.DataFrame, scale: MetricScale, value: Value
) -> None:
    best, first, none = (points[name].to_numpy(dtype=bool) for name in (BEST, FIRST, NONE))
    best = best if best.sum() <= MARKED * len(best) else first
    toward = values if value.higher else -values
    order = np.lexsort((toward, best, ~none))  # the best on top
    colours = colour_map(value)(shares_of(values, scale))
    colours[none] = to_rgba(EMPTY)
    faint = 1.0 if len(points) <= FEW else max(0.12, (FEW / len(points)) ** 0.5)
    colours[~best, 3] = np.minimum(colours[~best, 3], faint)
    colours[best & ~first, 3] = max(0.5, faint)
    parts = [(number, part) for number in order.tolist() for part in _parts(places[number])]
    if not parts:
        return
    lines = LineCollection(
        [part for _, part in parts],
        colors=colours[[number for number, _ in parts]],
        linewidths=[2.6 if first[number] else 1.4 if best[number] else 0.8 for number, _ in parts],
        capstyle="round",
    )
    panel.add_collection(lines, autolim=False)
    alone = [(number, part[0]) for number, part in parts if len(part) == 1]
    if alone:
        xy = np.array([at for _, at in alone])
        panel.scatter(xy[:, 0], xy[:, 1], s=5, color=colours[[number for number, _ in alone]], zorder=2, linewidths=0)


def _parts(places: Floats) -> Iterator[list[tuple[float, float]]]:
    """Yield the parts of a line between the axes that do not count."""
    part: list[tuple[float, float]] = []
    for across, place in enumerate(places.tolist()):
        if place == place:
            part.append((float(across), place))
        elif part:
            yield part
            part = []
    if part:
        yield part


def shares_of(values: Floats, scale: MetricScale) -> Floats:
    """Return where values lie on a scale, from 0 to 1; NaN at its low end."""
    values = np.where(np.isnan(values), scale.low, np.clip(values, scale.low, scale.high))
    if scale.log:
        return np.log(values / scale.low) / np.log(scale.high / scale.low)
    return values / 2 / (scale.high / 2 - scale.low / 2) - scale.low / 2 / (scale.high / 2 - scale.low / 2)


def colour_map(value: Value) -> ListedColormap:
    """Return the colours of values, dark ones for what is better."""
    found = matplotlib.colormaps["viridis"](np.linspace(*COLOURS, 256))
    return ListedColormap(found[::-1] if value.higher else found)


def _draw_axes(panel: Axes, scales: Sequence[SpaceScale], names: Sequence[str]) -> None:
    panel.set_xlim(0, max(1, len(scales) - 1))
    panel.set_ylim(-0.03, 1.03)
    panel.set_yticks([])
    panel.set_xticks(range(len(scales)), names, size=AXIS)
    panel.tick_params(length=0, pad=SPACE * 72)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.75}
    for across, scale in enumerate(scales):
        panel.plot([across, across], [-0.02, 1.02], color=INK, linewidth=0.9, clip_on=False, zorder=4)
        every = scale.every(HIGH, "y")
        for place, label in list(zip(scale.ticks, scale.labels, strict=True))[::every]:
            panel.plot([across], [place], marker="_", color=INK, markersize=5, clip_on=False, zorder=4)
            panel.annotate(
                label, (across, place), (-4, 0), textcoords="offset points", ha="right", va="center", size=TICK,
                bbox=ground, zorder=5, annotation_clip=False,
            )  # fmt: skip


def draw_bar(bar: Axes, scale: MetricScale, name: str, value: Value) -> None:
    """Draw a colour bar, its numbers and its name at the right."""
    bar.imshow(
        np.linspace(0, 1, 256)[:, None], cmap=colour_map(value), aspect="auto", origin="lower", extent=(0, 1, 0, 1)
    )
    places = shares_of(np.array(scale.ticks), scale).tolist()
    bar.set_xticks([])
    bar.yaxis.tick_right()
    bar.set_yticks(places, scale.labels)
    bar.set_ylim(0, 1)
    bar.tick_params(length=2, labelsize=TICK, color=FAINT, pad=SPACE * 72 / 2)
    bar.yaxis.set_label_position("right")
    bar.set_ylabel(name, size=AXIS, labelpad=SPACE * 72)
