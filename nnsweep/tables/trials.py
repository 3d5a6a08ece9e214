"""The trials table: one row for each trial, in grid order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnsweep.design.sweep import Axis, Sweep
from nnsweep.format import count_trials
from nnsweep.tables import failure_patterns
from nnsweep.tables.columns import Columns, column
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import to_digits
from nnsweep.trials.outcomes import MISSING, NAMES, STATUSES, Ends
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    from nnsweep.trainers.protocol import Outcome


def trials_table(
    sweep: Sweep, trials: Sequence[Trial], outcomes: Mapping[str, Outcome], metrics: Sequence[str]
) -> Columns:
    """Make a row for each trial: `id`, the axes, `status`, the metrics, `success` if defined, and `signature`.

    A trial without an outcome has the status `missing`. A metric that a trial does not have is NaN, and the trial is
    then no success. A trial fails if it did not end well, or measures the metric of success and is no success; its
    `signature` names the failure pattern, which is empty for other trials. The table holds no times, so that it is the
    same when it is made again.
    """
    grid, ends = Grid.of(trials), Ends.of(trials, outcomes)
    columns: Columns = {"id": to_digits(grid.ids)} | {axis.column: axis_column(grid, axis) for axis in sweep.axes}
    columns |= {"status": NAMES[ends.status]} | {metric: ends.metric(metric) for metric in metrics}
    failing = (ends.status != STATUSES.index("ok")) & (ends.status != MISSING)
    if sweep.success is not None:
        judged = ends.metric(sweep.success.metric)
        columns["success"] = sweep.success.holds(judged)
        failing |= ~np.isnan(judged) & ~columns["success"]
    columns["signature"] = failure_patterns.signatures(ends.status, failing, failure_patterns.numbers(ends))
    return columns


def axis_column(trials: Sequence[Trial], axis: Axis) -> np.ndarray:
    """Give the value of every trial on an axis, as tables show it."""
    shown = list(axis.shown.items())
    places = Grid.of(trials).places(axis.name, [value for value, _ in shown])
    there = np.bincount(places, minlength=len(shown)) > 0  # the kind of a column depends on no other value
    values = column([text for (_, text), is_there in zip(shown, there.tolist(), strict=True) if is_there])
    return values[(np.cumsum(there) - 1)[places]]


def ends(trials: Columns) -> str:
    """Count the trials by status."""
    counts = Counter(trials["status"].tolist()).most_common()
    return f"{count_trials(len(trials['id']))}: {', '.join(f'{count:,} {status}' for status, count in counts)}"
