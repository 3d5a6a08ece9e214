"""By what cells are ranked, and their order: the command line, the page and notebooks all ask here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.nn import higher_is_better
from nnsweep.questions.rank.grid import Grid

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.tables import Columns


@dataclass(frozen=True)
class Criterion:
    """Success, and where it is equal the median of a metric; or that median alone."""

    metric: str
    by_success: bool
    lower: bool
    """Whether less of the metric is better."""


def choose_criterion(sweep: Sweep, measured: Sequence[str], metric: str = "", highest: bool | None = None) -> Criterion:
    """Rank by success, or by the median of a metric where one is named; without a [success], of the first metric.

    The lowest median is best; the highest if `highest`, or by default if the metric is better when it is higher, or
    success asks it to be above a bound.

    Raises:
        NnsweepError: the sweep does not measure the metric, or nothing.
    """
    success = sweep.success
    if metric and metric not in measured:
        raise NnsweepError(f"{sweep.name}: no metric `{metric}`; allowed: {', '.join(measured) or 'none'}")
    if not measured:
        raise NnsweepError(f"{sweep.name}: no trial has a metric; there is no best")
    ranked = metric or (success.metric if success else measured[0])
    if highest is None:
        highest = not success.lower if success and success.metric == ranked else higher_is_better(ranked)
    return Criterion(ranked, success is not None and not metric, not highest)


def measured_metrics(trials: Columns | pd.DataFrame) -> list[str]:
    """List the metrics that a trials table has: its columns of numbers after the status."""
    names = [str(name) for name in trials]
    return [name for name in names[names.index("status") :] if np.asarray(trials[name]).dtype.kind == "f"]


def order_cells(sweep: Sweep, trials: Columns | pd.DataFrame) -> list[int]:
    """List the rows of the summary, the best first; cells in which no trial ended are not there.

    By the criterion that is the sweep's own. `Grid.ranked` tells how ties are broken.
    """
    measured = measured_metrics(trials)
    if not measured:
        return []
    found = choose_criterion(sweep, measured)
    grid = Grid.of(trials, sweep.cell_names, sweep.seed_name, found.metric, found.lower, found.by_success)
    return grid.ranked(found.by_success).tolist()
