"""Two settings compared cell by cell, paired by seed: does one succeed more often, is its metric lower or higher?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nnsweep.statistics.mean import mean_interval
from nnsweep.statistics.paired import Difference, mcnemar, signed_rank, signed_ranks
from nnsweep.statistics.sign_flips import max_t
from nnsweep.statistics.sign_flips import signed_ranks as rank_weights
from nnsweep.tables.summary import number_cells
from nnsweep.trainers.protocol import ENDED

SUCCESSES = ("success_a", "success_b")


def compare(
    first: pd.DataFrame,
    second: pd.DataFrame,
    cells: Sequence[str],
    seed: str | None,
    metric: str | None = None,
    *,
    success: bool = True,
) -> pd.DataFrame:
    """Compare two trials tables, cell by cell of the axes `cells`, their trials paired by the column `seed`.

    A row for each cell in which there is a pair. `pairs` trials are in both. With `success`: `difference` is the
    success rate of the second minus that of the first, with its interval (`low`, `high`) and McNemar's exact p-value
    `p`. With a `metric`: `{metric}_difference` is its median difference, with a bootstrap interval and the p-value of
    Wilcoxon's signed-rank test.

    `p_adjusted` and `{metric}_p_adjusted` are adjusted for the number of cells by the step-down maximum of studentised
    sums under sign flips of the seeds, all cells together (`statistics.max_t`): of success (b − c) / √(b + c) over the
    pairs that disagree, of a metric the sum of signed ranks over the root of the sum of their squares, which no outlier
    moves. `p_error` is the Monte Carlo standard error of the adjusted value, 0 where all flips were taken. A trial that
    diverged is no success and has no metric; one that failed is no pair.
    """
    columns = [*(["success"] if success else []), *([metric] if metric is not None else [])]
    pairs = Pairs.of(first, second, cells, seed, columns)
    parts = [pairs.settings]
    if success:
        parts.append(_success(pairs))
    if metric is not None:
        parts.append(_metric(pairs, metric))
    return pd.concat(parts, axis="columns")


class Overall(NamedTuple):
    """Success over all cells: of how many pairs, in how many seeds oftener or less often, and the chance of that."""

    pairs: int
    successes_a: int
    successes_b: int
    seeds: int
    more: int
    less: int
    difference: float
    """Of the success rates; a seed is the unit, so that the interval is one over seeds."""
    low: float
    high: float
    p: float


def overall(first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str) -> Overall:
    """Compare the success of two trials tables over all cells together, seed by seed.

    What a seed draws is the same in every cell, so that cells are no replicates of each other, but seeds are: the
    `difference` of the rates has a bootstrap interval over the seeds, and `p` is that of Wilcoxon's signed-rank test on
    the seeds' differences in successes, each over all its cells.
    """
    pairs = Pairs.of(first, second, cells, seed, ["success"])
    a, b = (np.nansum(pairs.values[name], axis=0) for name in SUCCESSES)
    count = pairs.there.sum(axis=0)
    interval = mean_interval(b - a, count)
    more, less, p = int((b > a).sum()), int((b < a).sum()), signed_rank(b - a).p
    return Overall(int(count.sum()), int(a.sum()), int(b.sum()), len(count), more, less, *interval, p)


def along(first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str, axis: str) -> pd.DataFrame:
    """Compare the success of two trials tables at each value of one axis of the cells, over all others together.

    A row for each value, in the order of the tables: the value under the axis' name, the `difference` of the success
    rates, and `p_adjusted`, by sign flips of the seeds adjusted for the number of values. Where the sign changes from
    one value to another, the two settings interact with the axis.
    """
    pairs = Pairs.of(first, second, cells, seed, ["success"])
    gap = np.where(pairs.there, pairs.values["success_b"] - pairs.values["success_a"], 0.0)
    values = list(dict.fromkeys(pairs.settings[axis].tolist()))
    at = np.array([[value == each for each in pairs.settings[axis].tolist()] for value in values], dtype=float)
    gained, count = at @ gap, at @ pairs.there.sum(axis=1)
    return pd.DataFrame(
        {axis: values, "difference": gained.sum(axis=1) / count, "p_adjusted": max_t(gained).p},
    )


class Pairs(NamedTuple):
    """Both tables side by side: values (cells, seeds), NaN where there is no pair, by column ending in `_a` or `_b`."""

    settings: pd.DataFrame
    there: np.ndarray
    values: dict[str, np.ndarray]

    @staticmethod
    def of(
        first: pd.DataFrame,
        second: pd.DataFrame,
        cells: Sequence[str],
        seed: str | None,
        columns: Sequence[str],
        seeds: Sequence[int] | None = None,
    ) -> Pairs:
        """Pair the trials of each cell by their seed; the columns are `seeds`, or those that there are."""
        pairs = _merged(first, second, [*cells, seed] if seed is not None else cells, columns)
        cell, start = number_cells(pairs, cells)
        found = pairs[seed].tolist() if seed is not None else [0] * len(pairs)
        places = {each: place for place, each in enumerate(dict.fromkeys(found) if seeds is None else seeds)}
        column = np.array([places[each] for each in found], dtype=np.intp)
        shape = len(start), len(places)
        there = np.zeros(shape, dtype=bool)
        there[cell, column] = True
        values = {f"{name}_{side}": np.full(shape, np.nan) for name in columns for side in "ab"}
        for name, spread in values.items():
            spread[cell, column] = pairs[name].to_numpy(float)
        return Pairs(pairs[list(cells)].iloc[start].reset_index(drop=True), there, values)


def _merged(first: pd.DataFrame, second: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    wanted = [*keys, *columns]
    first, second = (table.loc[table["status"].isin(ENDED), wanted] for table in (first, second))
    if not keys:  # one trial of each
        return first.merge(second, how="cross", suffixes=("_a", "_b"))
    return first.merge(second, on=list(keys), suffixes=("_a", "_b"), sort=False, validate="one_to_one")


def _success(pairs: Pairs) -> pd.DataFrame:
    a, b = (pairs.values[name] == 1 for name in SUCCESSES)
    gained, lost, count = ((mask & pairs.there).sum(axis=1) for mask in (b & ~a, a & ~b, pairs.there))
    tests = [mcnemar(*each) for each in zip(gained.tolist(), lost.tolist(), count.tolist(), strict=True)]
    weights = np.where(pairs.there, b.astype(int) - a, 0)
    successes = {"successes_a": a.sum(axis=1), "successes_b": b.sum(axis=1)}
    return pd.DataFrame({"pairs": count} | successes | _tested(tests, weights, count))


def _metric(pairs: Pairs, metric: str) -> pd.DataFrame:
    gap = pairs.values[f"{metric}_b"] - pairs.values[f"{metric}_a"]
    gaps = [row[~np.isnan(row)] for row in gap]
    count = np.array([len(row) for row in gaps], dtype=np.intp)
    found = {"pairs": count} | _tested(signed_ranks(gaps), rank_weights(gap), count)
    return pd.DataFrame({f"{metric}_{name}": column for name, column in found.items()})


def _tested(tests: Sequence[Difference], weights: np.ndarray, count: np.ndarray) -> dict[str, Any]:
    rows = np.array(tests, dtype=float).reshape(len(tests), len(Difference._fields))
    p, error = max_t(weights)
    adjusted = {"p_adjusted": np.where(count > 0, p, np.nan), "p_error": error}
    return dict(zip(Difference._fields, rows.T, strict=True)) | adjusted
