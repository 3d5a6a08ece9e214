"""The history: metrics over the epochs, aggregated over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.statistics.bootstrap import intervals
from nnsweep.tables.columns import Columns
from nnsweep.tables.summary import mean, number_cells
from nnsweep.trials.outcomes import Ends, History

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.trainers.protocol import Outcome
    from nnsweep.trials.trial import Trial

QUARTILES = {"lower": 0.25, "median": 0.5, "upper": 0.75}
NUMBERS_AT_ONCE = 200_000
"""Numbers of each metric that are aggregated together, unless one cell has more."""
STATISTICS = ("mean", *QUARTILES, "median_low", "median_high")
"""Statistics of each metric, in columns `{metric}_mean` and so on."""


def history(
    sweep: Sweep, trials: Sequence[Trial], table: Columns, outcomes: Mapping[str, Outcome], metrics: Sequence[str]
) -> Columns:
    """Aggregate histories over the seeds: a row for each cell and each measured epoch.

    `table` is the trials table, with a row for each of `trials`. `n` trials have the epoch: the history of a diverged
    trial ends early. Quartiles are interpolated linearly between the nearest two values (Hyndman and Fan 1996, type 7).
    Means are exact before they are rounded, so that equal histories give equal tables on every machine. `median_low` to
    `median_high` is the median's 95 % bootstrap interval, NaN for one trial (see `statistics.bootstrap`).
    """
    axes, ends = sweep.cell_names, Ends.of(trials, outcomes)
    cells, first = number_cells(table, axes)
    rows = np.flatnonzero(ends.rows >= 0)
    rows = rows[np.argsort(cells[rows], kind="stable")]
    parts = [_part(part, metrics) for part in _whole_cells(cells[rows], ends.histories(rows))]
    if not parts:
        names = [*axes, "epoch", "n", *(f"{metric}_{name}" for metric in metrics for name in STATISTICS)]
        return {name: np.empty(0) for name in names}
    told = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    cell = told.pop("cell")
    return {name: table[name][first[cell]] for name in axes} | told


def _whole_cells(cells: np.ndarray, histories: Iterable[History]) -> Iterator[list[tuple[int, History]]]:
    """Split histories, each with its cell, into parts of whole cells, so that the arrays of a part have a bounded size.

    Empty histories are left out.
    """
    part: list[tuple[int, History]] = []
    size = 0
    for cell, history in zip(cells.tolist(), histories, strict=True):
        if part and size >= NUMBERS_AT_ONCE and cell != part[-1][0]:
            yield part
            part, size = [], 0
        length = max(map(len, history.values()), default=0)
        if length:
            part.append((cell, history))
            size += length
    if part:
        yield part


def _part(found: Sequence[tuple[int, History]], metrics: Sequence[str]) -> Columns:
    epochs = [_epochs(history) for _, history in found]
    cell = np.repeat([cell for cell, _ in found], [len(own) for own in epochs])
    group, cell, epoch, n = _groups(cell, np.concatenate(epochs))
    told = {"cell": cell, "epoch": epoch, "n": n}
    for metric in metrics:
        values = [
            np.asarray(history.get(metric, np.full(len(own), np.nan)), dtype=np.float64)
            for (_, history), own in zip(found, epochs, strict=True)
        ]
        told |= _statistics(metric, np.concatenate(values), group, len(n))
    return told


def _epochs(history: History) -> np.ndarray:
    if "epoch" in history:
        return np.asarray(history["epoch"], dtype=np.int64)
    return np.arange(1, 1 + len(next(iter(history.values()))))


def _groups(cell: np.ndarray, epoch: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Number the pairs of cell and epoch: return each value's pair, and each pair's cell, epoch and count."""
    least = epoch.min()
    span = epoch.max() - least + 1
    keys, group, n = np.unique(cell * span + (epoch - least), return_inverse=True, return_counts=True)
    return group, keys // span, keys % span + least, n


def _statistics(metric: str, values: np.ndarray, group: np.ndarray, groups: int) -> Columns:
    """Aggregate `values` by `group`; NaN for a group without values."""
    known = ~np.isnan(values)
    count = np.bincount(group[known], minlength=groups)
    # Of 0.0 and -0.0, which are equal, the order of the trials would decide: 0.0 is added.
    ordered = values[known][np.lexsort((values[known], group[known]))] + 0.0
    some, count = np.flatnonzero(count), count[count > 0]
    start = np.cumsum(count) - count
    means = [
        mean(ordered[begin : begin + length].tolist())
        for begin, length in zip(start.tolist(), count.tolist(), strict=True)
    ]
    quantiles = [_quantile(ordered, start, count, q) for q in QUARTILES.values()]
    found = [np.array(means), *quantiles, *intervals(ordered, start, count, "median")]
    told = {f"{metric}_{name}": np.full(groups, np.nan) for name in STATISTICS}
    for column, numbers in zip(told.values(), found, strict=True):
        column[some] = numbers
    return told


def _quantile(ordered: np.ndarray, start: np.ndarray, count: np.ndarray, q: float) -> np.ndarray:
    """Compute a quantile of each group, which has `count` ascending values from `start` on."""
    place = (count - 1) * q
    below = np.floor(place).astype(np.intp)
    part = place - below
    low, high = ordered[start + below], ordered[start + np.minimum(below + 1, count - 1)]
    # A weighted mean of equal values may round to another value; the difference of two large ones may be infinite.
    return np.where(low == high, low, low * (1 - part) + high * part)


def has_curves(table: Columns | pd.DataFrame) -> bool:
    """Return whether a cell has at least two epochs, so that there is a curve to draw."""
    names = list(table)
    cell, first = number_cells(table, names[: names.index("epoch")])
    return len(cell) > len(first)
