"""One panel of a heatmap: its cells, their texts, and its labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from nnsweep.figures import style
from nnsweep.figures.cells import Cells, Words, labelled_columns, labelled_rows
from nnsweep.figures.contrast import is_dark
from nnsweep.figures.scale import Scale

VEIL = 0.72
"""Opacity of the white over a cell that does not differ."""


def draw_cells(axes: Axes, values: np.ndarray, scale: Scale, cells: Cells) -> None:
    """Draw a coloured rectangle for each value, the first row on top. A cell without a value is grey."""
    import seaborn

    axes.set_facecolor(style.EMPTY)
    seaborn.heatmap(
        values,
        vmin=scale.low,
        vmax=scale.high,
        cmap=scale.colours,
        linewidths=min(0.6, 0.03 * 72 * min(cells.width, cells.height)),
        linecolor="white",
        cbar=False,
        xticklabels=False,
        yticklabels=False,
        ax=axes,
    )


def draw_marks(axes: Axes, values: np.ndarray, marked: np.ndarray, scale: Scale) -> None:
    """Hatch the marked cells: dark lines on light colours, light lines on dark colours."""
    for dark in (False, True):
        chosen = np.argwhere(marked & (_is_dark(values, scale) == dark))
        squares = [[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)] for y, x in chosen]
        if squares:
            colour = "white" if dark else style.FAINT
            hatch = PolyCollection(squares, facecolors="none", edgecolors=colour, linewidths=0, hatch="////")
            axes.add_collection(hatch, autolim=False)


def draw_pale(axes: Axes, values: np.ndarray, pale: np.ndarray, scale: Scale) -> np.ndarray:
    """Draw a white veil over the pale cells; return values whose colours are as light as the veiled ones."""
    squares = [[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)] for y, x in np.argwhere(pale)]
    if squares:
        axes.add_collection(PolyCollection(squares, facecolors="white", alpha=VEIL, linewidths=0), autolim=False)
    return np.where(pale, values * (1 - VEIL), values)


def draw_texts(
    axes: Axes, values: np.ndarray, texts: Sequence[Sequence[str]], marked: np.ndarray, scale: Scale, points: float
) -> None:
    """Write each cell's text into it: white on dark colours, with a plain background on hatched cells."""
    faces, dark = scale.mappable.to_rgba(np.ma.masked_invalid(values)), _is_dark(values, scale)
    for y, row in enumerate(texts):
        for x, text in enumerate(row):
            ground = {"facecolor": faces[y, x], "edgecolor": "none", "pad": 0.8} if marked[y, x] and text else None
            colour = "white" if dark[y, x] else style.INK
            axes.text(x + 0.5, y + 0.5, text, color=colour, size=points, ha="center", va="center_baseline", bbox=ground)


def _is_dark(values: np.ndarray, scale: Scale) -> np.ndarray:
    """Return which values have such a dark colour that white text has more contrast than black."""
    colours = scale.mappable.to_rgba(np.ma.masked_invalid(values))[..., :3]
    return is_dark(colours) & np.isfinite(values)


def draw_labels(axes: Axes, words: Words, cells: Cells, *, left: bool, below: bool, upright: bool) -> None:
    """Label the rows if the panel is the leftmost, and the columns if no panel is below it."""
    axes.tick_params(length=0, pad=style.SPACE * 72 / 2)
    rows, columns = labelled_rows(words, cells), labelled_columns(words, cells)
    axes.set_yticks([row + 0.5 for row in rows], [words.rows[row] for row in rows], size=cells.row_label)
    axes.set_xticks(
        [column + 0.5 for column in columns],
        [words.columns[column] for column in columns],
        size=cells.column_label,
        rotation=90 if cells.upright else 0,
    )
    axes.tick_params(labelleft=left, labelbottom=below)
    if left:
        name = axes.set_ylabel(words.row_name, size=style.AXIS, labelpad=style.SPACE * 72)
        if not upright:
            name.set(rotation=0, ha="right", va="center")
    if below:
        axes.set_xlabel(words.column_name, size=style.AXIS, labelpad=style.SPACE * 72 / 2)
