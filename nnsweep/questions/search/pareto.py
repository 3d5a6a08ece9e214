"""The configurations of which no other is better by every metric of a search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.places import Floats
from nnsweep.design.sweep import Sweep
from nnsweep.questions.search.configurations import Configurations
from nnsweep.tables import Columns
from nnsweep.trials.search.worth import worths_of


@dataclass(frozen=True, eq=False)
class Pareto:
    """The averages of each metric of a search by several, and which configurations are in front."""

    metrics: tuple[str, ...]
    lower: tuple[bool, ...]
    """Whether less of each is better."""
    axes: Columns
    average: str
    """Which average over the seeds: `median`, or the `mean` that the search asks for."""
    values: Floats
    """The averages, (n, metrics); NaN where no trial ended, or too many diverged for a number."""
    quartiles: Floats
    """The quartiles of the finite values, (2, n, metrics)."""
    finished: NDArray[np.intp]
    front: NDArray[np.bool_]
    """Which of them are in front, (n,)."""

    @property
    def table(self) -> Columns:
        """The front, in order of the first metric: axes, trials that ended, each metric's average and quartiles."""
        rows = np.flatnonzero(self.front)
        rows = rows[np.argsort(self.values[rows, 0] * (1 if self.lower[0] else -1), kind="stable")]
        found = {name: values[rows] for name, values in self.axes.items()} | {"finished": self.finished[rows]}
        for at, metric in enumerate(self.metrics):
            found[f"{metric}_{self.average}"] = self.values[rows, at]
            found[f"{metric}_lower"], found[f"{metric}_upper"] = self.quartiles[:, rows, at]
        return found


def pareto(sweep: Sweep, trials: Columns) -> Pareto | None:
    """Find the front of a search by several metrics; None of any other sweep."""
    if sweep.search is None or len(sweep.search.own.get("metrics", ())) < 2:
        return None
    worths = worths_of(sweep)
    each = [Configurations.of(sweep, trials, worth.metric) for worth in worths]
    signs = np.array([1.0 if worth.lower else -1.0 for worth in worths])
    values = np.stack([found.value for found in each], axis=1)
    return Pareto(
        tuple(worth.metric for worth in worths),
        tuple(worth.lower for worth in worths),
        each[0].table,
        each[0].criterion.average,
        values,
        np.stack([found.quartiles for found in each], axis=2),
        each[0].grid.ended.sum(axis=1),
        in_front(values * signs),
    )


def in_front(losses: Floats) -> NDArray[np.bool_]:
    """Tell which rows (n, metrics) no other row dominates, which is nowhere more and somewhere less.

    >>> in_front(np.array([[1.0, 4.0], [2.0, 2.0], [3.0, 3.0], [2.0, 2.0], [np.nan, 0.0]])).tolist()
    [True, True, False, True, False]
    """
    found = np.asarray(~np.isnan(losses).any(axis=1))
    for row in np.flatnonzero(found):
        no_more, less = (losses <= losses[row]).all(axis=1), (losses < losses[row]).any(axis=1)
        found[row] = not (no_more & less).any()
    return found
