"""Styles of lines and points, the same in every figure, and legends."""

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
"""Colours for settings without an order, by Okabe and Ito: colour-blind readers can distinguish them."""
MARKERS = ("", "o", "s", "^", "v", "D", "P")
"""Markers, one for each time that the colours are used again."""
ORDERED = 0.75, 0.05
"""The part of viridis for numbers: its yellow is too light for a line on white."""
KEYS = 16
"""Entries of a legend of numbers, at most: the first, the last, and others evenly between them."""
BAND, BANDS = 0.18, 7
"""Opacity of a band, and the number of bands above which they get fainter."""

LIMIT: dict[str, Any] = {"color": INK, "linewidth": 0.7, "linestyle": ":"}
"""The line of the bound of success."""

LineStyle = dict[str, Any]
"""The style of a line, as arguments of matplotlib."""


def line_styles(values: Iterable[Any]) -> dict[Any, LineStyle]:
    """Choose a style for each value: ordered colours for numbers, else different colours, then markers too."""
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
    """Return the opacity of the bands of this many lines."""
    return BAND * min(1, BANDS / lines)


def keys(styles: Mapping[Any, LineStyle]) -> list[Line2D]:
    """Make the legend's entries; of many numbers only some."""
    labels = tick_labels(styles)
    found = [Line2D([], [], markersize=4, label=t, **look) for t, look in zip(labels, styles.values(), strict=True)]
    if len(found) <= KEYS or "marker" in next(iter(styles.values())):
        return found
    return [found[round(place)] for place in np.linspace(0, len(found) - 1, KEYS)]


def limit_key(bound: tuple[str, float] | None) -> list[Line2D]:
    """Make the legend's entry for the bound of success, if there is one."""
    return [] if bound is None else [Line2D([], [], **LIMIT, label=bound[0])]


def key_texts(entries: Sequence[Line2D], name: str | None) -> list[str]:
    """List the texts of a legend, its title first."""
    return [*([name] if name else []), *(str(entry.get_label()) for entry in entries)]


def style_axes(panel: Axes, page: CurvePage, index: int, name: str, grid: Literal["x", "y"] = "y") -> None:
    """Set a panel's title, grid and ticks; label it if it is the leftmost or the lowest."""
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
