"""Averages over axes: the mean of all cells with a value of one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from nnsweep.design.columns import CELLS, HIGH, LOW, VALUE
from nnsweep.tables.layout import Layout
from nnsweep.tables.settings import is_numeric


@dataclass(frozen=True)
class Measure:
    """A column of the summary, and the columns of its interval."""

    value: str
    low: str
    high: str

    @classmethod
    def of(cls, metric: str | None) -> Measure:
        """Choose the median of a metric, or the success rate for None."""
        stem = "rate" if metric is None else f"{metric}_median"
        return cls(stem, f"{stem}_low", f"{stem}_high")


def averages(summary: pd.DataFrame, by: Sequence[str], measure: Measure) -> pd.DataFrame:
    """Average cells of the summary: a row for each combination of `by`, with CELLS, VALUE, LOW and HIGH.

    All cells with a value have the same weight. The interval is the average of the cells' intervals: cells share seeds,
    and often whole trainings. If they all vary together, the average is as uncertain as one cell; it is never more
    uncertain. LOW and HIGH are missing if the summary has no interval.

    >>> cells = pd.DataFrame({"a": [1, 1, 2], "rate": [0.2, 0.4, 0.5], "rate_low": [0.1, 0.3, 0.4], "rate_high": 0.9})
    >>> averages(cells, ["a"], Measure.of(None)).round(2)
       a  of cells  a value  its low end  its high end
    0  1         2      0.3          0.2           0.9
    1  2         1      0.5          0.4           0.9
    """
    names = {measure.value: VALUE, measure.low: LOW, measure.high: HIGH}
    cells = summary.reindex(columns=[*by, *names]).rename(columns=names).dropna(subset=[VALUE]).assign(**{CELLS: 1})
    found = cells.groupby(list(by), sort=False)
    return found.agg({CELLS: "sum", VALUE: "mean", LOW: "mean", HIGH: "mean"}).reset_index()


@dataclass(frozen=True)
class View:
    """Which axes a figure shows: a line for each value of `lines`, a panel for each combination of `facets`.

    All other axes are averaged over.
    """

    against: tuple[str, ...]
    lines: str | None = None
    facets: tuple[str, ...] = ()


def overview(layout: Layout) -> View | None:
    """Choose the view over each numeric axis, averaged over the others; None if there is no numeric axis.

    The panel axis, or else an axis of names, becomes the lines. Other axes of names become panels; they are never
    averaged over.
    """
    numeric = [name for name in varied(layout) if is_numeric(layout.values[name])]
    lines = _lines(layout, numeric)
    against = tuple(name for name in numeric if name != lines)
    facets = tuple(name for name in varied(layout) if name not in (lines, *numeric))
    return View(against, lines, facets) if against else None


def single(layout: Layout, axis: str) -> View:
    """Choose the view over one axis for each combination of the others: nothing is averaged."""
    lines = _lines(layout, [axis])
    return View((axis,), lines, tuple(name for name in varied(layout) if name not in (axis, lines)))


def _lines(layout: Layout, against: Sequence[str]) -> str | None:
    """Return the panel axis, or else an axis of names, if another axis is left to draw over."""
    names = [name for name in (layout.columns, layout.rows) if name and not is_numeric(layout.values[name])]
    candidates = [name for name in (layout.panels, *names) if name in varied(layout)]
    return next((name for name in candidates if set(against) - {name}), None)


def varied(layout: Layout) -> list[str]:
    """List the axes with at least two values, in the order of the file."""
    return [name for name, values in layout.values.items() if len(set(values)) > 1]
