"""The value of each configuration of a search over each axis, in a panel for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection

from nnsweep.design.columns import HIGH, LOW
from nnsweep.design.places import AxisPlaces
from nnsweep.figures.curve_page import arrange, panels_in_line
from nnsweep.figures.line_styles import LIMIT, finish, key_texts, limit_key, style_axes
from nnsweep.figures.searched import Value, draw_points, draw_without, known, point_keys
from nnsweep.figures.space_scale import SpaceScale
from nnsweep.figures.style import FAINT, Figure, styled

SPREAD_OF = 250
"""Configurations, at most, whose spread over the seeds is drawn."""
EDGE_OF_SCALE = 0.03
"""How far inside the panel crosses are drawn, as a share of its height."""


def axes_of_search(points: pd.DataFrame, axes: Sequence[AxisPlaces], value: Value, title: str, note: str) -> Figure:
    """Draw a panel for each axis. `points` has a row for each configuration, and a column of places for each axis.

    Further columns are `VALUE`, `LOW` and `HIGH`, its spread over the seeds, and the truths of `figures.searched`.
    """
    values = known(points)
    scale = value.scale(values)
    entries = [*point_keys(points), *limit_key(value.bound)]
    across = panels_in_line(len(axes))
    page = arrange(
        title, [axis.name for axis in axes], value.name, scale.labels, key_texts(entries, None), note, across
    )
    crosses = scale.low + (scale.high - scale.low) * (EDGE_OF_SCALE if value.higher else 1 - EDGE_OF_SCALE)
    if scale.log:
        crosses = scale.low * (scale.high / scale.low) ** (EDGE_OF_SCALE if value.higher else 1 - EDGE_OF_SCALE)
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        for index, axis in enumerate(axes):
            panel = figure.add_axes(page.fraction(page.panels[index]), label=f"panel {index}")
            scale.apply(panel)
            x = axis.beside(points[axis.column].to_numpy(dtype=np.float64))
            for low, high in [_ends(points)] if _ends(points) and len(points) <= SPREAD_OF else []:
                ends = (np.clip(points[end], scale.low, scale.high) for end in (low, high))
                spans = [[(at, a), (at, b)] for at, a, b in zip(x, *ends, strict=True)]
                panel.add_collection(
                    LineCollection(spans, colors=FAINT, linewidths=0.5, alpha=0.5, zorder=1), autolim=False
                )
            draw_points(panel, x, np.clip(values, scale.low, scale.high), points)
            draw_without(panel, x, crosses, points)
            if value.bound is not None:
                panel.axhline(value.bound[1], **LIMIT)
            style_axes(panel, page, index, "")
            panel.tick_params(labelbottom=True)
            SpaceScale.of(axis).apply(panel, page.panels[index][2])
        finish(figure, page, entries, None)
    return figure


def _ends(points: pd.DataFrame) -> tuple[str, ...]:
    return (LOW, HIGH) if LOW in points else ()
