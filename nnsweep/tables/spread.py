"""The spread of a metric over the seeds: each trial's value, and a box for each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nnsweep.design.columns import PLACE, VALUE
from nnsweep.tables.history import QUARTILES
from nnsweep.tables.summary import number_cells


def points(trials: pd.DataFrame, axes: Sequence[str], metric: str, seed: str | None) -> pd.DataFrame:
    """Make a row for each trial with a finite value: `axes`, VALUE, and PLACE, the position of its seed from 0 to 1."""
    order = trials.groupby(seed, sort=True).ngroup() if seed else pd.Series(0, index=trials.index)
    found = trials[list(axes)].assign(**{VALUE: trials[metric], PLACE: (order + 0.5) / (order.max() + 1)})
    return found.loc[np.isfinite(found[VALUE])]


def boxes(trials: pd.DataFrame, axes: Sequence[str], metric: str) -> pd.DataFrame:
    """Make a row for each cell: `axes`, quartiles `lower`, `median`, `upper` of finite values, and the count `lost`.

    Quartiles are interpolated linearly (Hyndman and Fan 1996, type 7). Lost trials have no finite value: they diverged,
    failed, or were not trained.

    >>> boxes(pd.DataFrame({"a": 1, "error": [0.1, 0.2, 0.6, np.nan]}), ["a"], "error").round(2)
       a  lower  median  upper  lost
    0  1   0.15     0.2    0.4     1
    """
    cell, first = number_cells(trials, list(axes))
    values = trials[metric].where(np.isfinite(trials[metric]))
    grouped = values.groupby(cell)
    found = trials.loc[first, list(axes)].reset_index(drop=True)
    for name, quartile in QUARTILES.items():
        found[name] = grouped.quantile(quartile)
    return found.assign(lost=values.isna().groupby(cell).sum())
