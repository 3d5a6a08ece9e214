"""The trace of one trial: its weights over the steps of training, a panel for each layer."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from nnsweep.figures.style import AXIS, FAINT, PANEL, TICK, TITLE, Figure, styled
from nnsweep.nn.names import short_name

WIDTH, HEIGHT = 7.2, 2.5
"""Of a panel, in inches."""
NAMED = 15
"""Lines that a legend names; more are drawn thin, without names."""
DRAWN = 200
"""Lines of one panel; of larger layers, as many, evenly chosen."""
POINTS = 2000
"""Steps that are drawn; of longer trainings, as many, evenly chosen."""


def trace(table: pd.DataFrame, title: Sequence[str]) -> Figure:
    """Draw a table with a column `step` and a column for each parameter, named `layer 1, weight[0, 0]` and so on."""
    layers: dict[str, list[str]] = {}
    for name in map(str, table.columns.drop("step")):
        layers.setdefault(name.partition(", ")[0], []).append(name)
    thinned = table.iloc[np.unique(np.linspace(0, len(table) - 1, POINTS).astype(int))]
    with styled():
        figure = Figure(figsize=(WIDTH, HEIGHT * len(layers) + 0.7), layout="constrained")
        figure.suptitle("\n".join(title), fontsize=TITLE, x=0.01, ha="left")
        panels = figure.subplots(len(layers), 1, sharex=True, squeeze=False)[:, 0]
        for panel, (layer, names) in zip(panels, layers.items(), strict=True):
            _panel(panel, thinned, layer, names)
        panels[-1].set_xlabel("step", fontsize=AXIS)
    return figure


def _panel(panel: Axes, table: pd.DataFrame, layer: str, names: list[str]) -> None:
    chosen = np.unique(np.linspace(0, len(names) - 1, min(DRAWN, len(names))).astype(int))
    drawn = [names[int(k)] for k in chosen]
    few = len(drawn) <= NAMED
    colours = matplotlib.colormaps["viridis"](np.linspace(0, 0.92, len(drawn)))
    for name, colour in zip(drawn, colours, strict=True):
        style = "--" if "bias" in name else "-"
        label = short_name(name).rpartition(".")[2]
        panel.plot(table["step"], table[name], style, color=colour, linewidth=1.3 if few else 0.6, label=label)
    shown = "" if len(drawn) == len(names) else f", {len(drawn)} of {len(names):,} drawn"
    panel.set_title(f"{layer}{shown}", fontsize=PANEL, loc="left")
    panel.tick_params(labelsize=TICK, color=FAINT)
    panel.grid(axis="y", color="#dddddd", linewidth=0.6)
    panel.margins(x=0)
    if few:
        panel.legend(fontsize=TICK, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5))
