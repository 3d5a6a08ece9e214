"""Learning curves: a metric against the epochs, a line for each setting with a band over the seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D

from nnsweep.figures.curve_page import CurvePage, arrange
from nnsweep.figures.curve_scale import EpochScale, MetricScale, epoch_scale, metric_scale, within
from nnsweep.figures.page import EDGE
from nnsweep.figures.style import AXIS, FAINT, INK, NOTE, PANEL, SPACE, TICK, TITLE, Figure, styled
from nnsweep.figures.text import settings_text, tick_labels

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""For settings without an order: Okabe and Ito's colours, which the colour-blind can tell apart."""
MARKERS = ("", "o", "s", "^", "v", "D", "P")
"""What tells settings apart when all colours are used, a marker for each time round."""
MARKED = 0.17
"""From one marker to the next, as a share of the panel's diagonal."""
KEYS = 16
"""Entries of a legend of numbers; of more, some are named, evenly, with the first and the last."""
TRAINING = (0, (4, 2))
"""Dashes of the curve on the training samples."""
GRID = "#dddddd"
INTERVAL = 0.3
"""Opacity of the band of a median's interval."""
LINED_UP = 6
"""Panels in a line at most, where the values of an axis stand below each other."""
BAND, BANDS = 0.18, 7
"""Opacity of a band, and how many of them may lie upon each other before they get fainter."""

Panels = Mapping[tuple[tuple[str, Any], ...], pd.DataFrame]
Look = dict[str, Any]
"""How a line is drawn, as matplotlib's arguments."""


def curves(
    panels: Panels,
    metrics: Sequence[str],
    title: str,
    lines: str | None,
    bound: tuple[str, float] | None = None,
    note: str = "",
) -> Figure:
    """Draw histories, a panel each; `lines` names the column whose values are lines, None if there is one line.

    `metrics` are the metric on the test samples and, dashed, the one on those that train, or one of them. `bound` is
    the condition of success, as text and number, drawn as a thin line. `note` stands below. The median's interval is
    drawn where a frame has its columns.
    """
    values = list(dict.fromkeys(v for frame in panels.values() for v in frame[lines])) if lines else [None]
    looks = dict(zip(values, _looks(values), strict=True))
    frames, limit = list(panels.values()), None if bound is None else bound[1]
    scales = epoch_scale(frames), metric_scale(frames, metrics, limit)
    keys = [*(_keys(looks) if lines else []), *_legend(metrics, bound)]
    name = metrics[0].replace("_", " ")
    titles, texts = [settings_text(settings) for settings in panels], _texts(keys, lines)
    page = arrange(title, titles, name, scales[1].labels, texts, note, _across(list(panels)))
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        for index, frame in enumerate(frames):
            panel = figure.add_axes(page.fraction(page.panels[index]), label=f"panel {index}")
            _draw(panel, frame, metrics, lines, looks)
            if limit is not None:
                panel.axhline(limit, color=INK, linewidth=0.7, linestyle=":")
            _label(panel, page, index, scales, name)
        _finish(figure, page, keys, lines)
    return figure


def _across(panels: Sequence[tuple[tuple[str, Any], ...]]) -> int | None:
    """Panels of two axes stand in rows and columns: how many values the second has, if a line can hold them."""
    if any(len(settings) != 2 for settings in panels):
        return None
    down, across = (len({settings[axis] for settings in panels}) for axis in (0, 1))
    return across if len(panels) == down * across and down > 1 and 1 < across <= LINED_UP else None


def _looks(values: Sequence[Any]) -> list[Look]:
    """Numbers get colours in their order, other settings colours and, where those do not suffice, markers."""
    if len(values) > 1 and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return [{"color": colour} for colour in matplotlib.colormaps["viridis"](np.linspace(0.88, 0, len(values)))]
    rounds = [divmod(index, len(COLOURS)) for index in range(len(values))]
    return [{"color": COLOURS[place], "marker": MARKERS[again % len(MARKERS)]} for again, place in rounds]


