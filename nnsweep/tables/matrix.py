"""Matrices: one value of the summary by rows and columns, a matrix for each panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.tables.columns import Columns, column, columns
from nnsweep.tables.layout import Layout
from nnsweep.tables.settings import Settings, having, in_order

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Matrix:
    """One value of some cells by rows and columns, in grid order.

    Without a row axis there is one row, without a column axis one column, labelled with the name of the value.
    """

    numbers: np.ndarray
    """(rows, columns). A missing cell is None among counts and NaN among other numbers."""
    rows: list[Any]
    columns: list[Any]
    names: tuple[str | None, str | None]
    """The names of the row axis and the column axis; None if there is none."""

    @property
    def frame(self) -> pd.DataFrame:
        """The matrix as a DataFrame. Counts stay integers: `int64`, `Int64` if a cell is missing."""
        import pandas as pd

        rows, across = (pd.Index(at, name=name) for at, name in zip((self.rows, self.columns), self.names, strict=True))
        return pd.DataFrame(self.numbers, rows, across, dtype="Int64" if self.numbers.dtype == object else None)

    @property
    def flat(self) -> Columns:
        r"""The matrix as columns: the labels of the rows, named after both axes, and one column for each value.

        >>> Matrix(np.array([[9]]), [0.1], [1], ("alpha", "epochs")).flat
        {'alpha\\epochs': array([0.1]), '1': array([9])}
        """
        named = {"\\".join(name.strip() for name in self.names if name): column(self.rows)} if self.names[0] else {}
        return named | {str(label): numbers for label, numbers in zip(self.columns, self.numbers.T, strict=True)}


def matrix(summary: Columns, layout: Layout, value: str, where: Settings = ()) -> Matrix:
    """Make the matrix of one column of the summary, for the panel `where`."""
    here = having(summary, where)
    rows, down = _axis(summary, layout, layout.rows, value, here)
    across, right = _axis(summary, layout, layout.columns, value, here)
    counts = summary[value].dtype.kind in "iO"
    numbers = np.full((len(rows), len(across)), None if counts else np.nan)
    numbers[down, right] = summary[value][here]
    if counts and None not in numbers:
        numbers = numbers.astype(np.int64)
    return Matrix(numbers, rows, across, (layout.rows, layout.columns))


def _axis(
    summary: Columns, layout: Layout, name: str | None, value: str, here: np.ndarray
) -> tuple[list[Any], np.ndarray]:
    """Return the labels of an axis, and the index of the label of each cell that is `here`."""
    if name is None:
        return [value], np.zeros(here.sum(), dtype=np.intp)
    labels = column(_values(summary, layout, name)).tolist()
    places = {label: place for place, label in enumerate(labels)}
    return labels, np.array([places[setting] for setting in summary[name][here].tolist()], dtype=np.intp)


def matrices(summary: pd.DataFrame, layout: Layout, value: str, page: Settings = ()) -> dict[Settings, pd.DataFrame]:
    """Make a DataFrame for each panel of a page; the keys are the panels' settings, such as `(("hidden", 2),)`."""
    cells = columns(summary)
    return {panel: matrix(cells, layout, value, (*page, *panel)).frame for panel in panels(cells, layout, page)}


def pages(summary: Columns | pd.DataFrame, layout: Layout) -> list[Settings]:
    """List the combinations of axes beyond the third that have trials; `[()]` if there are no such axes."""
    return combinations(summary, layout, layout.rest)


def panels(summary: Columns | pd.DataFrame, layout: Layout, page: Settings = ()) -> list[Settings]:
    """List the panels of a page. Axes that `page` does not fix become panels too; without a page, all of them."""
    fixed = dict(page)
    names = [name for name in (*layout.rest, layout.panels) if name is not None and name not in fixed]
    return combinations(summary, layout, names, page)


def combinations(
    summary: Columns | pd.DataFrame, layout: Layout, names: Sequence[str], where: Settings = ()
) -> list[Settings]:
    """List the combinations of axis values that cells with these settings have, in grid order; `[()]` for no axes."""
    if not names:
        return [()]
    here = having(summary, where)
    places = [{value: place for place, value in enumerate(_values(summary, layout, name))} for name in names]
    found = set(zip(*(np.asarray(summary[name])[here].tolist() for name in names), strict=True))
    ordered = sorted(found, key=lambda values: [place[v] for place, v in zip(places, values, strict=True)])
    return [tuple(zip(names, values, strict=True)) for values in ordered]


def _values(summary: Columns | pd.DataFrame, layout: Layout, name: str) -> list[Any]:
    return in_order(layout.values.get(name, ()), summary[name])


def difference(summary: pd.DataFrame, layout: Layout, value: str, page: Settings = ()) -> pd.DataFrame | None:
    """Subtract the first panel of a page from the last; None if there are fewer than two."""
    found = list(matrices(summary, layout, value, page).values())
    return found[-1] - found[0] if len(found) > 1 else None
