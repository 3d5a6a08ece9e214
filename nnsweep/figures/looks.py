"""How lines and points of different settings look, the same in every figure, and the legend that tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nnsweep.figures.curve_page import CurvePage
from nnsweep.figures.page import EDGE
from nnsweep.figures.style import AXIS, FAINT, GRID, INK, NOTE, PANEL, SPACE, TICK, TITLE
from nnsweep.figures.text import tick_labels

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""For settings without an order: Okabe and Ito's colours, which the colour-blind can tell apart."""
MARKERS = ("", "o", "s", "^", "v", "D", "P")
"""What tells settings apart when all colours are used, a marker for each time round."""
ORDERED = 0.75, 0.05
"""The part of viridis that numbers have: its yellow is too light for a line on white."""
KEYS = 16
"""Entries of a legend of numbers; of more, some are named, evenly, with the first and the last."""
BAND, BANDS = 0.18, 7
"""Opacity of a band, and how many of them may lie upon each other before they get fainter."""

LIMIT: dict[str, Any] = {"color": INK, "linewidth": 0.7, "linestyle": ":"}
"""The line of what counts as a success."""

Look = dict[str, Any]
"""How a line is drawn, as matplotlib's arguments."""


def looks(values: Iterable[Any]) -> dict[Any, Look]:
    """Numbers get colours in their order, other settings colours and, where those do not suffice, markers."""
    values = list(values)
    if len(values) > 1 and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        colours = matplotlib.colormaps["viridis"](np.linspace(*ORDERED, len(values)))
        return {value: {"color": colour} for value, colour in zip(values, colours, strict=True)}
    rounds = {value: divmod(index, len(COLOURS)) for index, value in enumerate(values)}
    return {
        value: {"color": COLOURS[place], "marker": MARKERS[again % len(MARKERS)]}
        for value, (again, place) in rounds.items()
    }


def opacity(lines: int) -> float:
    """Opacity of each of the bands of so many lines."""
    return BAND * min(1, BANDS / lines)


def keys(styles: Mapping[Any, Look]) -> list[Line2D]:
    """The legend's entries, of many numbers some of them."""
    labels = tick_labels(styles)
    found = [Line2D([], [], markersize=4, label=t, **look) for t, look in zip(labels, styles.values(), strict=True)]
    if len(found) <= KEYS or "marker" in next(iter(styles.values())):
        return found
    return [found[round(place)] for place in np.linspace(0, len(found) - 1, KEYS)]


def limit_key(bound: tuple[str, float] | None) -> list[Line2D]:
    """The legend's entry of the condition of success, if there is one."""
    return [] if bound is None else [Line2D([], [], **LIMIT, label=bound[0])]


def key_texts(entries: Sequence[Line2D], name: str | None) -> list[str]:
    """What a legend says, its title first."""
    return [*([name] if name else []), *(str(entry.get_label()) for entry in entries)]


def dress(panel: Axes, page: CurvePage, index: int, name: str, grid: Literal["x", "y"] = "y") -> None:
    """Give a panel its title and its lines; label it at the left of a line, and where no panel stands below it."""
    left, below = index % page.per_line == 0, index + page.per_line >= len(page.panels)
    panel.tick_params(length=2, labelsize=TICK, color=FAINT, labelleft=left, labelbottom=below, pad=SPACE * 72 / 2)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis=grid, color=GRID, linewidth=0.6)
    panel.spines["bottom"].set(visible=True, color=FAINT, linewidth=0.6)
    panel.set_axisbelow(True)
    panel.set_title(page.titles[index], loc="left", size=PANEL, pad=SPACE * 72)
    if left:
        panel.set_ylabel(page.name, size=AXIS, labelpad=SPACE * 72)
    if below:
        panel.set_xlabel(name, size=AXIS, labelpad=SPACE * 72 / 2)


def finish(figure: Figure, page: CurvePage, entries: list[Line2D], name: str | None) -> None:
    """Add the title, the legend and the note."""
    left, top = EDGE / page.width, 1 - EDGE / page.height
    figure.text(left, top, page.title, size=TITLE, ha="left", va="top")
    if page.note:
        figure.text(left, EDGE / page.height, page.note, size=NOTE, color=FAINT, va="bottom")
    if entries:
        x, y = page.legend
        figure.legend(
            handles=entries,
            title=name,
            fontsize=NOTE,
            title_fontsize=NOTE,
            loc="upper left",
            bbox_to_anchor=(x / page.width, y / page.height),
            borderaxespad=0,
            borderpad=0,
            alignment="left",
            frameon=False,
            ncols=page.legend_columns,
        )
