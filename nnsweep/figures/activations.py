"""Histograms of activations: a row for each activation and initialisation, a column for each layer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from nnsweep.figures.style import AXIS, FAINT, PANEL, TICK, TITLE, Figure, styled

BINS = 30
WIDTH, HEIGHT, LABEL = 1.25, 0.72, 1.5
"""Of a histogram, and the width of the names at the left, in inches."""
LIMITS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "step": (0.0, 1.0)}
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours, one for each activation."""


def activation_histograms(found: Mapping[tuple[str, str], NDArray[np.float64]], title: str) -> Figure:
    """Draw activations (layers, samples, units), 30 bins a layer.

    An activation with asymptotes is drawn between them, another from 0 to what all but a thousandth of the layer stays
    below. Noughts, of which ReLUs give many, are told in words. Heights are each histogram's own.
    """
    layers = max(len(each) for each in found.values())
    colours = dict(zip(dict.fromkeys(activation for activation, _ in found), COLOURS * len(found), strict=False))
    with styled():
        size = LABEL + WIDTH * layers, 0.9 + (HEIGHT + 0.28) * len(found)
        figure = Figure(figsize=size, layout="constrained")
        figure.suptitle(title, fontsize=TITLE, x=0.01, ha="left")
        grid = figure.subplots(len(found), layers, squeeze=False)
        for row, ((activation, initialisation), each) in zip(grid, found.items(), strict=True):
            for panel, layer in zip(row, each, strict=True):
                _histogram(panel, activation, layer.ravel(), colours[activation])
            name = f"{activation}\n{initialisation}"
            row[0].set_ylabel(name, fontsize=AXIS - 1, rotation=0, ha="right", va="center", labelpad=8)
        for number, panel in enumerate(grid[0], start=1):
            panel.set_title(f"layer {number}", fontsize=PANEL)
    return figure


def _histogram(panel: Axes, activation: str, values: NDArray[np.float64], colour: str) -> None:
    zeros = float((values == 0).mean())
    told = zeros >= 0.01
    shown = values[values != 0] if told else values
    low, high = LIMITS.get(activation, (min(0.0, float(np.min(values))), float(np.quantile(values, 0.999)) or 1.0))
    panel.hist(shown, bins=BINS, range=(low, high), color=colour)
    panel.set_xlim(low, high)
    panel.set_yticks([])
    panel.tick_params(labelsize=TICK - 1, color=FAINT, pad=1.5)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=3))
    panel.xaxis.set_major_formatter("{x:g}")
    if told:
        panel.text(0.97, 0.9, f"{zeros:.0%} are 0", fontsize=TICK - 1, ha="right", va="top", transform=panel.transAxes)
