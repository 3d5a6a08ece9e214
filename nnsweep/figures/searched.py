"""What figures of a search share: the points of configurations, their colours and marks, and the scale of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from nnsweep.design.columns import BEST, FIRST, FLAWED, NONE, VALUE
from nnsweep.figures.curve_scale import MetricScale, share_scale, value_scale
from nnsweep.figures.limits import limited
from nnsweep.figures.line_styles import COLOURS
from nnsweep.figures.style import FAINT, INK

DOT, MANY = 16.0, 300
"""Area of a dot in square points, and the number of configurations above which dots shrink."""


@dataclass(frozen=True)
class Value:
    """What a value is called, whether more is better, whether it is a share, and the bound of success if it has one."""

    name: str
    higher: bool
    share: bool = False
    bound: tuple[str, float] | None = None

    def scale(self, values: Any) -> MetricScale:
        """Make the scale of values; in percent if they are shares. Values far worse than most are beyond it."""
        found = np.asarray(values, dtype=np.float64)
        if self.share:
            return share_scale(found)
        return value_scale(limited(found, self.higher), None if self.bound is None else self.bound[1])


def dot_size(count: int) -> float:
    """Return the area of a dot among so many, in square points."""
    return DOT * min(1.0, max(0.15, (MANY / max(count, 1)) ** 0.5))


def draw_points(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], points: pd.DataFrame) -> None:
    """Draw configurations: plain ones, those that may be the best, and the best; flawed ones are hollow."""
    size = dot_size(len(points))
    best, first, flawed = (points[name].to_numpy(dtype=bool) for name in (BEST, FIRST, FLAWED))
    for among, colour, order in ((~best, FAINT, 2), (best & ~first, COLOURS[0], 3)):
        for is_flawed in (False, True):
            rows = among & (flawed == is_flawed) & ~first
            faces: Any = "none" if is_flawed else colour
            alpha = 0.9 if order == 3 or len(points) <= MANY else 0.5
            axes.scatter(
                x[rows], y[rows], s=size, facecolors=faces, edgecolors=colour, linewidths=0.7, alpha=alpha, zorder=order
            )
    axes.scatter(x[first], y[first], s=90, marker="*", color=COLOURS[1], edgecolors="white", linewidths=0.6, zorder=5)


def draw_without(axes: Axes, x: NDArray[np.float64], y: float, points: pd.DataFrame) -> None:
    """Draw crosses at a height for configurations without a value."""
    rows = points[NONE].to_numpy(dtype=bool)
    axes.scatter(
        x[rows], np.full(rows.sum(), y), marker="x", s=14, color=COLOURS[1], linewidths=0.9, zorder=4, clip_on=False
    )


def point_keys(points: pd.DataFrame) -> list[Line2D]:
    """Make the legend's entries for what there is among the points."""

    def key(marker: str, label: str, colour: str, **more: Any) -> Line2D:
        return Line2D([], [], linestyle="none", marker=marker, color=colour, label=label, **more)

    best, first = points[BEST].to_numpy(dtype=bool), points[FIRST].to_numpy(dtype=bool)
    found = [key("*", "the best", COLOURS[1], markersize=9, markeredgecolor="white")] if first.any() else []
    if (best & ~first).any():
        found.append(key("o", "may be the best too", COLOURS[0], markersize=4))
    if (~best & ~points[NONE].to_numpy(dtype=bool)).any():
        found.append(key("o", "others", FAINT, markersize=4))
    if (points[FLAWED].to_numpy(dtype=bool) & ~points[NONE].to_numpy(dtype=bool)).any():
        found.append(key("o", "some trials diverged\nor failed", INK, markersize=4, markerfacecolor="none"))
    if points[NONE].to_numpy(dtype=bool).any():
        found.append(key("x", "no value: they diverged\nor failed", COLOURS[1], markersize=4))
    return found


def known(points: pd.DataFrame) -> NDArray[np.float64]:
    """Return the values, (n,)."""
    return points[VALUE].to_numpy(dtype=np.float64)
