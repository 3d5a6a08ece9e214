"""Parts of a grid that are whole cells, so that each can be aggregated by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from nnsweep.trials.codes import number_rows
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
    columns = [codes for name, codes in zip(trials.names, trials.codes, strict=False) if name in axes]
    numbers = number_rows(columns, len(trials))[1].astype(np.uint32)
    if (numbers[1:] < numbers[:-1]).any():
        return np.array([], dtype=np.intp)
    return np.flatnonzero(np.append(numbers[1:] != numbers[:-1], True)) + 1
