"""The table of the best configuration, and the others that may be the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.questions.rank.grid import AVERAGES, LAST, NO_RACE, Grid
from nnsweep.statistics.optimism import fresh_values
from nnsweep.statistics.power import seeds_needed, seeds_needed_by_rank
from nnsweep.statistics.subset import BestSet, best_set
from nnsweep.tables.columns import Columns

if TYPE_CHECKING:
    import pandas as pd


def best(
    trials: Columns | pd.DataFrame,
    cells: Sequence[str],
    seed: str | None,
    metric: str,
    *,
    success: bool = True,
    lower: bool = True,
    listed: int | None = None,
    raced: Mapping[tuple[Any, ...], str] = NO_RACE,
    average: str = "median",
) -> Columns:
    """Rank the cells of the axes `cells`, and find those that may be the best. Trials are paired by the column `seed`.

    The table has one row per cell in which any trial ended well or diverged, the best first. With `success`, cells are
    ranked by their success rate, and equal ones by the median of `metric`; without it, by the median alone, or by the
    mean if that is the `average`. `lower` says whether less is better. A diverged trial counts as no success, and
    its metric as worse than any other. A trial that ended well without the metric counts as no success.

    The columns are:

    - `rank`, the axes, the `finished` trials, and how many of these `diverged`;
    - with `success`: `successes`, `rate`, `rate_low` and `rate_high` (Wilson);
    - `{metric}_median` of the finite values, with its interval, `{metric}_median_low` and `_high`; or `{metric}_mean`;
    - `p` of the hypothesis "no other cell is better", by the joint maximum over all other cells under sign flips of the
      seeds. It tests success or, without `success`, the ranks of the metric over all trials;
    - `p_error`, the Monte Carlo standard error of `p`, 0 if all flips were computed;
    - `among_best`, true for the first cell and for cells with p > 0.05. The truly best cell is among these in 95 % of
      sweeps (`statistics.best_set`);
    - `pairs` of trials with the first cell, and the `difference` from it, of the rate or of the average;
    - `seeds_needed` to tell a cell among the best from the first, if the observed results are the truth
      (`statistics.power`). It is missing above 100,000, and beyond the first `listed` ranks, because it takes most of
      the time.

    `raced` tells why a race gave each configuration no more seeds (`Sweep.raced`). `among_best` is then the answer of
    the race, and `p` is NaN.
    """
    grid = Grid.of(trials, list(cells), seed, metric, lower, success, raced)
    order = grid.ranked(success, average)
    columns = {"finished": grid.ended.sum(axis=1), "diverged": grid.diverged.sum(axis=1)}
    columns |= grid.rates() if success else {}
    columns |= {f"{metric}_{name}": column for name, column in grid.averages(average).items()}
    among_best = _of_race(grid.place) if raced else best_set(grid.scores(success), grid.ended)
    columns |= {"p": among_best.p, "p_error": among_best.error, "among_best": among_best.stays}
    rank = np.arange(1, len(order) + 1)
    settings = {name: np.asarray(trials[name])[grid.first[order]] for name in cells}
    table = {"rank": rank} | settings | {name: column[order] for name, column in columns.items()}
    table["among_best"][:1] = True
    wanted = table["among_best"] & (rank <= (len(order) if listed is None else listed))
    return table | (_by_success(grid, order, wanted) if success else _by_metric(grid, order, wanted, average))


def _of_race(place: np.ndarray) -> BestSet:
    """Return the answer of a race, which has no p-value: it is a test that was repeated."""
    return BestSet(np.full(len(place), nan), np.zeros(len(place)), place < LAST)


def without_intervals(table: Columns) -> Columns:
    """Leave out the intervals of a table of `best`: seeds that chose a configuration tell none for it."""
    return {name: values for name, values in table.items() if not name.endswith(("_low", "_high"))}


def on_fresh_seeds(
    trials: Columns | pd.DataFrame,
    cells: Sequence[str],
    seed: str | None,
    metric: str,
    *,
    success: bool = True,
    lower: bool = True,
    average: str = "median",
) -> float:
    """Estimate the success rate, or the average of `metric`, of the best cell on seeds that did not choose it.

    Uses cross-validation over the seeds (`statistics.fresh_values`). NaN if fewer than two seeds ended.
    """
    grid = Grid.of(trials, list(cells), seed, metric, lower)
    ranks = np.where(grid.ended, grid.scores(success=False), np.nan)
    if not success:
        values = np.where(np.isfinite(grid.value), grid.sign * grid.value, np.nan)
        scores = ranks if average == "median" else _means_first(grid)
        return float(AVERAGES[average](fresh_values(scores, values)[None])[0])
    successes = np.where(grid.ended, grid.succeeded, np.nan)
    several = 2 * ranks.size * max(1, ranks.shape[1])  # ranks only decide between equal numbers of successes
    values = fresh_values(several * successes + ranks, successes)
    return float(np.nanmean(values)) if np.isfinite(values).any() else nan


def _means_first(grid: Grid) -> np.ndarray:
    """Score trials so that the cell with the best mean is chosen, (cells, seeds); none with a diverged trial is."""
    return np.where(np.isinf(grid.value).any(axis=1, keepdims=True), nan, -grid.value)


def _by_success(grid: Grid, order: np.ndarray, wanted: np.ndarray) -> Columns:
    """Compare the success of each cell with that of the first; compute the seeds needed for the `wanted` cells."""
    both = _paired(grid, order)
    a, b = grid.succeeded[order[:1]], grid.succeeded[order]
    gained, lost, pairs = ((mask & both).sum(axis=1).tolist() for mask in (b & ~a, a & ~b, both))
    counts = list(zip(gained, lost, pairs, strict=True))
    differences = [(gained - lost) / pairs if pairs else nan for gained, lost, pairs in counts]
    seeds = [seeds_needed(*each) if is_wanted else None for each, is_wanted in zip(counts, wanted, strict=True)]
    return _against(pairs, differences, seeds)


def _by_metric(grid: Grid, order: np.ndarray, wanted: np.ndarray, average: str) -> Columns:
    """Compare the metric of each cell with that of the first; compute the seeds needed for the `wanted` cells."""
    both, a = _paired(grid, order), grid.value[order[:1]]
    with np.errstate(invalid="ignore"):  # infinity minus infinity, if both diverged
        gap = np.where(a == grid.value[order], 0.0, grid.sign * (grid.value[order] - a))
    gaps = [row[pairs] for row, pairs in zip(gap, both, strict=True)]
    finite = np.where(both & np.isfinite(gap), gap, np.nan)
    seeds = [seeds_needed_by_rank(row) if is_wanted else None for row, is_wanted in zip(gaps, wanted, strict=True)]
    return _against([len(row) for row in gaps], AVERAGES[average](finite).tolist(), seeds)


def _paired(grid: Grid, order: np.ndarray) -> np.ndarray:
    """Mark the seeds with which a cell and the first cell both ended, (cells, seeds); none for the first itself."""
    both = grid.ended[order] & grid.ended[order[:1]]
    both[:1] = False
    return both


def _against(pairs: Sequence[int], differences: Sequence[float], seeds: Sequence[int | None]) -> Columns:
    needed = np.array(seeds, dtype=object)
    return {"pairs": np.array(pairs), "difference": np.array(differences), "seeds_needed": needed}
