"""The best configuration, and those that may be the best instead."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import pandas as pd

from nnsweep.questions.rank.grid import Grid, medians_of_rows
from nnsweep.statistics.optimism import fresh_values
from nnsweep.statistics.power import seeds_needed, seeds_needed_by_rank
from nnsweep.statistics.subset import best_set


def best(
    trials: pd.DataFrame,
    cells: Sequence[str],
    seed: str | None,
    metric: str,
    *,
    success: bool = True,
    lower: bool = True,
    listed: int | None = None,
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
    `statistics.power`), missing where that is more than 100,000, and beyond the first `listed` ranks, because it takes
    most of the time.
    """
    grid = Grid.of(trials, list(cells), seed, metric, lower, success)
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
    asked = table["among_best"].to_numpy(bool) & (np.arange(len(table)) < (len(table) if listed is None else listed))
    against = _by_success(grid, order, asked) if success else _by_metric(grid, order, asked)
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
    grid = Grid.of(trials, list(cells), seed, metric, lower)
    ranks = np.where(grid.ended, grid.scores(success=False), np.nan)
    if not success:
        values = np.where(np.isfinite(grid.value), grid.sign * grid.value, np.nan)
        return float(medians_of_rows(fresh_values(ranks, values)[None])[0])
    successes = np.where(grid.ended, grid.succeeded, np.nan)
    equal = ranks / (2 * ranks.size * max(1, ranks.shape[1]))  # decides between equal numbers of successes alone
    values = fresh_values(successes + equal, successes)
    return float(np.nanmean(values)) if np.isfinite(values).any() else nan


def _by_success(grid: Grid, order: np.ndarray, asked: np.ndarray) -> pd.DataFrame:
    """Compare the success of each cell with that of the first; say of the `asked` how many seeds would tell."""
    both = _paired(grid, order)
    a, b = grid.succeeded[order[:1]], grid.succeeded[order]
    gained, lost, pairs = ((mask & both).sum(axis=1).tolist() for mask in (b & ~a, a & ~b, both))
    counts = list(zip(gained, lost, pairs, strict=True))
    differences = [(gained - lost) / pairs if pairs else nan for gained, lost, pairs in counts]
    seeds = [seeds_needed(*each) if wanted else None for each, wanted in zip(counts, asked, strict=True)]
    return _against(pairs, differences, seeds)


def _by_metric(grid: Grid, order: np.ndarray, asked: np.ndarray) -> pd.DataFrame:
    """Compare the metric of each cell with that of the first; say of the `asked` how many seeds would tell."""
    both, a = _paired(grid, order), grid.value[order[:1]]
    with np.errstate(invalid="ignore"):  # where both diverged
        gap = np.where(a == grid.value[order], 0.0, grid.sign * (grid.value[order] - a))
    gaps = [own[pairs] for own, pairs in zip(gap, both, strict=True)]
    finite = np.where(both & np.isfinite(gap), gap, np.nan)
    seeds = [seeds_needed_by_rank(each) if wanted else None for each, wanted in zip(gaps, asked, strict=True)]
    return _against([len(each) for each in gaps], medians_of_rows(finite).tolist(), seeds)


def _paired(grid: Grid, order: np.ndarray) -> np.ndarray:
    """Tell the seeds with which a cell and the first both ended, (cells, seeds); none of the first itself."""
    both = grid.ended[order] & grid.ended[order[:1]]
    both[:1] = False
    return both


def _against(pairs: Sequence[int], differences: Sequence[float], seeds: Sequence[int | None]) -> pd.DataFrame:
    needed = pd.Series(seeds, dtype="Int64")
    return pd.DataFrame({"pairs": pairs, "difference": differences, "seeds_needed": needed})
