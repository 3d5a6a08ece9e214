"""The summary: one row for each cell of the grid, aggregated over its seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from nnsweep.statistics.bootstrap import CUTS, intervals
from nnsweep.statistics.exact_sums import exact_sums
from nnsweep.statistics.intervals import wilson
from nnsweep.status import ENDED, FAILURES
from nnsweep.tables.columns import Columns, length
from nnsweep.trials.codes import number_rows

if TYPE_CHECKING:
    import pandas as pd

STATISTICS = ("mean", "sd", "median", "iqm", "min", "max")
"""Statistics of each metric, in columns `{metric}_mean` and so on; `sd` divides by n − 1.

`median` and `iqm` (interquartile mean) have intervals too: `{metric}_median_low`, `{metric}_median_high` and so on.
"""


def summary(
    table: Columns,
    axes: Sequence[str],
    metrics: Sequence[str],
    success: bool = True,
    judged: ArrayLike | None = None,
) -> Columns:
    """Aggregate a trials table over its seeds: one row for each cell of `axes` (all except the seed), in order.

    `n` trials have every metric that their cell measures; each statistic is over these. The others are `missing`.
    `finished` trials ended as ok or diverged. `rate` is `successes` / `finished`, so that a diverged trial counts as no
    success; `rate_low` to `rate_high` is its Wilson 95 % interval. These count only the trials in `judged` (T,), which
    measure the metric of success; by default all. A cell in which none of them ended has no `successes` and no rate.
    `diverged` and `failed` (an error, a crash or a time-out) count the trials that did not end well.
    """
    cell, first = number_cells(table, axes)

    def count(mask: ArrayLike) -> np.ndarray:
        return np.bincount(cell[np.asarray(mask, dtype=bool)], minlength=len(first))

    measured = np.array([~np.isnan(table[metric]) for metric in metrics], bool).reshape(len(metrics), len(cell))
    whole = _whole(measured, cell, len(first))
    found = {name: table[name][first] for name in axes} | {"n": count(whole), "missing": count(~whole)}
    status = table["status"]
    if success:
        asked = np.ones(len(cell), dtype=bool) if judged is None else np.asarray(judged)
        ended = np.logical_or.reduce([status == end for end in ENDED])
        found |= _rates(count(table["success"]), count(ended & asked))
    for metric in metrics:
        found |= _statistics(metric, table[metric][whole], cell[whole], len(first))
    found["diverged"] = count(status == "diverged")
    found["failed"] = count(np.logical_or.reduce([status == failure for failure in FAILURES]))
    return found


def number_cells(table: Columns | pd.DataFrame, axes: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Number the cell of each row in order of appearance, and find the first row of each cell."""
    first, cell = number_rows([_number_values(np.asarray(table[name])) for name in axes], length(table))
    return cell, first


def _number_values(values: np.ndarray) -> np.ndarray:
    """Number the values of a column, equal ones alike."""
    if values.dtype.kind in "iu" and len(values) and int(values.max()) - int(values.min()) <= len(values):
        return values - values.min()  # seeds are such numbers
    if values.dtype.kind in "biuf":
        # The outer axes of a grid change seldom: only the first of equal neighbours is sorted.
        starts = np.append(True, values[1:] != values[:-1])[: len(values)].nonzero()[0]
        return np.repeat(np.unique(values[starts], return_inverse=True)[1], np.diff(starts, append=len(values)))
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values.tolist()], dtype=np.intp)


def _whole(measured: np.ndarray, cell: np.ndarray, cells: int) -> np.ndarray:
    """Find the rows that have at least one metric, and every metric that any row of their cell has.

    `measured` says which metrics the rows have, (metrics, rows).
    """
    whole, some = np.ones(len(cell), dtype=bool), np.zeros(len(cell), dtype=bool)
    for has in measured:
        whole &= has | (np.bincount(cell[has], minlength=cells) == 0)[cell]
        some |= has
    return whole & some


