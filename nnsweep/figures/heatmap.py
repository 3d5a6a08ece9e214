"""Heatmaps: matrices of one value, side by side, with one colour scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nnsweep.figures import style
from nnsweep.figures.cells import Words
from nnsweep.figures.page import EDGE, Page, fit
from nnsweep.figures.panel import draw_cells, draw_labels, draw_marks, draw_pale, draw_texts
from nnsweep.figures.scale import Scale, diverging, numbers, sequential
from nnsweep.figures.text import cell_texts, notes, settings_text, tick_labels

PanelSettings = tuple[tuple[str, Any], ...]
"""Settings of a panel: `(("hidden", 2),)`."""
Marks = Mapping[str, Mapping[PanelSettings, pd.DataFrame]]
"""For each way to end badly, such as `diverged`, and each panel: the number of such trials in each cell."""


def heatmaps(
    matrices: Mapping[PanelSettings, pd.DataFrame],
    title: str,
    name: str,
    *,
    limits: tuple[float, float] | None = None,
    marks: Marks | None = None,
) -> style.Figure:
    """Draw a panel for each matrix, with one colour scale and each cell's value in the cell.

    The matrices share their index and columns, whose names label the axes. `name` labels the colour bar. `limits` are
    the ends of the scale; by default counts start at 0, other values at their minimum. A cell without a value is grey,
    a cell with trials in `marks` is hatched.
    """
    return _draw(matrices, title, name, sequential(list(matrices.values()), limits), marks or {})


def difference_map(
    difference: pd.DataFrame, title: str, name: str, *, marks: Mapping[str, pd.DataFrame] | None = None
) -> style.Figure:
    """Draw a matrix of differences, each with its sign, in two colours that meet at 0."""
    panel: PanelSettings = ()
    panelled = {way: {panel: frame} for way, frame in (marks or {}).items()}
    return _draw({panel: difference}, title, name, diverging(difference), panelled)


def difference_maps(
    matrices: Mapping[PanelSettings, pd.DataFrame],
    title: str,
    name: str,
    pale: Mapping[PanelSettings, pd.DataFrame],
    note: str,
) -> style.Figure:
    """Draw matrices of differences, one panel each. Cells with a 1 in `pale` are drawn pale, as `note` explains."""
    return _draw(matrices, title, name, diverging(pd.concat(list(matrices.values()))), {}, pale, note)


def _draw(
    matrices: Mapping[PanelSettings, pd.DataFrame],
    title: str,
    name: str,
    scale: Scale,
    marks: Marks,
    pale: Mapping[PanelSettings, pd.DataFrame] | None = None,
    note: str = "",
) -> style.Figure:
    texts = cell_texts(list(matrices.values()), scale.signed)
    words = _words(matrices, title, name, scale, marks)
    words = replace(words, notes="  ".join(part for part in (words.notes, note) if part))
    cells, page = fit(words, [text for frame in texts for row in frame for text in row])
    with style.styled():
        figure = style.Figure(figsize=(page.width, page.height), facecolor="white")
        for index, (panel, frame) in enumerate(matrices.items()):
            axes = figure.add_axes(page.fraction(page.panels[index]), label=f"panel {index}")
            values, marked = numbers(frame), _marked(marks, panel, frame)
            draw_cells(axes, values, scale, cells)
            draw_marks(axes, values, marked, scale)
            if pale is not None:
                values = draw_pale(axes, values, numbers(pale[panel]) > 0, scale)
            if cells.annotation:
                draw_texts(axes, values, texts[index], marked, scale, cells.annotation)
            below = index + page.per_line >= len(matrices)
            draw_labels(axes, words, cells, left=index % page.per_line == 0, below=below, upright=page.upright)
            axes.set_title(page.titles[index], loc="left", size=style.PANEL, pad=style.SPACE * 72)
        _finish(figure, page, scale)
        FigureCanvasAgg(figure)  # Only now: with a canvas, seaborn would draw the whole figure again for each panel.
    return figure


def _words(matrices: Mapping[PanelSettings, pd.DataFrame], title: str, name: str, scale: Scale, marks: Marks) -> Words:
    frames = list(matrices.values())
    index, columns = frames[0].index, frames[0].columns
    return Words(
        title=title,
        panels=[settings_text(panel) for panel in matrices],
        rows=_labels(index),
        columns=_labels(columns),
        row_name=str(index.name or "").strip(),
        column_name=str(columns.name or "").strip(),
        bar=name,
        bar_ticks=scale.tick_labels,
        notes=notes(
            {way: int(sum(np.nansum(numbers(frame)) for frame in found.values())) for way, found in marks.items()},
            empty=any(bool(frame.isna().to_numpy().any()) for frame in frames),
        ),
    )


def _labels(axis: pd.Index) -> list[str]:
    """Return the labels of an axis; empty ones if the axis has no name."""
    return [""] * len(axis) if axis.name is None else tick_labels(axis.tolist())


def _marked(marks: Marks, panel: PanelSettings, frame: pd.DataFrame) -> np.ndarray:
    """Return which cells of a panel have trials in any of the marks."""
    counts: Sequence[np.ndarray] = [numbers(found[panel]) for found in marks.values()]
    return np.nan_to_num(sum(counts, np.zeros(frame.shape))) > 0


def _finish(figure: style.Figure, page: Page, scale: Scale) -> None:
    """Add the colour bar, the title and the notes."""
    bar = figure.colorbar(scale.mappable, cax=figure.add_axes(page.fraction(page.bar), label="colour bar"))
    bar.set_ticks(scale.ticks, labels=scale.tick_labels)
    bar.ax.tick_params(length=2, labelsize=style.TICK)
    bar.set_label(page.bar_name, size=style.AXIS)
    bar.outline.set_visible(False)
    left, top = EDGE / page.width, 1 - EDGE / page.height
    figure.text(left, top, page.title, size=style.TITLE, ha="left", va="top")
    if page.notes:
        figure.text(left, EDGE / page.height, page.notes, size=style.NOTE, color=style.FAINT, va="bottom")
