"""The best value so far over the trainings of a search, or over its epochs, with a band over repetitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import MaxNLocator

from nnsweep.figures.curve_page import arrange
from nnsweep.figures.line_styles import BAND, COLOURS, LIMIT, finish, key_texts, limit_key, style_axes
from nnsweep.figures.scale import within
from nnsweep.figures.searched import Value
from nnsweep.figures.style import FAINT, TICK, Figure, styled, text_size


def best_so_far(
    table: pd.DataFrame, along: str, value: Value, title: str, note: str, lines: np.ndarray | None = None
) -> Figure:
    """Draw `value` of a table over its column `along`, as steps; a band where it has `low` and `high`.

    `lines` are the values of single repetitions, (repetitions, rows).
    """
    values = [table[name].to_numpy(dtype=np.float64) for name in ("value", "low", "high") if name in table]
    scale = value.scale(np.concatenate([*values, *([] if lines is None else lines)]))
    entries = limit_key(value.bound)
    page = arrange(title, [""], f"{value.name} of the best so far", scale.labels, key_texts(entries, None), note)
    x = table[along].to_numpy(dtype=np.float64)
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        panel = figure.add_axes(page.fraction(page.panels[0]), label="panel 0")
        scale.apply(panel)
        if len(values) == 3:
            low, high = within(values[1]), within(values[2])
            panel.fill_between(x, low, high, step="post", color=COLOURS[0], alpha=BAND, linewidth=0)
        for each in [] if lines is None else lines:
            panel.plot(x, within(each), color=COLOURS[0], linewidth=0.6, alpha=0.5, drawstyle="steps-post")
        marker = "o" if len(x) == 1 else None
        panel.plot(
            x, within(values[0]), color=COLOURS[0], linewidth=1.6, drawstyle="steps-post", marker=marker, markersize=4
        )
        if value.bound is not None:
            panel.axhline(value.bound[1], **LIMIT)
        _scale_across(panel, x, page.panels[0][2])
        style_axes(panel, page, 0, along)
        finish(figure, page, entries, None)
    return figure


def _scale_across(panel: Axes, x: np.ndarray, width: float) -> None:
    high = max(float(x.max()), 1.0)
    room = text_size(f"{high:,.0f}", TICK)[0] + 0.25
    places = MaxNLocator(max(1, min(6, int(width / room))), integer=True, steps=[1, 2, 5, 10])
    ticks = [tick for tick in places.tick_values(0, high) if 0 <= tick <= high]
    panel.set_xlim(0, high * 1.02)
    panel.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    panel.tick_params(color=FAINT)