def _rates(successes: np.ndarray, finished: np.ndarray) -> Columns:
    low, high = wilson(successes, finished)
    rate = successes / np.where(finished > 0, finished, np.nan)
    counts = successes if finished.all() else np.where(finished > 0, successes, np.array(None))
    return {"finished": finished, "successes": counts, "rate": rate, "rate_low": low, "rate_high": high}


def _statistics(metric: str, values: np.ndarray, cell: np.ndarray, cells: int) -> Columns:
    count = np.bincount(cell, minlength=cells)
    start = np.cumsum(count) - count
    ordered = values[np.argsort(cell, kind="stable")] + 0.0  # as in the history
    for _, places in _alike(start, count):
        ordered[places] = np.sort(ordered[places], axis=1)
    numbers = _describe_all(ordered, start, count)
    found: Columns = {}
    for name, column in zip(STATISTICS, numbers.T, strict=True):
        found[f"{metric}_{name}"] = column
        if name in CUTS:
            found[f"{metric}_{name}_low"], found[f"{metric}_{name}_high"] = intervals(ordered, start, count, name)
    return found


def _describe_all(ordered: np.ndarray, start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Describe cells, each with `count` ascending values from `start` on: (cells, statistics)."""
    found = np.full((len(count), len(STATISTICS)), math.nan)
    for cells, places in _alike(start, count):
        rows = ordered[places]
        found[cells] = _describe_rows(rows)
        sums = found[cells, :4] if rows.shape[1] > 1 else found[cells, :1]
        for cell, row in zip(cells.tolist(), rows, strict=True) if not np.isfinite(sums).all() else ():
            found[cell] = describe(row.tolist())  # a sum is beyond float64
    return found


def _alike(start: np.ndarray, count: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give for each number n of values the cells with so many, (cells,), and their places, (cells, n)."""
    for n in sorted({*count.tolist()} - {0}):
        cells = np.flatnonzero(count == n)
        yield cells, start[cells, None] + np.arange(n)


def _describe_rows(rows: np.ndarray) -> np.ndarray:
    """Describe cells of the same number of ascending values, (cells, n), as `describe` does each."""
    n = rows.shape[1]
    average = exact_sums(rows) / n
    with np.errstate(over="ignore", invalid="ignore"):
        deviations = rows - average[:, None]
        sd = np.sqrt(exact_sums(deviations * deviations) / (n - 1)) if n > 1 else np.full(len(rows), math.nan)
    middles = [exact_sums(rows[:, cut(n) : n - cut(n)]) / (n - 2 * cut(n)) for cut in CUTS.values()]
    return np.stack([average, sd, *middles, rows[:, 0], rows[:, -1]], axis=1)


def describe(values: Sequence[float]) -> tuple[float, float, float, float, float, float]:
    """Compute mean, standard deviation, median, interquartile mean, minimum and maximum; NaN for too few values.

    Sums are exact before they are rounded (`math.fsum`), so that equal values give equal tables, byte for byte, on
    every machine. The interquartile mean is that of `statistics.bootstrap`.

    >>> describe([1.0, 2.0, 3.0, 10.0])
    (4.0, 4.08248290463863, 2.5, 2.5, 1.0, 10.0)
    """
    n = len(values)
    if n == 0:
        return math.nan, math.nan, math.nan, math.nan, math.nan, math.nan
    ordered = sorted(values)
    average = mean(ordered)
    sd = _spread([value - average for value in ordered], n - 1) if n > 1 else math.nan
    median, iqm = (mean(ordered[cut(n) : n - cut(n)]) for cut in CUTS.values())
    return average, sd, median, iqm, ordered[0], ordered[-1]


def mean(values: Sequence[float]) -> float:
    """Compute the mean of at least one value, exact before it is rounded."""
    try:
        return math.fsum(values) / len(values)
    except OverflowError:  # The sum is beyond float64; the mean is not.
        return math.fsum(value / len(values) for value in values)


def _spread(deviations: Sequence[float], freedom: int) -> float:
    with suppress(OverflowError):
        squares = math.fsum([deviation * deviation for deviation in deviations])
        if squares < math.inf:
            return math.sqrt(squares / freedom)
    return math.hypot(*deviations) / math.sqrt(freedom)  # the sum is beyond float64, its root is not
