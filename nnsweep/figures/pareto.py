"""The configurations of a search by two metrics, and those of which no other is better by both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from nnsweep.design.columns import FRONT
from nnsweep.figures.curve_page import arrange
from nnsweep.figures.curve_scale import value_scale
from nnsweep.figures.limits import limited
from nnsweep.figures.line_styles import COLOURS, finish, key_texts, style_axes
from nnsweep.figures.scale import within
from nnsweep.figures.searched import dot_size
from nnsweep.figures.style import FAINT, Figure, styled


def pareto(
    points: pd.DataFrame,
    metrics: Sequence[str],
    lower: Sequence[bool],
    title: str,
    note: str,
    average: str = "median",
) -> Figure:
    """Draw the first metric to the right, the second upwards, with the quartiles over the seeds of those in front.

    `points` has a row for each configuration: `{metric}_median` or `_mean`, `_lower` and `_upper` of both, and FRONT.
    `lower` says whether less of each is better, `average` which of the two it is.
    """
    across, up = metrics[:2]
    columns = {name: points[f"{name}_{average}"].to_numpy(dtype=np.float64) for name in (across, up)}
    front = points[FRONT].to_numpy(dtype=bool)
    scales = [
        value_scale(np.concatenate([limited(values, not less), *_quartiles(points.loc[front], name)]), None)
        for (name, values), less in zip(columns.items(), lower, strict=False)
    ]
    entries = [
        Line2D([], [], linestyle="none", marker="o", color=colour, markersize=5, label=label)
        for colour, label in ((COLOURS[0], "in front: no other\nis better by both"), (FAINT, "others"))
    ]
    page = arrange(title, [""], f"{average} {up}".replace("_", " "), scales[1].labels, key_texts(entries, None), note)
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        panel = figure.add_axes(page.fraction(page.panels[0]), label="panel 0")
        scales[1].apply(panel)
        scales[0].apply(panel, "x", page.panels[0][2])
        x, y = (np.clip(values, scale.low, scale.high) for values, scale in zip(columns.values(), scales, strict=True))
        panel.scatter(x[~front], y[~front], s=dot_size(len(points)), color=FAINT, alpha=0.6, linewidths=0, zorder=2)
        low, high = _quartiles(points.loc[front], across)
        spans = [[(a, at), (b, at)] for a, b, at in zip(within(low), within(high), y[front], strict=True)]
        low, high = _quartiles(points.loc[front], up)
        spans += [[(at, a), (at, b)] for a, b, at in zip(within(low), within(high), x[front], strict=True)]
        panel.add_collection(
            LineCollection(spans, colors=COLOURS[0], linewidths=0.8, alpha=0.7, zorder=3), autolim=False
        )
        panel.scatter(x[front], y[front], s=26, color=COLOURS[0], edgecolors="white", linewidths=0.5, zorder=4)
        style_axes(panel, page, 0, f"{average} {across}".replace("_", " "))
        panel.grid(axis="both", color="#dddddd", linewidth=0.6)
        finish(figure, page, entries, None)
    return figure


def _quartiles(points: pd.DataFrame, metric: str) -> list[np.ndarray]:
    return [points[f"{metric}_{end}"].to_numpy(dtype=np.float64) for end in ("lower", "upper")]
