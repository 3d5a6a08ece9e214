"""Histograms of activations: a row for each activation and initialisation, a column for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle, pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from nnsweep.figures.cells import extent
from nnsweep.figures.line_styles import COLOURS
from nnsweep.figures.page import EDGE
from nnsweep.figures.style import (
    AXIS,
    FAINT,
    GRID,
    NOTE,
    PANEL,
    SPACE,
    TITLE,
    Figure,
    line_height,
    styled,
    text_size,
)
from nnsweep.figures.text import fitted, short_number

WIDEST, NARROWEST, ACROSS, HEIGHT = 1.1, 0.8, 5.5, 0.46
"""Largest and smallest width of a histogram, width of a row of them, and height of each, in inches."""
GAP, SMALL = 0.14, 7.5
"""Space between histograms, in inches, and size of the numbers at them, in points."""
CUT = 0.15
"""Bars above this share are cut and labelled: a layer that collapsed into one bin would make all others flat."""
HIGH = 0.7
"""Share of the height above which a bar would reach into a text at the top."""
NOTES = (
    f"Heights are shares of a layer's activations. Bars higher than {100 * CUT:.0f} % are cut, and what they hold is "
    "written beside them. sd is the standard deviation. A row has one horizontal scale."
)

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """The histograms of one network: `ends` (B + 1,) of the bins, `shares` (layers, B), `sd` (layers,)."""

    activation: str
    initialisation: str
    ends: Numbers
    shares: Numbers
    sd: Numbers

    @property
    def name(self) -> str:
        """The label at the left of the row."""
        return f"{self.activation}\n{self.initialisation}"


@dataclass(frozen=True)
class Sheet:
    """Positions in inches: the left edge of each column, the bottom of each row."""

    width: float
    height: float
    wide: float
    """The width of a histogram."""
    lefts: Sequence[float]
    bottoms: Sequence[float]
    ticked: Sequence[bool]
    """Which rows have numbers below them: the last of consecutive rows with the same scale."""
    title: str
    notes: str


def activation_histograms(bins: pd.DataFrame, table: pd.DataFrame, title: str) -> Figure:
    """Draw histograms with a common scale of heights, each with its standard deviation above it.

    `bins` has columns activation, initialisation, layer, low, high, share; `table` has the first three and sd.
    """
    rows = _rows(bins, table)
    sheet = _arranged(rows, title)
    colours = dict(zip(dict.fromkeys(row.activation for row in rows), cycle(COLOURS), strict=False))
    with styled():
        figure = Figure(figsize=(sheet.width, sheet.height), facecolor="white")
        for row, bottom, ticked in zip(rows, sheet.bottoms, sheet.ticked, strict=True):
            middle = (bottom + HEIGHT / 2) / sheet.height
            figure.text(EDGE / sheet.width, middle, row.name, size=AXIS, va="center", linespacing=1.2)
            for layer, left in enumerate(sheet.lefts):
                box = left / sheet.width, bottom / sheet.height, sheet.wide / sheet.width, HEIGHT / sheet.height
                panel = figure.add_axes(box, label=f"{row.name} {layer + 1}")
                _draw(panel, row.shares[layer], row.ends, colours[row.activation])
                _tell(panel, row.shares[layer], row.ends, sheet.wide)
                _label(panel, row, layer, sheet.wide, ticked)
        _finish(figure, sheet)
    return figure


def _rows(bins: pd.DataFrame, table: pd.DataFrame) -> list[Row]:
    names = ["activation", "initialisation"]
    spreads = [frame["sd"].to_numpy() for _, frame in table.groupby(names, sort=False)]
    rows = []
    for (_, frame), sd in zip(bins.groupby(names, sort=False), spreads, strict=True):
        activation, initialisation = map(str, frame[names].iloc[0])
        shares = frame["share"].to_numpy().reshape(len(sd), -1)
        count = shares.shape[1]
        ends = np.append(frame["low"].to_numpy()[:count], frame["high"].to_numpy()[count - 1])
        rows.append(Row(activation, initialisation, ends, shares, sd))
    return rows


def _arranged(rows: Sequence[Row], title: str) -> Sheet:
    layers = len(rows[0].sd)
    wide = min(WIDEST, max(NARROWEST, ACROSS / layers))
    left = EDGE + extent([row.name for row in rows], AXIS)[0] + 3 * SPACE + text_size(f"{100 * CUT:.0f} %", SMALL)[0]
    lefts = [left + layer * (wide + GAP) for layer in range(layers)]
    width = lefts[-1] + wide + EDGE
    title, notes = fitted(title, TITLE, width - 2 * EDGE), fitted(NOTES, NOTE, width - 2 * EDGE)
    ticked = [not np.array_equal(row.ends, below.ends) for row, below in pairwise(rows)] + [True]
    top = EDGE + text_size(title, TITLE)[1] + SPACE + line_height(PANEL)
    above, below = line_height(SMALL) + SPACE, SPACE + line_height(SMALL)
    downs = list(accumulate((above + HEIGHT + below * each for each in ticked), initial=top))
    height = downs[-1] + 2 * SPACE + text_size(notes, NOTE)[1] + EDGE
    bottoms = [height - down - above - HEIGHT for down in downs[:-1]]
    return Sheet(width, height, wide, lefts, bottoms, ticked, title, notes)


def _draw(panel: Axes, shares: Numbers, ends: Numbers, colour: str) -> None:
    panel.stairs(np.minimum(shares, CUT), ends, fill=True, color=colour, linewidth=0, zorder=2)
    panel.set(xlim=(ends[0], ends[-1]), ylim=(0, CUT))
    panel.set_yticks([0, CUT / 3, 2 * CUT / 3, CUT])
    panel.grid(axis="y", color=GRID, linewidth=0.5, zorder=0, clip_on=False)


def _tell(panel: Axes, shares: Numbers, ends: Numbers, wide: float) -> None:
    """Label each run of cut bars with its share, beside it, if neither a high bar nor another text is there."""
    taken = shares > HIGH * CUT
    step = ends[1] - ends[0]
    for start, stop in _runs(shares > CUT):
        text = f"{100 * shares[start:stop].sum():.0f} %"
        room = int(np.ceil((text_size(text, SMALL)[0] + SPACE / 2) / wide * len(shares)))
        first, last = next(run for run in _runs(taken) if run[0] <= start < run[1])
        after, before = slice(last, last + room), slice(max(first - room, 0), first)
        if last + room <= len(shares) and not taken[after].any():
            panel.text(ends[last] + step / 2, 0.97 * CUT, text, size=SMALL, ha="left", va="top")
            taken[after] = True
        elif first >= room and not taken[before].any():
            panel.text(ends[first] - step / 2, 0.97 * CUT, text, size=SMALL, ha="right", va="top")
            taken[before] = True


def _runs(chosen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first index of each run of true values, and the index after its last."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(int)))
    return [(int(start), int(stop)) for start, stop in changes.reshape(-1, 2)]


def _label(panel: Axes, row: Row, layer: int, wide: float, ticked: bool) -> None:
    panel.tick_params(length=0, pad=2, labelsize=SMALL, labelcolor=FAINT, labelleft=layer == 0)
    panel.set_yticklabels(["0", "", "", f"{100 * CUT:.0f} %"])
    panel.set_title(f"sd {_number(row.sd[layer], 2)}", loc="right", size=SMALL, color=FAINT, pad=2.5)
    if not ticked:
        panel.set_xticks([])
        return
    places = _ticks(float(row.ends[0]), float(row.ends[-1]), wide)
    panel.set_xticks(places, [_number(place, 3) for place in places])
    for text, side in zip(panel.get_xticklabels()[:: len(places) - 1], ("left", "right"), strict=True):
        text.set_horizontalalignment(side)  # A long text stays within its histogram.


def _ticks(low: float, high: float, wide: float) -> list[float]:
    """Return both ends, and 0 or else the middle between them, if its text has room."""
    middle = 0.0 if low < 0 < high else (low + high) / 2
    sizes = [text_size(_number(place, 3), SMALL)[0] for place in (low, middle, high)]
    at = (middle - low) / (high - low) * wide
    fits = at - sizes[1] / 2 > sizes[0] + SPACE and at + sizes[1] / 2 < wide - sizes[2] - SPACE
    return [low, middle, high] if fits else [low, high]


def _number(value: float, digits: int) -> str:
    """Format a number with this many digits: `12,000`, `0.46`, `9.6e−6`.

    >>> [_number(value, 2) for value in (12_345.0, 296.0, 0.4567, 9.6e-6, -0.1)]
    ['12,000', '300', '0.46', '9.6e−6', '−0.1']
    """
    rounded = float(f"{value:.{digits}g}")
    short = f"{rounded:,.0f}" if 100 <= abs(rounded) < 1e6 else f"{rounded:.{digits}g}"
    return short_number(short)


def _finish(figure: Figure, sheet: Sheet) -> None:
    left, top = EDGE / sheet.width, 1 - EDGE / sheet.height
    figure.text(left, top, sheet.title, size=TITLE, ha="left", va="top")
    figure.text(left, EDGE / sheet.height, sheet.notes, size=NOTE, color=FAINT, va="bottom")
    down = (EDGE + text_size(sheet.title, TITLE)[1] + SPACE) / sheet.height
    for number, place in enumerate(sheet.lefts, start=1):
        figure.text(place / sheet.width, 1 - down, f"layer {number}", size=PANEL, ha="left", va="top")
