"""Parts of a grid that are whole cells, so that each can be aggregated by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from nnsweep.trials.codes import number_rows, starts_of_runs
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import Trial

PART = 100_000
"""Trials of a part, unless a cell has more: a table takes about 300 bytes for each."""
IN_MEMORY = 1_000_000
"""Trials whose outcomes are kept in memory as columns; of more, a part is read at a time."""


def stay_in_memory(trials: Sequence[Trial]) -> bool:
    """Whether the outcomes of so many trials are kept in memory."""
    return len(trials) <= IN_MEMORY


def whole_cells(trials: Grid, axes: Collection[str]) -> Iterator[Grid]:
    """Cut a grid into parts of about `PART` trials: those with the same values on some axes are in one part.

    A grid in which such trials are not neighbours, or in which two trials have one id, stays in one part.
    """
    ends = _ends_of_cells(trials, axes) if len(trials) > PART and trials.are_distinct else []
    if len(ends) < 2:
        yield trials
        return
    start = 0
    while start < len(trials):
        last = max(np.searchsorted(ends, start + PART, "right") - 1, np.searchsorted(ends, start, "right"))
        yield trials[start : ends[last]]
        start = int(ends[last])


def _ends_of_cells(trials: Grid, axes: Collection[str]) -> np.ndarray:
    """Find where each cell ends; nothing if one has trials in several places."""
    columns = [codes for name, codes in zip(trials.names, trials.codes, strict=False) if name in axes]
    starts = np.array(starts_of_runs(columns, len(trials)))
    first, _ = number_rows([column[starts] for column in columns], len(starts))
    return np.append(starts[1:], len(trials)) if len(first) == len(starts) else starts[:0]
