"""A network's output, or its preactivation, as a surface over two inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from nnsweep.figures.boundary import matrix
from nnsweep.figures.samples import draw_samples, tints
from nnsweep.figures.scale import SEQUENTIAL
from nnsweep.figures.sheet import sheet
from nnsweep.figures.style import AXIS, FAINT, INK, NOTE, TICK, Figure, styled
from nnsweep.figures.text import fitted

WIDTH, HEIGHT, KEYS = 5.8, 4.6, 1.6
"""Width and height of the panel with its labels, and width of the legend, in inches."""
MESH = 20
"""Lines of the mesh along each side, however fine the surface is."""
FLAT = 1e-9
"""A preactivation that varies by less is drawn as a plane."""
AZIMUTHS = (-60.0, 30.0, 120.0, -150.0)
"""Directions of view, in degrees."""
LABEL = 2.0
"""Width of an input's name, in inches."""


def surface(
    grid: pd.DataFrame,
    column: str,
    samples: pd.DataFrame | None,
    names: Sequence[str],
    title: Sequence[str],
    classes: int,
    note: str,
) -> Figure:
    """Draw a column of a grid over `x` and `y`, and samples at their targets, with crosses on wrong ones.

    `grid` and `samples` are made by `questions.trial.section`. Without samples a line shows where the surface is 0.
    """
    from mpl_toolkits.mplot3d import Axes3D

    with styled():
        whole = WIDTH + (0 if samples is None else KEYS)
        figure, (left, bottom, width, height) = sheet(title, note, (whole, HEIGHT))
        box = left, bottom, width * WIDTH / whole, height
        axes: Any = figure.add_axes(Axes3D(figure, box, computed_zorder=False))
        x, y, z = (matrix(grid, name) for name in ("x", "y", column))
        between = samples is not None and "class" in samples and classes == 2
        _draw(axes, x, y, z, LinearSegmentedColormap.from_list("classes", tints(2)) if between else None)
        if samples is not None:
            keys = draw_samples(axes, samples, "y", classes, "target")
            corner = left + box[2], bottom + height
            figure.legend(
                handles=keys, loc="upper left", bbox_to_anchor=corner, borderaxespad=0, fontsize=NOTE, frameon=False
            )
        elif z.min() < 0 < z.max():
            axes.contour(x, y, z, levels=[0.0], colors=INK, linewidths=1.6, zorder=3)
        _label(axes, names, column)
        if samples is None and np.ptp(z) < FLAT:
            axes.set_zlim(np.mean(z) - 0.5, np.mean(z) + 0.5)  # Otherwise rounding errors would fill the panel.
        axes.view_init(elev=30, azim=_azimuth(z))
    return figure


def _draw(axes: Any, x: np.ndarray, y: np.ndarray, z: np.ndarray, between: Colormap | None) -> None:
    """Draw the surface and a mesh on it; with a colour map `between` two classes, outputs 0 to 1 have its colours."""
    scale = {"cmap": SEQUENTIAL} if between is None else {"cmap": between, "vmin": 0, "vmax": 1}
    every = max(1, (len(x) - 1) // MESH)
    look = {"rstride": 1, "cstride": 1, "alpha": 0.8, "linewidth": 0, "zorder": 1}
    axes.plot_surface(x, y, z, rasterized=every > 1, **look, **scale)  # As vectors a fine surface takes megabytes.
    axes.plot_wireframe(x, y, z, rstride=every, cstride=every, color=FAINT, linewidth=0.3, zorder=2)


def _azimuth(z: np.ndarray) -> float:
    """Choose the direction in which the surface rises away from the viewer, so that it is not seen from its edge."""
    across, along = (float(np.mean(np.diff(z, axis=axis))) * (len(z) - 1) for axis in (1, 0))
    rises = [-(across * np.cos(np.radians(azimuth)) + along * np.sin(np.radians(azimuth))) for azimuth in AZIMUTHS]
    best = int(np.argmax(rises))
    return AZIMUTHS[best if rises[best] > rises[0] + 0.1 * float(np.ptp(z)) else 0]


def _label(axes: Any, names: Sequence[str], column: str) -> None:
    axes.set_xlabel(fitted(names[0], AXIS, LABEL), fontsize=AXIS)
    axes.set_ylabel(fitted(names[1], AXIS, LABEL), fontsize=AXIS)
    axes.set_zlabel(column, fontsize=AXIS, labelpad=7)
    axes.tick_params(labelsize=TICK)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
