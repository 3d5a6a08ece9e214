"""The regions of a network's classes over one or two inputs, its hidden units' lines, and the samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D

from nnsweep.figures.samples import draw_samples, tints
from nnsweep.figures.sheet import sheet
from nnsweep.figures.style import AXIS, FAINT, INK, NOTE, TICK, Figure, styled
from nnsweep.figures.text import fitted

SIDE, KEYS = 4.6, 1.4
"""Side of the panel with its labels, and width of the legend, in inches."""


def boundary(
    grid: pd.DataFrame, samples: pd.DataFrame, names: Sequence[str], classes: int, title: Sequence[str], note: str
) -> Figure:
    """Draw the `class` that a network predicts at each point of a grid, and samples, with crosses on wrong ones.

    `grid` and `samples` are made by `questions.trial.section`. With one input the output is a line, and samples are
    drawn at their targets.
    """
    with styled():
        figure, room = sheet(title, note, (SIDE + KEYS, SIDE))
        figure.set_layout_engine("constrained", rect=room, w_pad=0, h_pad=0)
        axes = figure.add_subplot()
        keys = _plane(axes, grid, samples, classes) if "y" in grid else _line(axes, grid, samples, classes)
        axes.set_xlabel(fitted(names[0], AXIS, SIDE), fontsize=AXIS)
        axes.set_ylabel(fitted(names[1] if "y" in grid else "output", AXIS, SIDE), fontsize=AXIS)
        axes.tick_params(labelsize=TICK, color=FAINT)
        axes.legend(
            handles=keys, loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0, fontsize=NOTE, frameon=False
        )
    return figure


def matrix(grid: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column of a grid as a matrix (y, x)."""
    return grid[column].to_numpy().reshape(len(np.unique(grid["y"])), -1)


def _plane(axes: Axes, grid: pd.DataFrame, samples: pd.DataFrame, classes: int) -> list[Artist]:
    x, y = np.unique(grid["x"]), np.unique(grid["y"])
    _regions(axes, matrix(grid, "class"), (x[0], x[-1], y[0], y[-1]), classes)
    units = {name: matrix(grid, name) for name in map(str, grid) if name.startswith("layer ")}
    switching = [values for values in units.values() if values.min() < 0 < values.max()]
    for values in switching:
        axes.contour(x, y, values, levels=[0.0], colors=FAINT, linewidths=0.8, zorder=3)
    keys = draw_samples(axes, samples, "y", classes)
    line = Line2D([], [], color=FAINT, linewidth=0.8, label="a hidden unit\nswitches")
    return [*keys, line] if switching else keys


def _line(axes: Axes, grid: pd.DataFrame, samples: pd.DataFrame, classes: int) -> list[Artist]:
    """Draw the output over one input; of several outputs only the regions."""
    single = "output" in grid
    heights = "target" if single else "class"
    known = np.concatenate([samples[heights], grid["output"]] if single else [samples[heights]])
    low, high = float(known.min()), float(known.max())
    margin = 0.08 * (high - low or 1)
    x = np.unique(grid["x"])
    _regions(axes, grid["class"].to_numpy()[None], (x[0], x[-1], low - margin, high + margin), classes)
    keys = draw_samples(axes, samples, heights, classes)
    return [*keys, *(axes.plot(grid["x"], grid["output"], color=INK, linewidth=1.3, label="output") if single else [])]


def _regions(axes: Axes, values: np.ndarray, extent: tuple[float, float, float, float], classes: int) -> None:
    axes.imshow(
        values,
        cmap=ListedColormap(tints(classes)),
        vmin=-0.5,
        vmax=classes - 0.5,
        origin="lower",
        extent=extent,
        interpolation="nearest",
        aspect="auto",
    )
    axes.set(xlim=extent[:2], ylim=extent[2:])
