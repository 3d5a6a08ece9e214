"""The best value that a search had found after each of its trainings, with a band over repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.places import Floats
from nnsweep.questions.search.configurations import Configurations
from nnsweep.tables import Columns
from nnsweep.trials.search.racing import FIRST

UNGUIDED = ("random", "sobol", "latin_hypercube")
"""Methods that learn nothing: they might as well have tried their configurations in another order."""
MIDDLE = 0.1, 0.9
"""The shares of repetitions between which a band lies."""
FEW = 10
"""With fewer repetitions a band goes from the worst to the best."""
ROUNDING = 1e-9
"""By how much a share that is computed from logarithms may be too small."""
ORDERS = "orders"
SEARCHES = "searches"


@dataclass(frozen=True)
class BestSoFar:
    """`table` has a row for each configuration or, of a race, each round: `trainings`, `epochs` where a search stops by
    them, and `value`, that of the best so far; with a band also `low` and `high`.

    `band` says what the band is over: `orders` of the same configurations, or `searches`, of which `lines` has the
    values of each, (searches, rows). It is empty without one.
    """

    table: Columns
    band: str = ""
    lines: Floats | None = None


def best_so_far(found: Configurations, others: Sequence[Configurations] = ()) -> BestSoFar:
    """Follow a search, alone or beside repetitions of it with other seeds, whose median is the value then.

    Alone, a search that learns nothing has a band over the orders in which it might have tried its configurations.
    """
    if others:
        return _beside([_followed(each) for each in (found, *others)])
    table = _followed(found)
    search = found.sweep.search
    if search is None or search.method not in UNGUIDED or found.count < 2:
        return BestSoFar(table)
    best_first = found.value[np.argsort(found.rank, kind="stable")]
    good, bad = (best_first[_rank_of_best(found.count, share)] for share in MIDDLE)
    ends = (bad, good) if found.is_better_higher else (good, bad)
    return BestSoFar({**table, "low": ends[0], "high": ends[1]}, ORDERS)


def _followed(found: Configurations) -> Columns:
    search = found.sweep.search
    if search is not None and search.method == "racing":
        return _rounds(found)
    trainings, best = np.cumsum(found.trained), np.empty(found.count, dtype=np.intp)
    epochs = found.epochs
    top, most = -1, 0.0
    for number in range(found.count):  # the best of those that trained longest so far
        longest = 0.0 if epochs is None else epochs[number]
        if found.rank[number] < found.count and (
            top < 0 or longest > most or (longest == most and found.rank[number] < found.rank[top])
        ):
            top, most = number, longest
        best[number] = top
    value = np.where(best < 0, np.nan, found.value[best])
    spent = {} if epochs is None else {"epochs": np.cumsum(_epochs_more(found, epochs) * found.trained)}
    return {"trainings": trainings, **spent, "value": value}


def _epochs_more(found: Configurations, epochs: Floats) -> Floats:
    """How many epochs each has trained beyond the one before it of the same training."""
    before: dict[int, float] = {}
    more = np.empty(found.count)
    for number, training in enumerate(found.training.tolist()):
        more[number] = epochs[number] - before.get(training, 0.0)
        before[training] = epochs[number]
    return more


def _rounds(found: Configurations) -> Columns:
    """Follow a race: after each of the seeds, the best of those that have it, by all seeds until then."""
    grid, by_success = found.grid, found.criterion.by_success
    there = np.cumsum(grid.ended, axis=1)
    seeds = np.arange(min(FIRST, grid.ended.shape[1]), grid.ended.shape[1] + 1)
    stored = [int(np.minimum(found.trained, count).sum()) for count in seeds.tolist()]
    values = [_best_of_round(found, there, count, by_success) for count in seeds.tolist()]
    return {"trainings": np.array(stored), "value": np.array(values)}


def _best_of_round(found: Configurations, there: NDArray[np.intp], count: int, by_success: bool) -> float:
    from nnsweep.questions.rank.grid import AVERAGES

    grid = found.grid
    racing = (found.trained >= count) & (there[:, count - 1] > 0)
    if not racing.any():
        return float("nan")
    averages = AVERAGES[found.criterion.average](grid.value[racing, :count])
    if not by_success:
        best = float(np.nanmin(averages)) if not np.isnan(averages).all() else float("nan")
        return grid.sign * best if np.isfinite(best) else float("nan")
    return float((grid.succeeded[racing, :count].sum(axis=1) / there[racing, count - 1]).max())


def _rank_of_best(count: int, share: float) -> NDArray[np.intp]:
    """Return the rank of the best of the first 1, 2, … of so many, (count,), that a share of all orders reaches.

    The best of k out of N has a rank above r, counted from 0, in C(N−r−1, k) / C(N, k) of the orders.
    """
    logs = np.array([lgamma(each + 1) for each in range(count + 1)])
    k = np.arange(1, count + 1)
    low, high = np.zeros(count, dtype=np.intp), np.full(count, count - 1, dtype=np.intp)
    while (low < high).any():  # the rank is searched by halves, of all k at once
        middle = (low + high) // 2
        left = count - 1 - middle
        some = np.maximum(left - k, 0)
        above = np.where(left >= k, np.exp(logs[left] - logs[some] - logs[count] + logs[count - k]), 0.0)
        reached = 1 - above >= share - ROUNDING
        low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
    return low


def _beside(tables: Sequence[Columns]) -> BestSoFar:
    """Put repetitions beside each other, after each number of trainings that all of them have reached."""
    along = "epochs" if all("epochs" in table for table in tables) else "trainings"
    first, end = max(table[along][0] for table in tables), min(table[along][-1] for table in tables)
    found = np.unique(np.concatenate([table[along] for table in tables]))
    found = found[(found >= first) & (found <= end)]
    lines = np.array([table["value"][np.searchsorted(table[along], found, side="right") - 1] for table in tables])
    known = ~np.isnan(lines).any(axis=0)
    found, lines = found[known], lines[:, known]
    shares = (0.0, 1.0) if len(tables) < FEW else MIDDLE
    low, high = (np.quantile(lines, share, axis=0) for share in shares)
    return BestSoFar({along: found, "value": np.median(lines, axis=0), "low": low, "high": high}, SEARCHES, lines)
