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
from nnsweep.trials.ids import to_texts
from nnsweep.trials.outcomes import MISSING, NAMES, STATUSES, Ends, ids_of

if TYPE_CHECKING:
    from nnsweep.trainers.protocol import Outcome
    from nnsweep.trials.grid import Trial


def trials_table(
    sweep: Sweep, trials: Sequence[Trial], outcomes: Mapping[str, Outcome], metrics: Sequence[str]
) -> Columns:
    """Make a row for each trial: `id`, the axes, `status`, the metrics, `success` if defined, and `signature`.

    A trial without an outcome has the status `missing`. A metric that a trial does not have is NaN, and the trial is
    then no success. A trial fails if it did not end well, or measures the metric of success and is no success; its
    `signature` names the failure pattern, which is empty for other trials. The table holds no times, so that it is the
    same when it is made again.
    """
    ends = Ends.of(trials, outcomes)
    columns = {"id": to_texts(ids_of(trials))} | {axis.column: axis_column(trials, axis) for axis in sweep.axes}
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
    return column([axis.shown[trial.settings[axis.name]] for trial in trials])


def ends(trials: Columns) -> str:
    """Count the trials by status."""
    counts = Counter(trials["status"].tolist()).most_common()
    return f"{count_trials(len(trials['id']))}: {', '.join(f'{count:,} {status}' for status, count in counts)}"
