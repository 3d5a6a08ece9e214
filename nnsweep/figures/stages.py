"""How far each configuration of a race or a halving came: lines that stop, by why they stop."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from nnsweep.figures.curve_page import arrange
from nnsweep.figures.line_styles import COLOURS, finish, key_texts, style_axes
from nnsweep.figures.scale import within
from nnsweep.figures.searched import Value
from nnsweep.figures.style import FAINT, TICK, Figure, styled, text_size

LOST = ("dropped", "ruled out")
"""Why most are stopped: these lines are grey."""
FAILED = ("none ended", "none ended well")
STYLES = {
    "all epochs": COLOURS[0],
    "all seeds": COLOURS[0],
    "won": COLOURS[0],
    "kept": COLOURS[3],
    "budget": COLOURS[2],
    "went on": COLOURS[2],
    "": COLOURS[2],
}
"""Colours of the others."""
OPEN = "not decided yet"
"""The name of those that would get more."""
RIGHT = 0.04
"""Room beyond the last stage, as a share of the scale."""


def stages(table: pd.DataFrame, along: str, value: Value, title: str, note: str) -> Figure:
    """Draw a line for each configuration over its stages, with a dot where it ends.

    `table` has `configuration`, the column `along`, `value`, and `stopped`, the same in all rows of a configuration.
    """
    number = table.groupby("stopped", sort=False)["configuration"].nunique().to_dict()
    order = sorted(map(str, number), key=lambda why: (why in LOST, why in FAILED))
    scale = value.scale(table["value"])
    entries = [
        Line2D([], [], color=_colour(why), marker=_marker(why), markersize=4, label=f"{why or OPEN}: {number[why]:,}")
        for why in order
    ]
    page = arrange(title, [""], value.name, scale.labels, key_texts(entries, None), note)
    places = {stage: float(at) for at, stage in enumerate(sorted(set(table[along])))} if along == "epochs" else None
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        panel = figure.add_axes(page.fraction(page.panels[0]), label="panel 0")
        scale.apply(panel)
        stage = table[along].tolist()
        x = np.array([places[each] for each in stage] if places else stage, dtype=float)
        drawn = table.assign(
            **{"x of it": x, "y of it": np.clip(within(table["value"].to_numpy(dtype=float)), scale.low, scale.high)}
        )
        for why in reversed(order):
            part = drawn.loc[drawn["stopped"] == why]
            faint = min(1.0, max(0.15, (40 / int(number[why])) ** 0.5))
            lines = [each[["x of it", "y of it"]].to_numpy() for _, each in part.groupby("configuration")]
            panel.add_collection(
                LineCollection(lines, colors=_colour(why), linewidths=1.0, alpha=faint, zorder=2 + (why not in LOST)),
                autolim=False,
            )
            ends = np.array([line[-1] for line in lines])
            panel.scatter(
                ends[:, 0], ends[:, 1], s=12, marker=_marker(why), color=_colour(why), alpha=max(0.4, faint), zorder=4
            )
        _scale_across(panel, max(stage), places, page.panels[0][2])
        style_axes(panel, page, 0, along)
        finish(figure, page, entries, None)
    return figure


def _colour(why: str) -> str:
    return COLOURS[1] if why in FAILED else STYLES.get(why, FAINT)


def _marker(why: str) -> str:
    return "x" if why in FAILED else "o"


def _scale_across(panel, last: int, places: dict | None, width: float) -> None:
    """Give rungs equal distances, with a label each; seeds are numbers."""
    if places:
        wide = max(1.0, len(places) - 1.0)
        panel.set_xlim(-RIGHT * wide, (1 + RIGHT) * wide)
        widest = max(text_size(f"{each:,}", TICK)[0] for each in places) + 0.1
        every = max(1, int(np.ceil(widest * len(places) / width)))
        panel.set_xticks(list(places.values())[::every], [f"{each:,}" for each in places][::every])
        return
    high = max(2, int(last))
    panel.set_xlim(1 - RIGHT * (high - 1), high + RIGHT * (high - 1))
    ticks = [
        int(tick)
        for tick in MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]).tick_values(1, high)
        if 1 <= tick <= high
    ]
    panel.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
