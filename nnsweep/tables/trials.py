"""The trials table: one row for each trial, in grid order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.format import count_trials
from nnsweep.tables import failure_patterns
from nnsweep.tables.columns import Columns, column

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
    found = [outcomes.get(trial.id) for trial in trials]
    columns = {"id": np.array([trial.id for trial in trials], dtype=object)}
    for axis in sweep.axes:
        columns[axis.column] = column([axis.shown[trial.settings[axis.name]] for trial in trials])
    status = np.array(["missing" if outcome is None else outcome.status for outcome in found], dtype=object)
    columns["status"], failing = status, (status != "ok") & (status != "missing")
    columns |= {metric: _metric(found, metric) for metric in metrics}
    if sweep.success is not None:
        judged = _metric(found, sweep.success.metric)
        columns["success"] = sweep.success.holds(judged)
        failing |= ~np.isnan(judged) & ~columns["success"]
    columns["signature"] = failure_patterns.signatures(status, failing, failure_patterns.numbers(found))
    return columns


def _metric(outcomes: Sequence[Outcome | None], name: str) -> np.ndarray:
    found = [math.nan if outcome is None else outcome.metrics.get(name, math.nan) for outcome in outcomes]
    return np.array(found, dtype=np.float64)


def ends(trials: Columns) -> str:
    """Count the trials by status."""
    counts = Counter(trials["status"].tolist()).most_common()
    return f"{count_trials(len(trials['id']))}: {', '.join(f'{count:,} {status}' for status, count in counts)}"