def _draw(panel: Axes, frame: pd.DataFrame, metrics: Sequence[str], lines: str | None, looks: Mapping[Any, Look]):
    opacity = BAND * min(1, BANDS / len(looks))
    for number, (value, look) in enumerate(looks.items()):
        part = frame if lines is None else frame.loc[frame[lines] == value]
        epochs = part["epoch"].to_numpy()
        sparse = {"markersize": 4, "markevery": (MARKED * (number % len(COLOURS)) / len(COLOURS), MARKED)}
        alone = {"marker": ".", "markevery": None} if len(part) == 1 else {}
        for metric in metrics:
            dashes = _dashes(metric, metrics)
            low, middle, high = (within(part[f"{metric}_{name}"].to_numpy()) for name in ("lower", "median", "upper"))
            _interval(panel, part, metric, look, drawn=dashes == "-")
            panel.plot(epochs, middle, linestyle=dashes, linewidth=1.3, **look | sparse | alone)
            if dashes == "-" and (low < high).any():
                panel.fill_between(epochs, low, high, color=look["color"], alpha=opacity, linewidth=0)


def _dashes(metric: str, metrics: Sequence[str]) -> Any:
    """Dashed is what is measured on training samples beside the same on test samples."""
    return TRAINING if metric != metrics[0] else "-"


def _interval(panel: Axes, part: pd.DataFrame, metric: str, look: Look, *, drawn: bool) -> None:
    """Draw the median's interval, where there is one, as a darker band within that of the middle half."""
    ends = [f"{metric}_median_low", f"{metric}_median_high"]
    if drawn and set(ends) <= set(part):
        low, high = (within(part[end].to_numpy()) for end in ends)
        panel.fill_between(part["epoch"].to_numpy(), low, high, color=look["color"], alpha=INTERVAL, linewidth=0)


def _label(panel: Axes, page: CurvePage, index: int, scales: tuple[EpochScale, MetricScale], name: str) -> None:
    """Scale a panel; label it at the left of a line, and where no panel stands below."""
    epochs, values = scales
    ticks, labels = epochs.labelled(page.panels[index][2])
    panel.set_xlim(epochs.low, epochs.high)
    panel.set_ylim(values.low, values.high)  # first: a new scale adds margins, beyond the largest float perhaps
    panel.set_yscale("log" if values.log else "linear", **({"nonpositive": "clip"} if values.log else {}))
    panel.set_xticks(ticks, labels)
    panel.set_yticks(values.ticks, values.labels)
    panel.minorticks_off()
    left, below = index % page.per_line == 0, index + page.per_line >= len(page.panels)
    panel.tick_params(length=2, labelsize=TICK, color=FAINT, labelleft=left, labelbottom=below, pad=SPACE * 72 / 2)
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="y", color=GRID, linewidth=0.6)
    panel.spines["bottom"].set(visible=True, color=FAINT, linewidth=0.6)
    panel.set_axisbelow(True)
    panel.set_title(page.titles[index], loc="left", size=PANEL, pad=SPACE * 72)
    if left:
        panel.set_ylabel(page.name, size=AXIS, labelpad=SPACE * 72)
    if below:
        panel.set_xlabel("epoch", size=AXIS, labelpad=SPACE * 72 / 2)


def _keys(looks: Mapping[Any, Look]) -> list[Line2D]:
    labels = tick_labels(looks)
    keys = [Line2D([], [], markersize=4, label=text, **look) for text, look in zip(labels, looks.values(), strict=True)]
    if len(keys) <= KEYS or "marker" in next(iter(looks.values())):
        return keys
    return [keys[round(place)] for place in np.linspace(0, len(keys) - 1, KEYS)]


def _legend(metrics: Sequence[str], bound: tuple[str, float] | None) -> list[Line2D]:
    keys: list[Line2D] = []
    if len(metrics) > 1:
        keys += [
            Line2D([], [], color=FAINT, label="test samples"),
            Line2D([], [], color=FAINT, linestyle=TRAINING, label="training samples"),
        ]
    if bound is not None:
        keys.append(Line2D([], [], color=INK, linewidth=0.7, linestyle=":", label=bound[0]))
    return keys


def _texts(keys: Sequence[Line2D], lines: str | None) -> list[str]:
    """What a legend says, its title first."""
    return [*([lines] if lines else []), *(str(key.get_label()) for key in keys)]


def _finish(figure: Figure, page: CurvePage, keys: list[Line2D], lines: str | None) -> None:
    """Add the title, the legend and the note."""
    left, top = EDGE / page.width, 1 - EDGE / page.height
    figure.text(left, top, page.title, size=TITLE, ha="left", va="top")
    if page.note:
        figure.text(left, EDGE / page.height, page.note, size=NOTE, color=FAINT, va="bottom")
    if keys:
        x, y = page.legend
        figure.legend(
            handles=keys,
            title=lines,
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
