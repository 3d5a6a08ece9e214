"""The best configuration, and those that may be the best instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from nnsweep.questions.compare.table import ENDED
from nnsweep.statistics.bootstrap import intervals
from nnsweep.statistics.intervals import wilson
from nnsweep.statistics.optimism import fresh_values
from nnsweep.statistics.power import seeds_needed, seeds_needed_by_rank
from nnsweep.statistics.subset import best_set
from nnsweep.tables.summary import number_cells


def best(
    trials: pd.DataFrame,
    cells: Sequence[str],
    seed: str | None,
    metric: str,
    *,
    success: bool = True,
    lower: bool = True,
    told: int | None = None,
) -> pd.DataFrame:
    """Rank the cells of the axes `cells`, and find those that may be the best; trials are paired by the column `seed`.

    The table has a row for each cell in which any trial ended well or diverged, the best first. Cells are ranked by
    their success rate, and equal ones by the median of `metric`, the lower the better (or, if not `lower`, the higher);
    without `success`, by the median alone. A trial that diverged is no success, and its metric worse than any other;
    one that ended well without the metric is no success.

    `rank`, the axes, `finished` trials and of these `diverged`; `successes`, `rate`, `rate_low`, `rate_high` (Wilson),
    if there is `success`; `{metric}_median` of the values there are, with its interval, `{metric}_median_low` and
    `_high`. `p` is that of the hypothesis "no other cell is better", by the joint maximum over all other cells under
    sign flips of the seeds, of success, or without `success` of the ranks of the metric over all trials;
    `p_error` its Monte Carlo standard error, 0 where all flips were taken; `among_best` is true of the cells with
    p > 0.05 and of the first: the truly best cell is among them in 95 % of sweeps (`statistics.best_set`). Then against
    the first: `pairs` of trials, and the `difference` of the rate, or without `success` of the median of the metric;
    of the cells among the best `seeds_needed` to tell them from the first if what was observed is the truth (see
    `analysis.power`), missing where that is more than 100,000, and beyond the first `told` ranks: it takes most of the
    time.
    """
    grid = _Grid.of(trials, list(cells), seed, metric, lower, success)
    order = grid.ranked(success)
    columns = {"finished": grid.ended.sum(axis=1), "diverged": grid.diverged.sum(axis=1)}
    columns |= grid.rates() if success else {}
    columns |= {f"{metric}_{name}": column for name, column in grid.medians().items()}
    found = best_set(grid.scores(success), grid.ended)
    columns |= {"p": found.p, "p_error": found.error, "among_best": found.stays}
    settings = trials[list(cells)].iloc[grid.first].reset_index(drop=True)
    table = pd.concat([settings, pd.DataFrame(columns)], axis="columns").iloc[order].reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table.loc[:0, "among_best"] = True
    asked = table["among_best"].to_numpy(bool) & (np.arange(len(table)) < (len(table) if told is None else told))
    against = grid.by_success(order, asked) if success else grid.by_metric(order, asked)
    return pd.concat([table, against], axis="columns")


def on_fresh_seeds(
    trials: pd.DataFrame,
    cells: Sequence[str],
    seed: str | None,
    metric: str,
    *,
    success: bool = True,
    lower: bool = True,
) -> float:
    """Estimate what the best cell gives on seeds that did not choose it: its success rate, or its median of `metric`.

    By cross-validation over the seeds (`statistics.fresh_values`); NaN where fewer than two seeds ended.
    """
    grid = _Grid.of(trials, list(cells), seed, metric, lower)
    ranks = np.where(grid.ended, grid.scores(success=False), np.nan)
    if not success:
        values = np.where(np.isfinite(grid.value), grid.sign * grid.value, np.nan)
        return float(_medians(fresh_values(ranks, values)[None])[0])
    successes = np.where(grid.ended, grid.succeeded, np.nan)
    equal = ranks / (2 * ranks.size * max(1, ranks.shape[1]))  # decides between equal numbers of successes alone
    values = fresh_values(successes + equal, successes)
    return float(np.nanmean(values)) if np.isfinite(values).any() else nan


@dataclass(frozen=True)
class _Grid:
    """What became of each cell with each seed, (cells, seeds): values are lower for better, infinite if diverged."""

    first: np.ndarray
    """The first row of each cell in the trials table, (cells,)."""
    ended: np.ndarray
    diverged: np.ndarray
    succeeded: np.ndarray
    value: np.ndarray
    sign: int
    """−1 if the metric is the better the higher."""

    @staticmethod
    def of(
        trials: pd.DataFrame, cells: list[str], seed: str | None, metric: str, lower: bool, success: bool = False
    ) -> _Grid:
        cell, first = number_cells(trials, cells)
        column = pd.factorize(trials[seed])[0] if seed is not None else np.zeros(len(trials), dtype=np.intp)

        def spread(values: Any, empty: Any) -> np.ndarray:
            found = np.full((len(first), column.max(initial=0) + 1), empty)
            found[cell, column] = values
            return found

        sign = 1 if lower else -1
        known = np.bincount(cell, weights=trials[metric].notna(), minlength=len(first))[cell] > 0
        values, diverged = sign * trials[metric].to_numpy(dtype=float), (trials["status"] == "diverged").to_numpy()
        # Without its metric a trial is no success, where others of its cell have it; it has no place by the metric.
        unsuccessful = diverged | (success & known & (trials["status"] == "ok").to_numpy())
        values = np.where(np.isnan(values) & unsuccessful, np.inf, values)
        succeeded = trials["success"].to_numpy(dtype=bool) if "success" in trials else np.zeros(len(trials), dtype=bool)
        ended = trials["status"].isin(ENDED).to_numpy() & ~np.isnan(values)
        values = np.where(ended, values, np.nan)
        return _Grid(
            first,
            spread(ended, False),
            spread(ended & diverged, False),
            spread(ended & succeeded, False),
            spread(values, np.nan),
            sign,
        )

    def ranked(self, success: bool) -> np.ndarray:
        """Number the cells in which any trial ended, the best first; equal ones in the order of the grid.

        Cells whose median trial diverged have equal medians: fewer of them, then the values that there are, decide.
        """
        middle, diverged = (
            _medians(self.value),
            np.isinf(self.value).sum(axis=1) / np.maximum(1, self.ended.sum(axis=1)),
        )
        last_first = [self.sign * self.medians()["median"], diverged, middle]
        last_first += [-self.rates()["rate"]] if success else []
        return np.array([cell for cell in np.lexsort(last_first) if self.ended[cell].any()], dtype=np.intp)

    def rates(self) -> dict[str, np.ndarray]:
        finished, successes = self.ended.sum(axis=1), self.succeeded.sum(axis=1)
        low, high = wilson(successes, finished)
        rate = successes / np.where(finished > 0, finished, np.nan)
        return {"successes": successes, "rate": rate, "rate_low": low, "rate_high": high}

    def medians(self) -> dict[str, np.ndarray]:
        """Medians of the values there are, with their intervals."""
        values = np.sort(np.where(np.isinf(self.value), np.nan, self.sign * self.value), axis=1)  # NaN last
        count = (~np.isnan(values)).sum(axis=1)
        low, high = intervals(values.ravel(), np.arange(len(values)) * values.shape[1], count, "median")
        return {"median": _medians(values), "median_low": low, "median_high": high}

    def scores(self, success: bool) -> np.ndarray:
        """Whole numbers, the larger the better: success, or twice the rank of the value over all trials."""
        if success:
            return self.succeeded.astype(int)
        from scipy.stats import rankdata

        ranks = rankdata(-self.value, nan_policy="omit").reshape(self.value.shape)
        return np.where(self.ended, 2 * ranks, 0).astype(int)

    def by_success(self, order: np.ndarray, asked: np.ndarray) -> pd.DataFrame:
        """Hold the success of each cell against that of the first; how many seeds would tell is `asked` of some."""
        both = self._paired(order)
        a, b = self.succeeded[order[:1]], self.succeeded[order]
        gained, lost, pairs = ((mask & both).sum(axis=1).tolist() for mask in (b & ~a, a & ~b, both))
        counts = list(zip(gained, lost, pairs, strict=True))
        differences = [(gained - lost) / pairs if pairs else nan for gained, lost, pairs in counts]
        return _against(
            pairs, differences, [seeds_needed(*counts[at]) if asked[at] else None for at in range(len(asked))]
        )

    def by_metric(self, order: np.ndarray, asked: np.ndarray) -> pd.DataFrame:
        """Hold the metric of each cell against that of the first; how many seeds would tell is `asked` of some."""
        both, a = self._paired(order), self.value[order[:1]]
        with np.errstate(invalid="ignore"):  # where both diverged
            gap = np.where(a == self.value[order], 0.0, self.sign * (self.value[order] - a))
        gaps = [own[pairs] for own, pairs in zip(gap, both, strict=True)]
        finite = np.where(both & np.isfinite(gap), gap, np.nan)
        seeds = [seeds_needed_by_rank(gaps[at]) if asked[at] else None for at in range(len(asked))]
        return _against([len(each) for each in gaps], _medians(finite).tolist(), seeds)

    def _paired(self, order: np.ndarray) -> np.ndarray:
        """Tell the seeds with which a cell and the first both ended, (cells, seeds); none of the first itself."""
        both = self.ended[order] & self.ended[order[:1]]
        both[:1] = False
        return both


def _medians(values: np.ndarray) -> np.ndarray:
    """Medians of rows without their NaN, (cells, seeds) to (cells,); NaN of a row without any."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = (~np.isnan(values)).sum(axis=1)
    low, high = (ordered[np.arange(len(values)), np.maximum(place, 0)] for place in ((count - 1) // 2, count // 2))
    return np.where(low == high, low, (low + high) / 2)


def _against(pairs: Sequence[int], differences: Sequence[float], seeds: Sequence[int | None]) -> pd.DataFrame:
    needed = pd.Series(seeds, dtype="Int64")
    return pd.DataFrame({"pairs": pairs, "difference": differences, "seeds_needed": needed})
