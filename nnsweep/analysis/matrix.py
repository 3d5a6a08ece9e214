"""Matrices: one value of the summary, rows down and columns across, a matrix per panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nnsweep.analysis.layout import Layout
from nnsweep.analysis.settings import Settings, in_order, select


def matrix(summary: pd.DataFrame, layout: Layout, value: str, where: Settings = ()) -> pd.DataFrame:
    """Lay out one column of the summary for the panel that `where` names, in grid order.

    A cell that is not in the grid is missing. Counts stay integers: `int64`, `Int64` if a cell is missing.
    Without a row axis there is one row, without a column axis one column, named after the value.
    """
    cells = select(summary, where)
    rows = _axis(summary, layout, layout.rows, value)
    columns = _axis(summary, layout, layout.columns, value)
    numbers = np.full((len(rows), len(columns)), np.nan)
    numbers[_places(rows, cells, layout.rows), _places(columns, cells, layout.columns)] = cells[value].to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    frame = pd.DataFrame(numbers, index=rows, columns=columns)
    if not pd.api.types.is_integer_dtype(summary[value]):
        return frame
    return frame.astype("Int64" if np.isnan(numbers).any() else "int64")


def _axis(summary: pd.DataFrame, layout: Layout, name: str | None, value: str) -> pd.Index:
    if name is None:
        return pd.Index([value])
    return pd.Index(in_order(layout.values.get(name, ()), pd.Index(summary[name])), name=name)


def _places(axis: pd.Index, cells: pd.DataFrame, name: str | None) -> np.ndarray:
    return np.zeros(len(cells), dtype=np.intp) if name is None else axis.get_indexer(pd.Index(cells[name]))


def pages(summary: pd.DataFrame, layout: Layout) -> list[Settings]:
    """Every combination of the axes beyond three that has trials; `[()]` if there are no such axes."""
    return combinations(summary, layout, layout.rest)


def matrices(summary: pd.DataFrame, layout: Layout, value: str, page: Settings = ()) -> dict[Settings, pd.DataFrame]:
    """One matrix per panel of a page, keyed by the panel's settings, such as `(("hidden", 2),)`.

    Axes that `page` does not settle are panels too: without a page, every matrix of the sweep is there.
    """
    settled = dict(page)
    names = [name for name in (*layout.rest, layout.panels) if name is not None and name not in settled]
    panels = combinations(select(summary, page), layout, names)
    return {panel: matrix(summary, layout, value, (*page, *panel)) for panel in panels}


def combinations(summary: pd.DataFrame, layout: Layout, names: Sequence[str]) -> list[Settings]:
    """Every combination of some axes' values that a table of cells has, in grid order; `[()]` of no axes."""
    if not names:
        return [()]
    places = [
        {value: place for place, value in enumerate(in_order(layout.values.get(name, ()), pd.Index(summary[name])))}
        for name in names
    ]
    found = set(zip(*(summary[name].tolist() for name in names), strict=True))
    ordered = sorted(found, key=lambda values: [place[v] for place, v in zip(places, values, strict=True)])
    return [tuple(zip(names, values, strict=True)) for values in ordered]


def difference(summary: pd.DataFrame, layout: Layout, value: str, page: Settings = ()) -> pd.DataFrame | None:
    """The last panel of a page minus its first; None where there are fewer than two."""
    panels = list(matrices(summary, layout, value, page).values())
    return panels[-1] - panels[0] if len(panels) > 1 else None
