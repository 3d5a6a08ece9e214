"""Two settings compared cell by cell, paired by seed: does one succeed more often, is its metric lower or higher?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nnsweep.questions.rank.criterion import measured_metrics
from nnsweep.statistics.mean import mean_interval
from nnsweep.statistics.paired import Difference, mcnemar, signed_rank, signed_ranks
from nnsweep.statistics.sign_flips import max_t
from nnsweep.statistics.sign_flips import signed_ranks as rank_weights
from nnsweep.status import ENDED
from nnsweep.tables.metrics import seen
from nnsweep.tables.summary import number_cells

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
    """Compare two trials tables, cell by cell of the axes `cells`, with trials paired by the column `seed`.

    The result has one row per cell that has a pair; `pairs` counts the trials that are in both tables. With `success`,
    `difference` is the success rate of the second table minus that of the first, with its interval (`low`, `high`) and
    McNemar's exact p-value `p`. With a `metric`, `{metric}_difference` is the median difference, with a bootstrap
    interval and the p-value of Wilcoxon's signed-rank test.

    `p_adjusted` and `{metric}_p_adjusted` are adjusted for the number of cells by the step-down maximum of studentised
    sums under sign flips of the seeds, for all cells together (`statistics.max_t`). For success the statistic is
    (b − c) / √(b + c) over the pairs that disagree. For a metric it is the sum of signed ranks divided by the root of
    the sum of their squares, so that an outlier has no large effect. `p_error` is the Monte Carlo standard error of the
    adjusted value; it is 0 if all flips were computed. A diverged trial counts as no success and has no metric. A trial
    that failed is left out, with its partner.
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
    """Success over all cells: counts of pairs and successes, seeds with more and with less, and the p-value."""

    pairs: int
    successes_a: int
    successes_b: int
    seeds: int
    more: int
    less: int
    difference: float
    """The difference of the success rates. Its interval is over seeds, because a seed is the unit."""
    low: float
    high: float
    p: float


def overall(first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str) -> Overall:
    """Compare the success of two trials tables over all cells together, seed by seed.

    A seed draws the same numbers in every cell. Seeds are therefore replicates, and cells are not: the `difference` of
    the rates has a bootstrap interval over the seeds, and `p` is Wilcoxon's signed-rank test of the seeds' differences
    in successes, each summed over all cells.
    """
    pairs = Pairs.of(first, second, cells, seed, ["success"])
    a, b = (np.nansum(pairs.values[name], axis=0) for name in SUCCESSES)
    count = pairs.present.sum(axis=0)
    interval = mean_interval(b - a, count)
    more, less, p = int((b > a).sum()), int((b < a).sum()), signed_rank(b - a).p
    return Overall(int(count.sum()), int(a.sum()), int(b.sum()), len(count), more, less, *interval, p)


def along(first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str, axis: str) -> pd.DataFrame:
    """Compare the success of two trials tables at each value of one axis of the cells, over all others together.

    The result has one row per value, in the order of the tables: the value under the name of the axis, the
    `difference` of the success rates, and `p_adjusted`, by sign flips of the seeds and adjusted for the number of
    values. If the sign changes from one value to another, the two settings interact with the axis.
    """
    pairs = Pairs.of(first, second, cells, seed, ["success"])
    gap = np.where(pairs.present, pairs.values["success_b"] - pairs.values["success_a"], 0.0)
    values = list(dict.fromkeys(pairs.settings[axis].tolist()))
    at = np.array([[value == other for other in pairs.settings[axis].tolist()] for value in values], dtype=float)
    gained, count = at @ gap, at @ pairs.present.sum(axis=1)
    return pd.DataFrame(
        {axis: values, "difference": gained.sum(axis=1) / count, "p_adjusted": max_t(gained).p},
    )


def measuring(trials: pd.DataFrame, cells: Sequence[str], metric: str) -> pd.DataFrame:
    """Leave out the trials of cells that do not measure the metric of success; whether these succeed is not known."""
    metrics = measured_metrics(trials)
    needed = {name: trials[name].to_numpy() for name in (*cells, *metrics, "status")}
    keep = seen(needed, cells, metrics, metric)
    return trials if keep.all() else trials.loc[keep]


class Pairs(NamedTuple):
    """Two tables side by side. `values` (cells, seeds) have names ending in `_a` or `_b`, and NaN without a pair."""

    settings: pd.DataFrame
    present: np.ndarray
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
        """Pair the trials of each cell by their seed; the columns are `seeds`, by default all that occur."""
        pairs = _merged(first, second, [*cells, seed] if seed is not None else cells, columns)
        cell, start = number_cells(pairs, cells)
        seed_of_pair = pairs[seed].tolist() if seed is not None else [0] * len(pairs)
        places = {each: place for place, each in enumerate(dict.fromkeys(seed_of_pair) if seeds is None else seeds)}
        column = np.array([places[each] for each in seed_of_pair], dtype=np.intp)
        shape = len(start), len(places)
        present = np.zeros(shape, dtype=bool)
        present[cell, column] = True
        values = {f"{name}_{side}": np.full(shape, np.nan) for name in columns for side in "ab"}
        for name, spread in values.items():
            spread[cell, column] = pairs[name].to_numpy(float)
        return Pairs(pairs[list(cells)].iloc[start].reset_index(drop=True), present, values)


def _merged(first: pd.DataFrame, second: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    wanted = [*keys, *columns]
    first, second = (table.loc[table["status"].isin(ENDED), wanted] for table in (first, second))
    if not keys:  # one trial of each
        return first.merge(second, how="cross", suffixes=("_a", "_b"))
    return first.merge(second, on=list(keys), suffixes=("_a", "_b"), sort=False, validate="one_to_one")


def _success(pairs: Pairs) -> pd.DataFrame:
    a, b = (pairs.values[name] == 1 for name in SUCCESSES)
    gained, lost, count = ((mask & pairs.present).sum(axis=1) for mask in (b & ~a, a & ~b, pairs.present))
    tests = [mcnemar(*each) for each in zip(gained.tolist(), lost.tolist(), count.tolist(), strict=True)]
    weights = np.where(pairs.present, b.astype(int) - a, 0)
    successes = {"successes_a": a.sum(axis=1), "successes_b": b.sum(axis=1)}
    return pd.DataFrame({"pairs": count} | successes | _tested(tests, weights, count))


def _metric(pairs: Pairs, metric: str) -> pd.DataFrame:
    gap = pairs.values[f"{metric}_b"] - pairs.values[f"{metric}_a"]
    gaps = [row[~np.isnan(row)] for row in gap]
    count = np.array([len(row) for row in gaps], dtype=np.intp)
    columns = {"pairs": count} | _tested(signed_ranks(gaps), rank_weights(gap), count)
    return pd.DataFrame({f"{metric}_{name}": column for name, column in columns.items()})


def _tested(tests: Sequence[Difference], weights: np.ndarray, count: np.ndarray) -> dict[str, Any]:
    rows = np.array(tests, dtype=float).reshape(len(tests), len(Difference._fields))
    found = dict(zip(Difference._fields, rows.T, strict=True))
    p, error = max_t(weights)
    # No adjusted p-value is below the cell's own, which is exact; one from random flips may be, by chance.
    return found | {"p_adjusted": np.where(count > 0, np.fmax(p, found["p"]), np.nan), "p_error": error}
