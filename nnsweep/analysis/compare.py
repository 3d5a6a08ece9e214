"""Two settings compared cell by cell, paired by seed: does one succeed more often, is its metric lower or higher?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nnsweep.analysis.paired import mcnemar, signed_rank

SUCCESSES = ("success_a", "success_b")
ENDED = ("ok", "diverged")
"""How trials end that say something of their parameters."""


def compare(
    first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str | None, metric: str
) -> pd.DataFrame:
    """Compare two trials tables, cell by cell of the axes `cells`, their trials paired by the column `seed`.

    `pairs` trials are in both. `difference` is the success rate of the second minus that of the first, with its
    interval and McNemar's exact p-value; `{metric}_difference` the median difference of the metric with a bootstrap
    interval and the p-value of Wilcoxon's signed-rank test. `p_holm` and `{metric}_p_holm` are adjusted over the cells
    (Holm 1979). A trial that diverged is no success and has no metric; one that failed is no pair.

    The tests are those of scipy.stats; `analysis.paired` tells how they and the intervals are made.
    """
    pairs = _paired(first, second, cells, seed, ["success", metric])
    rows = [settings | _success(pair) | _metric(pair, metric) for settings, pair in pairs]
    return _adjusted(pd.DataFrame(rows), ("p", f"{metric}_p"))


def compare_success(first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str | None) -> pd.DataFrame:
    """Compare the success of two trials tables, and no metric: `compare` in a tenth of its time."""
    rows = [settings | _success(pair) for settings, pair in _paired(first, second, cells, seed, ["success"])]
    return _adjusted(pd.DataFrame(rows), ("p",))


class Overall(NamedTuple):
    """Success over all cells: of how many pairs, in how many seeds oftener or less often, and the chance of that."""

    pairs: int
    successes_a: int
    successes_b: int
    seeds: int
    more: int
    less: int
    p: float


def overall(first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str) -> Overall:
    """Compare the success of two trials tables over all cells together, seed by seed.

    What a seed draws is the same in every cell, so that cells are no replicates of each other, but seeds are: `p` is
    that of Wilcoxon's signed-rank test on the seeds' differences in successes, each over all its cells.
    """
    pairs = _merged(first, second, [*cells, seed], ["success"])
    number, seeds = pd.factorize(pairs[seed])
    a, b = (np.bincount(number[pairs[name].to_numpy(bool)], minlength=len(seeds)) for name in SUCCESSES)
    more, less, p = int((b > a).sum()), int((b < a).sum()), signed_rank((b - a).astype(float)).p
    return Overall(len(pairs), int(a.sum()), int(b.sum()), len(seeds), more, less, p)


def _paired(
    first: pd.DataFrame, second: pd.DataFrame, cells: Sequence[str], seed: str | None, columns: Sequence[str]
) -> Iterator[tuple[dict[Any, Any], pd.DataFrame]]:
    """Give for each cell its settings, and the columns of both tables side by side, ending in `_a` and `_b`."""
    pairs = _merged(first, second, [*cells, seed] if seed is not None else cells, columns)
    whole = [((), pairs)] if len(pairs) else []
    grouped = pairs.groupby(list(cells), sort=False) if cells else whole
    for key, pair in grouped:
        yield dict(zip(cells, key if isinstance(key, tuple) else (key,), strict=True)), pair


def _merged(first: pd.DataFrame, second: pd.DataFrame, keys: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    wanted = [*keys, *columns]
    first, second = (table.loc[table["status"].isin(ENDED), wanted] for table in (first, second))
    return first.merge(second, on=list(keys), suffixes=("_a", "_b"), sort=False, validate="one_to_one")


def _adjusted(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    for name in names if len(table) else ():
        table.insert(list(table.columns).index(name) + 1, f"{name}_holm", holm(table[name].to_numpy()))
    return table


def _success(pair: pd.DataFrame) -> dict[str, Any]:
    a, b = pair["success_a"].to_numpy(bool), pair["success_b"].to_numpy(bool)
    found: dict[str, Any] = {"pairs": len(pair), "successes_a": int(a.sum()), "successes_b": int(b.sum())}
    return found | mcnemar(int((b & ~a).sum()), int((a & ~b).sum()), len(pair))._asdict()


def _metric(pair: pd.DataFrame, metric: str) -> dict[str, Any]:
    gap = pair[f"{metric}_b"].to_numpy(float) - pair[f"{metric}_a"].to_numpy(float)
    gap = gap[~np.isnan(gap)]
    found = {"pairs": len(gap), **signed_rank(gap)._asdict()}
    return {f"{metric}_{name}": value for name, value in found.items()}


def holm(p: np.ndarray) -> np.ndarray:
    """Adjust p-values for their number, so that the chance of any false finding stays below the level (Holm 1979).

    The k-th smallest of m is multiplied by m − k + 1, and none is smaller than one before it; NaN stays, uncounted.

    >>> holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    adjusted = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    return adjusted
