"""What a run says of all its trials, added up over parts of whole cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.tables import Columns, summary
from nnsweep.tables.columns import column, join_parts
from nnsweep.tables.failure_patterns import counted
from nnsweep.tables.metrics import seen
from nnsweep.tables.trials import count_statuses
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import Ends

if TYPE_CHECKING:
    from nnsweep.questions.trial.failures import Group


class Part(NamedTuple):
    """Some trials, what became of each, and the rows of these in the trials table."""

    trials: Grid
    ends: Ends
    table: Columns


@dataclass(frozen=True)
class Totals:
    """A sweep's cells and how its trials ended."""

    summary: Columns
    """A row for each cell."""
    order: Sequence[int]
    """The rows of the cells in which any trial ended, the best first."""
    metrics: Sequence[str]
    statuses: Counter[str]
    signatures: dict[str, int]
    """How many trials fail with each pattern, the most frequent first."""
    failures: Sequence[Group]
    """The trials that failed, those alike together, the largest group first."""

    @classmethod
    def of(cls, sweep: Sweep, metrics: Sequence[str], parts: Iterable[Part]) -> Totals:
        """Add up parts of the trials table."""
        from nnsweep.questions.rank.criterion import order_parts, sort_keys
        from nnsweep.questions.trial.failures import group, join_groups

        summaries, keys, groups = list[Columns](), list[np.ndarray](), list["Group"]()
        statuses, signatures = Counter[str](), Counter[str]()
        for trials, ends, table in parts:
            summaries.append(_summary(sweep, metrics, table))
            keys.append(sort_keys(sweep, table))
            statuses += count_statuses(table)
            signatures.update(table["signature"].tolist())
            groups = join_groups(groups, group(trials, ends))
        return cls(join_parts(summaries), order_parts(keys), metrics, statuses, counted(signatures), groups)


def _summary(sweep: Sweep, metrics: Sequence[str], table: Columns) -> Columns:
    success = sweep.success
    judged = seen(table, sweep.cell_names, metrics, success.metric if success else None)
    found = summary(table, sweep.cell_names, metrics, success is not None, judged)
    return found | _stopped(sweep, found)


def _stopped(sweep: Sweep, cells: Columns) -> Columns:
    """Say of each cell of a search why it got no more seeds or epochs; nothing of other sweeps."""
    endings = sweep.stopped
    rows = zip(*(cells[axis.column].tolist() for axis in sweep.cell_axes), strict=True)
    return {"stopped": column([endings.get(row, "") for row in rows])} if endings else {}
