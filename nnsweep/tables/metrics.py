"""The metrics of a sweep: those that its trainer names, or those that its trials returned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import Sweep
from nnsweep.errors import SpecError
from nnsweep.sweepfile.problems import Problem, show
from nnsweep.tables.summary import number_cells

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.tables.columns import Columns
    from nnsweep.trainers.protocol import Outcome, Trainer
    from nnsweep.trials.grid import Trial


def named(trainer: Trainer, trials: Sequence[Trial]) -> list[str]:
    """List the metrics that the trials measure, in the trainer's order; empty if the trainer does not know them."""
    measured = {name for names in {trainer.measured(trial.params) for trial in trials} for name in names}
    return [name for name in trainer.metrics if name in measured]


def judged(sweep: Sweep, trainer: Trainer, trials: Sequence[Trial]) -> NDArray[np.bool_]:
    """Return which trials measure the metric of success; all if the trainer does not know."""
    metric = sweep.success.metric if sweep.success else None
    return np.array([metric in (trainer.measured(trial.params) or (metric,)) for trial in trials], dtype=bool)


def seen(table: pd.DataFrame, axes: Sequence[str], metrics: Sequence[str], metric: str | None) -> NDArray[np.bool_]:
    """Return from a trials table which trials measure a metric: those of cells that have it, or have no metric."""
    if metric is None:
        return np.zeros(len(table), dtype=bool)
    if metric not in metrics:  # No trial has returned anything.
        return np.ones(len(table), dtype=bool)
    there = table[list(metrics)].notna().groupby(number_cells(table, list(axes))[0]).transform("any")
    return (there[metric] | ~there.any(axis="columns")).to_numpy(dtype=bool)


def returned(sweep: Sweep, outcomes: Iterable[Outcome]) -> list[str]:
    """List the metrics that trials returned, in order of appearance.

    Raises:
        SpecError: the metric of [success] is not among them.
    """
    names = list(dict.fromkeys(name for outcome in outcomes for name in outcome.metrics))
    if names and sweep.success and sweep.success.metric not in names:
        metric = sweep.success.metric
        problem = Problem((), "`metric` in [success]: no trial returned it", show(metric), tuple(names), metric)
        raise SpecError(f"{problem}. The trials are stored: mend the file and run it again")
    return names


def format_undefined(trainer: Trainer, trials: Sequence[Trial], table: Columns) -> list[str]:
    """Format one line for each metric without a value in trials that ended well and measure it.

    There are no lines for trials that were opened by their sweep's name, because their parameters are not known.
    """
    if not all(trial.params_json for trial in trials):
        return []
    ended = (table["status"] == "ok").nonzero()[0]
    lines: list[str] = []
    for metric in trainer.metrics:
        if metric in table and np.isnan(table[metric][ended]).any():
            asked = [place for place in ended if metric in trainer.measured(trials[place].params)]
            without = int(np.isnan(table[metric][asked]).sum())
            if without:
                lines.append(
                    f"`{metric}` has no value in {without:,} of {len(asked):,} trials, because of their samples"
                )
    return lines
