"""Heatmaps: matrices of one value drawn side by side on one colour scale."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nnsweep.figures import style
from nnsweep.figures.cells import Cells, Words, labelled_columns, labelled_rows, size_cells
from nnsweep.figures.page import Page, arrange
from nnsweep.figures.text import cell_texts, settings_text, tick_labels

Panel = tuple[tuple[str, Any], ...]
"""Settings of a panel, as in `(("hidden", 2),)`."""
Marks = Mapping[str, Mapping[Panel, pd.DataFrame]]
"""For each way to end badly, such as `diverged`, how many trials of each cell did."""


@dataclass(frozen=True)
class Scale:
    """Numbers to colours, and what they mean."""

    low: float
    high: float
    colours: str
    name: str
    counts: bool
    signed: bool = False

    @property
    def mappable(self) -> ScalarMappable:
        """The scale as matplotlib takes it."""
        return ScalarMappable(Normalize(self.low, self.high), matplotlib.colormaps[self.colours])

    @property
    def ticks(self) -> list[float]:
        """About five round numbers, whole ones for counts."""
        ticks = MaxNLocator(5, integer=self.counts).tick_values(self.low, self.high)
        slack = 1e-9 * (self.high - self.low)
        return [float(tick) for tick in ticks if self.low - slack <= tick <= self.high + slack]


def heatmaps(
    matrices: Mapping[Panel, pd.DataFrame],
    title: str,
    name: str,
    *,
    limits: tuple[float, float] | None = None,
    marks: Marks | None = None,
) -> Figure:
    """Draw a panel per matrix: its index down, its columns across, one colour scale, the value in each cell.

    `matrices` share index and columns, whose names label the axes. `name` says what the colours mean. `limits` are
    the ends of the scale; counts start at 0 otherwise. Cells of `marks` that are not 0 are hatched. Cells without a
    value are grey.
    """
    frames = list(matrices.values())
    scale = _sequential(frames, name, limits)
    return _draw(matrices, title, scale, marks or {})


def difference_map(
    difference: pd.DataFrame, title: str, name: str, *, marks: Mapping[str, pd.DataFrame] | None = None
) -> Figure:
    """Draw a matrix of differences on a scale of two colours that meet at 0."""
    bound = float(np.nanmax(np.abs(_numbers(difference)), initial=0.0)) or 1.0
    scale = Scale(-bound, bound, style.DIVERGING, name, _are_counts([difference]), signed=True)
    return _draw({(): difference}, title, scale, {way: {(): frame} for way, frame in (marks or {}).items()})


def _sequential(frames: Sequence[pd.DataFrame], name: str, limits: tuple[float, float] | None) -> Scale:
    counts = _are_counts(frames)
    if limits is None:
        values = np.concatenate([_numbers(frame).ravel() for frame in frames])
        known = values[np.isfinite(values)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        limits = (min(0.0, low) if counts else low, high)
    low, high = limits
    return Scale(low, high if high > low else low + 1.0, style.SEQUENTIAL, name, counts)


def _are_counts(frames: Iterable[pd.DataFrame]) -> bool:
    return all(pd.api.types.is_integer_dtype(dtype) for frame in frames for dtype in frame.dtypes)


def _numbers(frame: pd.DataFrame) -> np.ndarray:
    return frame.to_numpy(dtype=np.float64, na_value=np.nan)


def _draw(matrices: Mapping[Panel, pd.DataFrame], title: str, scale: Scale, marks: Marks) -> Figure:
    frames = list(matrices.values())
    said = cell_texts(frames, scale.signed)
    marked = [_marked(marks, panel, frame) for panel, frame in matrices.items()]
    words = Words(
        title=title,
        panels=[settings_text(panel) for panel in matrices],
        rows=_labels(frames[0].index),
        columns=_labels(frames[0].columns),
        row_name=str(frames[0].index.name or ""),
        column_name=str(frames[0].columns.name or ""),
        bar=scale.name,
        bar_ticks=tick_labels(scale.ticks),
        notes=_notes(marks, any(frame.isna().to_numpy().any() for frame in frames)),
    )
    size = size_cells(words, [text for frame in said for row in frame for text in row])
    page = arrange(words, size)
    with style.styled():
        figure = Figure(figsize=(page.width, page.height))
        FigureCanvasAgg(figure)
        for index, frame in enumerate(frames):
            axes = figure.add_axes(page.fraction(page.panels[index]), label=f"panel {index}")
            _panel(axes, _numbers(frame), scale, marked[index], said[index], size)
            _label(axes, words, size, page, index)
        _frame(figure, words, scale, page)
    return figure
