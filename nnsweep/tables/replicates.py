"""Checks whether seeds are replicates: if the seed changes nothing, the trials of a cell are one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from nnsweep.design.sweep import Sweep
from nnsweep.tables.columns import Columns
from nnsweep.tables.summary import number_cells
from nnsweep.trials.outcomes import STATUSES, Ends


def count_alike(sweep: Sweep, table: Columns, ends: Ends) -> int | None:
    """Count the cells with several seeds whose trials are all equal; None if the trials of any cell differ.

    `table` is the trials table, whose rows `ends` has too. Equal trials have the same metrics, history and diagnosis,
    bit for bit. Trials that did not end well are ignored.
    """
    well = np.flatnonzero(ends.status == STATUSES.index("ok"))
    if sweep.seed_name is None or not len(well):
        return 0
    cell, first = number_cells({name: table[name][well] for name in ("status", *sweep.cell_names)}, sweep.cell_names)
    several = int((np.bincount(cell) > 1).sum())
    if several and not (_same_numbers(ends, well, first[cell]) and _same_histories(ends, well, cell)):
        return None
    return several


def _same_numbers(ends: Ends, rows: NDArray[np.intp], others: NDArray[np.intp]) -> bool:
    """Return whether each of some rows has the numbers of another one, which is a place among them."""
    columns = chain(map(ends.metric, ends.outcomes.metrics), map(ends.diagnosis, ends.outcomes.diagnosis))
    chosen = (values[rows] for values in columns)
    return all(np.array_equal(values, values[others], equal_nan=True) for values in chosen)


def _same_histories(ends: Ends, rows: NDArray[np.intp], cell: NDArray[np.intp]) -> bool:
    """Return whether the trials of each cell have one history; gaps are equal."""
    order = np.argsort(cell, kind="stable")
    texts = zip(cell[order].tolist(), map(_text, ends.histories(rows[order])), strict=True)
    return all(one == other for one, other in pairwise(texts) if one[0] == other[0])


def _text(history: Mapping[str, Sequence[float]]) -> str:
    """Write a history as text, in which gaps are equal."""
    return repr({name: list(values) for name, values in history.items()})


def format_alike(cells: int) -> str:
    """Format a warning that seeds change nothing and intervals are too narrow; empty for no cells."""
    if not cells:
        return ""
    where = f"in each of the {cells:,} cells" if cells > 1 else "in the one cell"
    return (
        f"every seed gave the same numbers {where}: if the seed changes nothing, the trials of a cell are one result "
        "counted several times, and intervals say too much"
    )
