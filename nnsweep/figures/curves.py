"""Learning curves: a metric over the epochs, a line for each setting with a band over the seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D

from nnsweep.figures.curve_page import CurvePage, arrange
from nnsweep.figures.curve_scale import EpochScale, MetricScale, epoch_scale, metric_scale, within
from nnsweep.figures.line_styles import (
    COLOURS,
    LIMIT,
    LineStyle,
    finish,
    key_texts,
    keys,
    limit_key,
    line_styles,
    opacity,
    style_axes,
)
from nnsweep.figures.style import FAINT, Figure, styled
from nnsweep.figures.text import settings_text
from nnsweep.nn.metrics import TRAIN, VALIDATION, part_of

MARKED = 0.17
"""Distance of markers, as a share of the panel's diagonal."""
PARTS: Mapping[str, tuple[str, Any]] = {
    "": ("test samples", "-"),
    VALIDATION: ("validation samples", (0, (1, 1.5))),
    TRAIN: ("training samples", (0, (4, 2))),
}
"""The samples that a metric is measured on, and the dashes of its curve if there are several."""
INTERVAL = 0.3
"""Opacity of the band of a median's interval."""
LINED_UP = 6
"""Panels side by side, at most, in which each column has one value of an axis."""

Panels = Mapping[tuple[tuple[str, Any], ...], pd.DataFrame]


def curves(
    panels: Panels,
    metrics: Sequence[str],
    title: str,
    lines: str | None,
    bound: tuple[str, float] | None = None,
    note: str = "",
) -> Figure:
    """Draw histories, one panel each; the values of the column `lines` become lines, None for a single line.

    The first of the `metrics` is drawn solid, the same metric on other samples dashed. `bound` is the condition of
    success, as text and number, drawn as a thin line. `note` is written below. The median's interval is drawn if a
    frame has its columns.
    """
    values = list(dict.fromkeys(v for frame in panels.values() for v in frame[lines])) if lines else [None]
    styles = line_styles(values)
    frames, limit = list(panels.values()), None if bound is None else bound[1]
    scales = epoch_scale(frames), metric_scale(frames, metrics, limit)
    entries = [*(keys(styles) if lines else []), *_legend(metrics, bound)]
    name = metrics[0].replace("_", " ")
    titles, texts = [settings_text(settings) for settings in panels], key_texts(entries, lines)
    page = arrange(title, titles, name, scales[1].labels, texts, note, _across(list(panels)))
    with styled():
        figure = Figure(figsize=(page.width, page.height), facecolor="white")
        FigureCanvasAgg(figure)
        for index, frame in enumerate(frames):
            panel = figure.add_axes(page.fraction(page.panels[index]), label=f"panel {index}")
            _draw(panel, frame, metrics, lines, styles)
            if limit is not None:
                panel.axhline(limit, **LIMIT)
            _label(panel, page, index, scales)
        finish(figure, page, entries, lines)
    return figure


def _across(panels: Sequence[tuple[tuple[str, Any], ...]]) -> int | None:
    """Return the number of columns if panels of two axes fill rows and columns, else None."""
    if any(len(settings) != 2 for settings in panels):
        return None
    down, across = (len({settings[axis] for settings in panels}) for axis in (0, 1))
    return across if len(panels) == down * across and down > 1 and 1 < across <= LINED_UP else None


def _draw(panel: Axes, frame: pd.DataFrame, metrics: Sequence[str], lines: str | None, styles: Mapping[Any, LineStyle]):
    faint = opacity(len(styles))
    for number, (value, look) in enumerate(styles.items()):
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
                panel.fill_between(epochs, low, high, color=look["color"], alpha=faint, linewidth=0)


def _dashes(metric: str, metrics: Sequence[str]) -> Any:
    """Return the dashes of a curve: solid for the first metric, dashed for the same metric on other samples."""
    return "-" if metric == metrics[0] else PARTS[part_of(metric)][1]


def _interval(panel: Axes, part: pd.DataFrame, metric: str, look: LineStyle, *, drawn: bool) -> None:
    """Draw the median's interval, if there is one, as a darker band inside that of the middle half."""
    ends = [f"{metric}_median_low", f"{metric}_median_high"]
    if drawn and set(ends) <= set(part):
        low, high = (within(part[end].to_numpy()) for end in ends)
        panel.fill_between(part["epoch"].to_numpy(), low, high, color=look["color"], alpha=INTERVAL, linewidth=0)


def _label(panel: Axes, page: CurvePage, index: int, scales: tuple[EpochScale, MetricScale]) -> None:
    """Scale a panel and label it."""
    epochs, values = scales
    panel.set_xlim(epochs.low, epochs.high)
    panel.set_xticks(*epochs.labelled(page.panels[index][2]))
    values.apply(panel)
    style_axes(panel, page, index, "epoch")


def _legend(metrics: Sequence[str], bound: tuple[str, float] | None) -> list[Line2D]:
    parts = [PARTS[part_of(metric)] for metric in metrics] if len(metrics) > 1 else []
    keys = [Line2D([], [], color=FAINT, linestyle=dashes, label=label) for label, dashes in parts]
    return keys + limit_key(bound)
