"""The history: how metrics went with the epochs, aggregated over seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nnsweep.spec.sweep import SEED, Sweep

if TYPE_CHECKING:
    from nnsweep.grid import Trial
    from nnsweep.trainers.protocol import Outcome

STATISTICS = ("mean", "lower", "median", "upper")
"""What is told of each metric, in columns `{metric}_mean` and so on; lower and upper are the quartiles."""


def history(
    sweep: Sweep, trials: Sequence[Trial], table: pd.DataFrame, outcomes: Mapping[str, Outcome], metrics: Sequence[str]
) -> pd.DataFrame:
    """Aggregate histories over the seeds: a row for each cell of the axes but the seed, and each epoch measured.

    `table` is the trials table, a row for each of `trials`. `n` trials have the epoch: the history of one that
    diverged ends before. Quartiles are interpolated linearly between the nearest two values.
    """
    axes = [axis.name for axis in sweep.axes if axis.parameter != SEED]
    cells: dict[tuple[object, ...], list[Outcome]] = {}
    for trial, *cell in zip(trials, *(table[name].tolist() for name in axes), strict=True):
        cells.setdefault(tuple(cell), []).extend(o for o in [outcomes.get(trial.id)] if o is not None and o.history)
    parts = [_of_cell(dict(zip(axes, cell, strict=True)), found, metrics) for cell, found in cells.items() if found]
    if not parts:
        return pd.DataFrame(columns=[*axes, "epoch", "n", *_columns(metrics)])
    return pd.concat(parts, ignore_index=True)


def _columns(metrics: Sequence[str]) -> list[str]:
    return [f"{metric}_{name}" for metric in metrics for name in STATISTICS]


def _of_cell(cell: dict[str, object], outcomes: Sequence[Outcome], metrics: Sequence[str]) -> pd.DataFrame:
    epochs = [_epochs(outcome) for outcome in outcomes]
    count = Counter(epoch for own in epochs for epoch in own)
    every = sorted(count)
    place = {epoch: column for column, epoch in enumerate(every)}
    columns: dict[str, object] = {"epoch": every, "n": [count[epoch] for epoch in every]}
    for metric in metrics:
        values = np.full((len(outcomes), len(every)), np.nan)
        for row, (outcome, own) in enumerate(zip(outcomes, epochs, strict=True)):
            values[row, [place[epoch] for epoch in own]] = outcome.history.get(metric, [np.nan] * len(own))
        columns |= _statistics(metric, values)
    frame = pd.DataFrame(columns)
    for position, (name, value) in enumerate(cell.items()):
        frame.insert(position, name, value)
    return frame


def _epochs(outcome: Outcome) -> list[int]:
    if "epoch" in outcome.history:
        return [int(epoch) for epoch in outcome.history["epoch"]]
    return list(range(1, 1 + max(map(len, outcome.history.values()))))


def _statistics(metric: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Aggregate (seeds, epochs) over the seeds, epoch by epoch; NaN where no seed has a value."""
    found = np.full((len(STATISTICS), values.shape[1]), np.nan)
    known = ~np.isnan(values).all(axis=0)
    if known.any():
        found[0, known] = np.nanmean(values[:, known], axis=0)
        found[1:, known] = np.nanpercentile(values[:, known], [25, 50, 75], axis=0)
    return {f"{metric}_{name}": row for name, row in zip(STATISTICS, found, strict=True)}


def has_curves(table: pd.DataFrame) -> bool:
    """Whether there is something to draw: two epochs at least."""
    return len(set(table["epoch"])) > 1
