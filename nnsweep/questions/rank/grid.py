"""The outcome of each cell with each seed, and the order of the cells. Only this module decides which is the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.search import RULED_OUT
from nnsweep.statistics.bootstrap import intervals
from nnsweep.statistics.intervals import wilson
from nnsweep.statistics.ranks import doubled_ranks
from nnsweep.status import ENDED
from nnsweep.tables.columns import Columns
from nnsweep.tables.summary import number_cells

if TYPE_CHECKING:
    import pandas as pd


NO_RACE: Mapping[tuple[Any, ...], str] = MappingProxyType({})
UNDECIDED: Mapping[tuple[Any, ...], str] = MappingProxyType({(): ""})
"""What a race says that was cut off, or of which trials are gone: any configuration may be the best."""
LAST = 1
"""The place of what a race ruled out."""


@dataclass(frozen=True)
class Grid:
    """The outcome of each cell with each seed, (cells, seeds). A lower `value` is better; infinite if diverged."""

    first: np.ndarray
    """The first row of each cell in the trials table, (cells,)."""
    ended: np.ndarray
    diverged: np.ndarray
    succeeded: np.ndarray
    value: np.ndarray
    sign: int
    """−1 if a higher metric is better, else 1."""
    place: np.ndarray
    """Which cells come first whatever their values are, (cells,): of a race, those with more seeds have less."""

    @staticmethod
    def of(
        trials: Columns | pd.DataFrame,
        cells: Sequence[str],
        seed: str | None,
        metric: str,
        lower: bool,
        success: bool = False,
        raced: Mapping[tuple[Any, ...], str] = NO_RACE,
    ) -> Grid:
        """Spread a trials table over its cells and seeds."""
        cell, first = number_cells(trials, cells)
        column = np.zeros(len(cell), dtype=np.intp) if seed is None else number_cells(trials, [seed])[0]
        status = np.asarray(trials["status"])

        def spread(values: Any, empty: Any) -> np.ndarray:
            table = np.full((len(first), column.max(initial=0) + 1), empty)
            table[cell, column] = values
            return table

        sign = 1 if lower else -1
        measured = trials[metric] if metric in trials else np.full(len(cell), np.nan)  # no trial returned it
        values, diverged = sign * np.asarray(measured, dtype=float), status == "diverged"
        known = np.bincount(cell, weights=~np.isnan(values), minlength=len(first))[cell] > 0
        # A trial without the metric is no success if others of its cell have it. It cannot be ranked by the metric.
        unsuccessful = diverged | (success & known & (status == "ok"))
        values = np.where(np.isnan(values) & unsuccessful, np.inf, values)
        succeeded = (
            np.asarray(trials["success"], dtype=bool) if "success" in trials else np.zeros(len(cell), dtype=bool)
        )
        ended = np.logical_or.reduce([status == end for end in ENDED]) & ~np.isnan(values)
        values = np.where(ended, values, np.nan)
        return Grid(
            first,
            spread(ended, False),
            spread(ended & diverged, False),
            spread(ended & succeeded, False),
            spread(values, np.nan),
            sign,
            _places(trials, cells, first, np.bincount(cell), raced),
        )

    def ranked(self, success: bool, average: str = "median") -> np.ndarray:
        """List the numbers of the cells in which any trial ended, the best first.

        Of a race, those with more seeds come first, and last those that it ruled out. Next is, with `success`, the
        rate. Then the median of the metric decides; a diverged trial counts as worse than any value. If both medians
        are those of diverged trials, the smaller share of diverged trials decides, then the median of the others. Cells
        that are still equal keep the order of the grid. `average` may be `mean` instead, which is that of a diverged
        trial if there is one.
        """
        return ranked(self.sort_keys(success, average))

    def sort_keys(self, success: bool, average: str = "median") -> np.ndarray:
        """Give for each cell how many trials ended, then what it is ranked by, the last first, (keys, cells)."""
        finished = self.ended.sum(axis=1)
        share_diverged = np.isinf(self.value).sum(axis=1) / np.maximum(1, finished)
        of_rows = AVERAGES[average]
        last_first = [of_rows(self._finite), share_diverged, of_rows(self.value)]
        last_first += [-self.succeeded.sum(axis=1) / np.maximum(1, finished)] if success else []
        return np.array([finished, *last_first, self.place])

    @property
    def _finite(self) -> np.ndarray:
        return np.where(np.isinf(self.value), np.nan, self.value)

    def rates(self) -> dict[str, np.ndarray]:
        """Count the successes, and compute the rates with Wilson's intervals."""
        finished, successes = self.ended.sum(axis=1), self.succeeded.sum(axis=1)
        low, high = wilson(successes, finished)
        rate = successes / np.where(finished > 0, finished, np.nan)
        return {"successes": successes, "rate": rate, "rate_low": low, "rate_high": high}

    def averages(self, average: str = "median") -> dict[str, np.ndarray]:
        """Compute the averages of the finite values: medians have intervals."""
        if average == "mean":
            return {"mean": means_of_rows(self.sign * self._finite)}
        values = np.sort(self.sign * self._finite, axis=1)  # NaN last
        count = (~np.isnan(values)).sum(axis=1)
        low, high = intervals(values.ravel(), np.arange(len(values)) * values.shape[1], count, "median")
        return {"median": medians_of_rows(values), "median_low": low, "median_high": high}

    def scores(self, success: bool) -> np.ndarray:
        """Score each trial, larger is better: success as 0 or 1, or twice the rank of its value over all trials.

        A trial that has not ended has 0.
        """
        if success:
            return self.succeeded.astype(int)
        return doubled_ranks(-self.value.reshape(1, -1)).reshape(self.value.shape)


def _places(
    trials: Columns | pd.DataFrame,
    cells: Sequence[str],
    first: np.ndarray,
    seeds: np.ndarray,
    raced: Mapping[tuple[Any, ...], str],
) -> np.ndarray:
    if not raced:
        return np.zeros(len(first))
    rows = zip(*(np.asarray(trials[name])[first].tolist() for name in cells), strict=True)
    return np.where([raced.get(row) == RULED_OUT for row in rows], LAST, -seeds)


def ranked(keys: np.ndarray) -> np.ndarray:
    """List the cells in which any trial ended, the best first, by their `Grid.sort_keys`."""
    finished, *last_first = keys
    return np.array([cell for cell in np.lexsort(last_first) if finished[cell]], dtype=np.intp)


def medians_of_rows(values: np.ndarray) -> np.ndarray:
    """Compute the median of each row without its NaN, (cells, seeds) to (cells,); NaN if a row has no number."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = (~np.isnan(values)).sum(axis=1)
    low, high = (ordered[np.arange(len(values)), np.maximum(place, 0)] for place in ((count - 1) // 2, count // 2))
    with np.errstate(over="ignore"):  # the sum of very large numbers is infinite; adding their halves loses no digit
        middle = (low + high) / 2
    return np.where(low == high, low, np.where(np.isinf(middle), low / 2 + high / 2, middle))


def means_of_rows(values: np.ndarray) -> np.ndarray:
    """Compute the mean of each row without its NaN, (cells, seeds) to (cells,); NaN if a row has no number."""
    count = (~np.isnan(values)).sum(axis=1)
    with np.errstate(over="ignore"):  # the sum of very large numbers is infinite
        return np.divide(np.nansum(values, axis=1), count, out=np.full(len(values), np.nan), where=count > 0)


AVERAGES = {"median": medians_of_rows, "mean": means_of_rows}
