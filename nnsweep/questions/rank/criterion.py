"""How cells are ranked. The command line, the page and notebooks all use this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.design.search import RACING
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.nn import higher_is_better
from nnsweep.questions.rank.grid import NO_RACE, UNDECIDED, Grid, ranked

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.tables import Columns


@dataclass(frozen=True)
class Criterion:
    """Rank by success and, among equals, by the median of a metric; or by its median or mean alone."""

    metric: str
    by_success: bool
    lower: bool
    """Whether a lower metric is better."""
    average: str = "median"
    """Which average over the seeds: `median`, or the `mean` that a search asks for."""


def choose_criterion(sweep: Sweep, measured: Sequence[str], metric: str = "", highest: bool | None = None) -> Criterion:
    """Choose success, or the median of `metric` if one is named. Without a [success], it is that of the first metric.

    A search that is judged by a metric is ranked by it, and by the average with which it judged.

    `highest` says whether the highest median is the best. The default depends on the metric, and on the direction of
    the bound of success if that is of the metric.

    Raises:
        NnsweepError: the sweep does not measure the metric, or measures nothing.
    """
    success, search = sweep.success, sweep.search
    if search is not None and not metric:
        metric = search.ranked_by
    if metric and metric not in measured:
        raise NnsweepError(f"{sweep.name}: no metric `{metric}`; allowed: {', '.join(measured) or 'none'}")
    if not measured:
        raise NnsweepError(f"{sweep.name}: no trial has a metric; there is no best")
    ranked = metric or (success.metric if success else measured[0])
    if highest is None and search is not None:
        highest = search.highest_of(ranked)
    if highest is None:
        highest = not success.lower if success and success.metric == ranked else higher_is_better(ranked)
    judged = search is not None and metric and metric in (search.metric, *search.own.get("metrics", ()))
    average = search.average if search is not None and judged else "median"
    return Criterion(ranked, success is not None and not metric, not highest, average)


def answer_of_race(sweep: Sweep, criterion: Criterion, measured: Sequence[str]) -> Mapping[tuple[Any, ...], str]:
    """Say why a race gave each configuration no more seeds; empty if none was by this criterion."""
    is_race = sweep.search is not None and sweep.search.method == RACING
    return sweep.stopped or UNDECIDED if is_race and criterion == choose_criterion(sweep, measured) else NO_RACE


def measured_metrics(trials: Columns | pd.DataFrame) -> list[str]:
    """List the metrics in a trials table: the columns of numbers after the status."""
    names = [str(name) for name in trials]
    return [name for name in names[names.index("status") :] if trials[name].dtype.kind == "f"]


def order_cells(sweep: Sweep, trials: Columns | pd.DataFrame) -> list[int]:
    """List the rows of the summary in which any trial ended, the best first by the sweep's own criterion.

    `Grid.ranked` documents how ties are broken.
    """
    return order_parts([sort_keys(sweep, trials)])


def sort_keys(sweep: Sweep, trials: Columns | pd.DataFrame) -> np.ndarray:
    """Give the `Grid.sort_keys` of a part of a sweep's cells, (keys, cells); none without what ranks."""
    measured = measured_metrics(trials)
    if not measured or (sweep.search is not None and sweep.search.ranked_by not in ("", *measured)):
        return np.empty((0, 0))
    criterion = choose_criterion(sweep, measured)
    metric, lower, raced = criterion.metric, criterion.lower, answer_of_race(sweep, criterion, measured)
    grid = Grid.of(trials, sweep.cell_names, sweep.seed_name, metric, lower, criterion.by_success, raced)
    return grid.sort_keys(criterion.by_success, criterion.average)


def order_parts(keys: Sequence[np.ndarray]) -> list[int]:
    """Order the cells of all parts, as `order_cells` does, by the keys of each part."""
    found = np.concatenate(keys, axis=1)
    return ranked(found).tolist() if found.size else []
