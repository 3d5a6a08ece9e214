"""The summary: one row per cell of the grid, its seeds aggregated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from nnsweep.analysis.bootstrap import CUTS, intervals
from nnsweep.analysis.intervals import wilson

COUNTS = ("n", "missing", "finished", "successes", "rate", "rate_low", "rate_high", "diverged", "failed")
STATISTICS = ("mean", "sd", "median", "iqm", "min", "max")
"""What is told of each metric, in columns `{metric}_mean` and so on; `sd` divides by n − 1.

`median` and `iqm` (interquartile mean) have intervals too: `{metric}_median_low`, `{metric}_median_high` and so on.
"""


def summary(
    table: pd.DataFrame,
    axes: Sequence[str],
    metrics: Sequence[str],
    success: bool = True,
    judged: ArrayLike | None = None,
) -> pd.DataFrame:
    """Aggregate a trials table over its seeds: one row per cell of `axes` (all but the seed), in its order.

    `n` trials have every metric that their cell measures and `missing` have not: each statistic is over these n.
    `finished` trials ended as ok or diverged; `rate` is `successes` / `finished`, so that a diverged trial
    counts as no success, and `rate_low` to `rate_high` is its Wilson 95 % interval. Of these are only trials that
    measure what success is of, those that `judged` tells (T,) or else all; a cell without any has no `successes`.
    `diverged` and `failed` (an error, a crash or a time-out) count the trials that did not end well.
    """
    axes, metrics = list(axes), list(metrics)
    cell, first = number_cells(table, axes)

    def count(mask: ArrayLike) -> np.ndarray:
        return np.bincount(cell[np.asarray(mask, dtype=bool)], minlength=len(first))

    whole = _whole(table[metrics].notna().to_numpy(dtype=bool), cell, len(first))
    columns: dict[str, Any] = {"n": count(whole), "missing": count(~whole)}
    if success:
        asked = np.ones(len(table), dtype=bool) if judged is None else np.asarray(judged)
        ended = table["status"].isin(["ok", "diverged"]).to_numpy()
        columns |= _rates(count(table["success"]), count(ended & asked), count(asked))
    for metric in metrics:
        columns |= _statistics(metric, table[metric].to_numpy()[whole], cell[whole], len(first))
    columns["diverged"] = count(table["status"] == "diverged")
    columns["failed"] = count(table["status"].isin(["failed", "crashed", "timeout"]))
    return pd.concat([table.loc[first, axes].reset_index(drop=True), pd.DataFrame(columns)], axis="columns")


def number_cells(table: pd.DataFrame, axes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Number each row's cell in order of appearance, and find each cell's first row."""
    if axes:
        cell = table.groupby(axes, sort=False, dropna=False).ngroup().to_numpy()
    else:
        cell = np.zeros(len(table), dtype=np.intp)
    return cell, np.unique(cell, return_index=True)[1]


def _whole(measured: np.ndarray, cell: np.ndarray, cells: int) -> np.ndarray:
    """Find the rows that have every metric which any row of their cell has, and have one at all."""
    in_cell = np.zeros((cells, measured.shape[1]), dtype=bool)
    np.logical_or.at(in_cell, cell, measured)
    return np.asarray((measured | ~in_cell[cell]).all(axis=1) & measured.any(axis=1))


def _rates(successes: np.ndarray, finished: np.ndarray, asked: np.ndarray) -> dict[str, Any]:
    low, high = wilson(successes, finished)
    rate = successes / np.where(finished > 0, finished, np.nan)
    counts = successes if asked.all() else pd.Series(successes, dtype="Int64").mask(asked == 0)
    return {"finished": finished, "successes": counts, "rate": rate, "rate_low": low, "rate_high": high}


def _statistics(metric: str, values: np.ndarray, cell: np.ndarray, cells: int) -> dict[str, np.ndarray]:
    ordered = values[np.lexsort((values, cell))]
    count = np.bincount(cell, minlength=cells)
    start = np.cumsum(count) - count
    rows = [describe(part.tolist()) for part in np.split(ordered, start[1:])] if cells else []
    numbers = np.array(rows, dtype=np.float64).reshape(cells, len(STATISTICS))
    columns: dict[str, np.ndarray] = {}
    for name, column in zip(STATISTICS, numbers.T, strict=True):
        columns[f"{metric}_{name}"] = column
        if name in CUTS:
            columns[f"{metric}_{name}_low"], columns[f"{metric}_{name}_high"] = intervals(ordered, start, count, name)
    return columns


def describe(values: Sequence[float]) -> tuple[float, float, float, float, float, float]:
    """Mean, standard deviation, median, interquartile mean, least and greatest; NaN where there are too few values.

    Sums are exact before they are rounded (`math.fsum`), so that equal values give equal tables, byte for
    byte, on every machine. The interquartile mean is that of `analysis.bootstrap`.

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
    """Mean of at least one value, exact before it is rounded."""
    try:
        return math.fsum(values) / len(values)
    except OverflowError:  # the sum is beyond float64, the mean is not
        return math.fsum(value / len(values) for value in values)


def _spread(deviations: Sequence[float], freedom: int) -> float:
    try:
        return math.sqrt(math.fsum(deviation**2 for deviation in deviations) / freedom)
    except OverflowError:
        return math.hypot(*deviations) / math.sqrt(freedom)
