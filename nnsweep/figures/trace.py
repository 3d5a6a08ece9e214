"""The trace of one trial: its weights over the steps of training, a panel for each layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from nnsweep.figures.activations import COLOURS
from nnsweep.figures.sheet import sheet
from nnsweep.figures.style import AXIS, FAINT, INK, PANEL, TICK, Figure, styled
from nnsweep.nn.parameter_names import short_name

WIDTH, HEIGHT, FOOT = 7.2, 2.4, 0.3
"""Width and height of a panel with its legend, and height of the label of the steps, in inches."""
DASHES = ("-", "--", "-.", (0, (5, 1, 1, 1, 1, 1)))
"""Dashes of a unit's weights, by input; its bias is dotted."""
NAMED = 15
"""Lines that a legend names, at most; if there are more, all are thin and without names."""
DRAWN = 200
"""Lines of one panel, at most; they are chosen evenly."""
POINTS = 2000
"""Steps that are drawn, at most; they are chosen evenly."""


def trace(table: pd.DataFrame, title: Sequence[str]) -> Figure:
    """Draw a table with a column `step` and a column for each parameter, named `layer 1, weight[0, 0]` and so on."""
    layers: dict[str, list[str]] = {}
    for name in map(str, table.columns.drop("step")):
        layers.setdefault(name.partition(", ")[0], []).append(name)
    thinned = table.iloc[np.unique(np.linspace(0, len(table) - 1, POINTS).astype(int))]
    with styled():
        figure, room = sheet(title, "", (WIDTH, HEIGHT * len(layers) + FOOT))
        figure.set_layout_engine("constrained", rect=room, w_pad=0, h_pad=0.04)
        panels = figure.subplots(len(layers), 1, sharex=True, squeeze=False)[:, 0]
        for panel, (layer, names) in zip(panels, layers.items(), strict=True):
            _panel(panel, thinned, layer, names)
        panels[-1].set_xlabel("step", fontsize=AXIS)
    return figure


def _panel(panel: Axes, table: pd.DataFrame, layer: str, names: list[str]) -> None:
    chosen = np.unique(np.linspace(0, len(names) - 1, min(DRAWN, len(names))).astype(int))
    drawn = [names[int(k)] for k in chosen]
    few = len(drawn) <= NAMED
    for name, look in zip(drawn, _line_styles(drawn) if few else _shades(len(drawn)), strict=True):
        panel.plot(table["step"], table[name], label=short_name(name).rpartition(".")[2], **look)
    shown = "" if len(drawn) == len(names) else f", {len(drawn)} of {len(names):,} drawn"
    panel.set_title(f"{layer}{shown}", fontsize=PANEL, loc="left")
    panel.tick_params(labelsize=TICK, color=FAINT)
    panel.grid(axis="y", color="#dddddd", linewidth=0.6)
    panel.margins(x=0)
    if few:
        panel.legend(fontsize=TICK, frameon=False, loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=3)


def _line_styles(names: list[str]) -> list[dict[str, Any]]:
    """Choose a colour for each hidden unit and dashes for each of its inputs; for a single output, by its inputs."""
    places = [[int(place) for place in re.findall(r"\d+", name)][1:] or [0] for name in names]
    single = len({place[0] for place in places}) == 1
    colours = [place[-1] if single else place[0] for place in places]
    dashes = [place[-1] // len(COLOURS) if single else place[-1] for place in places]
    return [
        {"color": INK if single else _colour(colour), "linestyle": ":", "linewidth": 1.3}
        if len(place) == 1
        else {"color": _colour(colour), "linestyle": DASHES[dash % len(DASHES)], "linewidth": 1.3}
        for place, colour, dash in zip(places, colours, dashes, strict=True)
    ]


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _shades(count: int) -> list[dict[str, Any]]:
    return [
        {"color": colour, "linewidth": 0.6} for colour in matplotlib.colormaps["viridis"](np.linspace(0, 0.92, count))
    ]
