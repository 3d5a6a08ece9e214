"""The metrics of a sweep: those that its trainer names, or those that its trials returned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import Sweep
from nnsweep.errors import SpecError
from nnsweep.sweepfile.problems import Problem, show
from nnsweep.tables.columns import Columns, length
from nnsweep.tables.summary import number_cells
from nnsweep.trainers.protocol import EPOCH
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import STATUSES, Ends
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    from nnsweep.trainers.protocol import Trainer

LOOKED_AT = 100
"""Trials whose histories tell what failed trials logged."""


def named(trainer: Trainer, trials: Sequence[Trial]) -> list[str]:
    """List the metrics that the trials measure, in the trainer's order; empty if the trainer does not know them."""
    measured = {name for params in Grid.of(trials).kinds.first.params() for name in trainer.measured(params)}
    return [name for name in trainer.metrics if name in measured]


def seen(table: Columns, axes: Sequence[str], metrics: Sequence[str], metric: str | None) -> NDArray[np.bool_]:
    """Return which trials of a table measure a metric: those of cells that have it, or have no metric at all.

    A trainer is not asked, so that a sweep says the same when it has run and when it is opened from its store. A metric
    that it names may have no value in any trial of a cell, because of the samples.
    """
    if metric is None:
        return np.zeros(length(table), dtype=bool)
    if metric not in metrics:  # No trial has returned anything.
        return np.ones(length(table), dtype=bool)
    cell, first = number_cells(table, axes)
    there = {name: np.bincount(cell[~np.isnan(table[name])], minlength=len(first)) > 0 for name in metrics}
    return (there[metric] | ~np.logical_or.reduce(list(there.values())))[cell]


def returned(sweep: Sweep, parts: Iterable[Ends]) -> list[str]:
    """List the metrics that trials returned, in order of appearance; the trials are given in parts.

    If none returned any, these are what the first trials logged before they failed: their curves are in the history.

    Raises:
        SpecError: the metric of [success] is not among them.
    """
    found, first = dict[str, None](), None
    for ends in parts:
        found |= dict.fromkeys(_in_order(ends))
        first = first or ends
    names = list(found)
    if not names and first is not None:
        return _logged(first)
    if names and sweep.success and sweep.success.metric not in names:
        metric = sweep.success.metric
        problem = Problem((), "`metric` in [success]: no trial returned it", show(metric), tuple(names), metric)
        raise SpecError(f"{problem}. The trials are stored: mend the file and run it again")
    return names


def _logged(ends: Ends) -> list[str]:
    places = np.flatnonzero(ends.rows >= 0)[:LOOKED_AT]
    return [name for name in dict.fromkeys(chain(*ends.histories(places))) if name != EPOCH]


def _in_order(ends: Ends) -> list[str]:
    there = {name: ~np.isnan(ends.metric(name)) for name in ends.outcomes.metrics}
    first = {name: int(values.argmax()) for name, values in there.items() if values.any()}
    return sorted(first, key=lambda name: first[name])


def format_undefined(trainer: Trainer, trials: Sequence[Trial], ends: Ends) -> list[str]:
    """Format one line for each metric without a value in trials that ended well and measure it.

    There are no lines for trials that were opened by their sweep's name, because their parameters are not known.
    """
    grid = Grid.of(trials)
    if not grid.are_complete:
        return []
    ended = (ends.status == STATUSES.index("ok")).nonzero()[0]
    names = [set(trainer.measured(params)) for params in grid.kinds.first.params()]
    lines: list[str] = []
    for metric in trainer.metrics:
        lacking = np.isnan(ends.metric(metric))
        if lacking[ended].any():
            asked = ended[np.array([metric in each for each in names], dtype=bool)[grid.kinds.numbers[ended]]]
            without = int(lacking[asked].sum())
            if without:
                lines.append(
                    f"`{metric}` has no value in {without:,} of {len(asked):,} trials, because of their samples"
                )
    return lines
