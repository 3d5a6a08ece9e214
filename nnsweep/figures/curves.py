"""Learning curves: a metric against the epochs, a line for each setting with a band over the seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from nnsweep.figures.style import AXIS, FAINT, INK, NOTE, PANEL, TICK, TITLE, Figure, styled
from nnsweep.figures.text import Settings, fitted, settings_text, tick_labels

WIDTH, HEIGHT = 3.3, 2.5
"""Of a panel, in inches."""
PER_LINE = 3
"""Panels side by side before a new line of them begins."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""For settings without an order: Okabe and Ito's colours, which the colour-blind can tell apart."""
TRAINING = (0, (4, 2))
"""Dashes of the curve on the training samples."""
GRID = "#dddddd"

Panels = Mapping[tuple[tuple[str, Any], ...], pd.DataFrame]


def curves(
    panels: Panels, metrics: Sequence[str], title: str, lines: str | None, bound: tuple[str, float] | None = None
) -> Figure:
    """Draw histories, a panel each; `lines` names the column whose values are lines, None if there is one line.

    `metrics` are the metric on the test samples and, dashed, the one on those that train, or one of them. `bound` is
    the condition of success, as text and number, drawn as a thin line.
    """
    per_line = 2 if len(panels) == 4 else min(PER_LINE, len(panels))
    down = math.ceil(len(panels) / per_line)
    values = list(dict.fromkeys(v for frame in panels.values() for v in frame[lines])) if lines else [None]
    colours = dict(zip(values, _colours(values), strict=True))
    with styled():
        figure = Figure(figsize=(max(WIDTH * per_line, 4.2) + 1.6, HEIGHT * down + 0.6), layout="constrained")
        figure.suptitle(fitted(title, TITLE, figure.get_figwidth() - 0.3), fontsize=TITLE, x=0.01, ha="left")
        grid = figure.subplots(down, per_line, sharex=True, sharey=True, squeeze=False)
        for panel, (settings, frame) in zip(grid.flat, panels.items(), strict=False):
            _panel(panel, frame, metrics, lines, colours, settings, bound)
        for empty in grid.flat[len(panels) :]:
            empty.set_axis_off()
        _outside(figure, grid, metrics, len(panels))
        _legend(figure, lines, colours, metrics, bound)
    return figure


def _colours(values: Sequence[Any]) -> list[Any]:
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if len(values) > len(COLOURS) or (numeric and len(values) > 1):
        return list(matplotlib.colormaps["viridis"](np.linspace(0.88, 0, len(values))))
    return list(COLOURS[: len(values)])


def _panel(
    panel: Axes,
    frame: pd.DataFrame,
    metrics: Sequence[str],
    lines: str | None,
    colours: Mapping[Any, Any],
    settings: Settings,
    bound: tuple[str, float] | None,
) -> None:
    for value, colour in colours.items():
        part = frame if lines is None else frame.loc[frame[lines] == value]
        for metric in metrics:
            dashes = TRAINING if metric.startswith("train_") and len(metrics) > 1 else "-"
            panel.plot(part["epoch"], part[f"{metric}_median"], linestyle=dashes, color=colour, linewidth=1.3)
            if not (metric.startswith("train_") and len(metrics) > 1):
                band = part[f"{metric}_lower"], part[f"{metric}_upper"]
                panel.fill_between(part["epoch"], *band, color=colour, alpha=0.18, linewidth=0)
    if bound is not None:
        panel.axhline(bound[1], color=INK, linewidth=0.7, linestyle=":")
    panel.set_title(settings_text(settings), fontsize=PANEL, loc="left")
    panel.tick_params(labelsize=TICK, color=FAINT)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    panel.grid(axis="y", color=GRID, linewidth=0.6)
    panel.margins(x=0)


def _outside(figure: Figure, grid: np.ndarray, metrics: Sequence[str], count: int) -> None:
    """Name the axes on the outer panels only."""
    for place in range(count):
        row, column = divmod(place, grid.shape[1])
        panel = grid[row, column]
        if place + grid.shape[1] >= count:
            panel.set_xlabel("epoch", fontsize=AXIS)
            panel.tick_params(labelbottom=True)
        if column == 0:
            panel.set_ylabel(metrics[0].replace("_", " "), fontsize=AXIS)


def _legend(
    figure: Figure,
    lines: str | None,
    colours: Mapping[Any, Any],
    metrics: Sequence[str],
    bound: tuple[str, float] | None,
) -> None:
    handles: list[Line2D] = []
    if lines is not None:
        labels = tick_labels(colours)
        handles += [Line2D([], [], color=c, label=text) for c, text in zip(colours.values(), labels, strict=True)]
    if len(metrics) > 1:
        handles += [
            Line2D([], [], color=FAINT, label="test samples"),
            Line2D([], [], color=FAINT, linestyle=TRAINING, label="training samples"),
        ]
    if bound is not None:
        handles.append(Line2D([], [], color=INK, linewidth=0.7, linestyle=":", label=bound[0]))
    if handles:
        figure.legend(
            handles=handles, title=lines, fontsize=NOTE, title_fontsize=NOTE, loc="outside right upper", frameon=False
        )
