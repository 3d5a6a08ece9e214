"""Importances: bars of the shares of the variance that axes and pairs of them explain."""

from __future__ import annotations

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import MaxNLocator

from nnsweep.figures.cells import extent
from nnsweep.figures.line_styles import COLOURS
from nnsweep.figures.page import EDGE, FOOT
from nnsweep.figures.style import AXIS, FAINT, GRID, NOTE, SPACE, TICK, TITLE, Figure, line_height, styled, text_size
from nnsweep.figures.text import broken, fitted

ROW, WIDE = 0.24, 4.2
"""Height of a bar with its space, and width of the longest bar, in inches."""
MOST, LEAST = 15, 0.005
"""Bars, at most, and the least share that has one."""


def importances(table: pd.DataFrame, name: str, title: str, note: str) -> Figure:
    """Draw the column `share` of a table as bars, the largest first, each named by its column `axes`."""
    rows = table.loc[table["share"] >= LEAST].head(MOST)
    labels = [broken(str(each), 40) for each in rows["axes"]]
    heights = max([ROW, *(text_size(label, TICK)[1] + SPACE for label in labels)])
    left, high = EDGE + extent(labels, TICK)[0] + 2 * SPACE, heights * max(1, len(rows))
    width = left + WIDE + 0.6 + EDGE
    title, note = fitted(title, TITLE, width - 2 * EDGE), fitted(note, NOTE, FOOT * width - 2 * EDGE)
    foot, below = EDGE + text_size(note, NOTE)[1] + 2 * SPACE, line_height(TICK) + line_height(AXIS) + 3 * SPACE
    height = EDGE + text_size(title, TITLE)[1] + 2 * SPACE + high + below + foot
    with styled():
        figure = Figure(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(figure)
        box = left / width, (foot + below) / height, WIDE / width, high / height
        panel = figure.add_axes(box, label="panel 0")
        shares = rows["share"].to_numpy()
        most = max(0.01, float(shares.max(initial=0.0)))
        panel.barh(range(len(rows)), shares, height=0.7, color=COLOURS[0])
        for at, share in enumerate(shares.tolist()):
            panel.annotate(
                f"{100 * share:.0f} %", (share, at), (3, 0), textcoords="offset points", va="center", size=TICK,
                annotation_clip=False,
            )  # fmt: skip
        panel.set_xlim(0, most)
        panel.set_ylim(max(1, len(rows)) - 0.5, -0.5)
        panel.set_yticks(range(len(rows)), labels)
        ticks = [tick for tick in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(0, most) if 0 <= tick <= most]
        panel.set_xticks(ticks, [f"{100 * tick:.3g} %" for tick in ticks])
        panel.tick_params(length=2, labelsize=TICK, color=FAINT, pad=SPACE * 72 / 2)
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="x", color=GRID, linewidth=0.6)
        panel.set_axisbelow(True)
        panel.set_xlabel(fitted(name, AXIS, WIDE), size=AXIS, labelpad=SPACE * 72 / 2)
        figure.text(EDGE / width, 1 - EDGE / height, title, size=TITLE, ha="left", va="top")
        figure.text(EDGE / width, EDGE / height, note, size=NOTE, color=FAINT, va="bottom")
    return figure
