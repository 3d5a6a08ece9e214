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
    sweep: Sweep,
    trials: Sequence[Trial],
    outcomes: Mapping[str, Outcome],
    metrics: Sequence[str],
    shown: Mapping[str, np.ndarray] | None = None,
) -> Columns:
    """Make a row for each trial: `id`, the axes, `status`, the metrics, `success` if defined, and `signature`.

    A trial without an outcome has the status `missing`. A metric that a trial does not have is NaN, and the trial is
    then no success. A trial fails if it did not end well, or measures the metric of success and is no success; its
    `signature` names the failure pattern, which is empty for other trials. The table holds no times, so that it is the
    same when it is made again. `shown` is what `shown_values` gives for all trials, if these are a part of them.
    """
    grid, ends = Grid.of(trials), Ends.of(trials, outcomes)
    shown = shown_values(sweep, grid) if shown is None else shown
    columns: Columns = {"id": to_digits(grid.ids)}
    columns |= {axis.column: shown[axis.name][grid.places(axis.name, list(axis.shown))] for axis in sweep.axes}
    columns |= {"status": NAMES[ends.status]} | {metric: ends.metric(metric) for metric in metrics}
    failing = (ends.status != STATUSES.index("ok")) & (ends.status != MISSING)
    if sweep.success is not None:
        judged = ends.metric(sweep.success.metric)
        columns["success"] = sweep.success.holds(judged)
        failing |= ~np.isnan(judged) & ~columns["success"]
    columns["signature"] = failure_patterns.signatures(ends.status, failing, failure_patterns.numbers(ends))
    return columns


def shown_values(sweep: Sweep, grid: Grid) -> dict[str, np.ndarray]:
    """Give for each axis its values as tables show them, (values,); what no trial has stands for nothing."""
    return {axis.name: _shown(axis, grid) for axis in sweep.axes}


def _shown(axis: Axis, grid: Grid) -> np.ndarray:
    texts = list(axis.shown.values())
    there = np.bincount(grid.places(axis.name, list(axis.shown)), minlength=len(texts)) > 0
    # The kind of a column depends on no value that no trial has.
    values = column([text for text, is_there in zip(texts, there.tolist(), strict=True) if is_there])
    return values[np.cumsum(there) - 1] if there.any() else values


def count_statuses(trials: Columns) -> Counter[str]:
    """Count the trials of each status."""
    return Counter(trials["status"].tolist())


def ends(statuses: Counter[str]) -> str:
    """Write how many trials have each status."""
    counts = ", ".join(f"{count:,} {status}" for status, count in statuses.most_common())
    return f"{count_trials(statuses.total())}: {counts}"
