"""How far each configuration of a race or a halving came: its value after each number of seeds or epochs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnsweep.questions.search.configurations import Configurations
from nnsweep.tables import Columns
from nnsweep.tables.columns import column
from nnsweep.trials.search.halving import WENT_ON


@dataclass(frozen=True)
class Stages:
    """`along` is `seeds` or `epochs`. `table` has a row for each configuration and stage: `configuration`, a number;
    `along`; `value`; and `stopped`, why it got no more, the same in all rows of a configuration.
    """

    along: str
    table: Columns


def stages(found: Configurations) -> Stages | None:
    """Follow each configuration; None of a search that stops none early, or that has not said yet what it stopped."""
    if not any(found.stopped):
        return None
    return _of_halving(found) if found.epochs is not None else _of_race(found)


def _of_halving(found: Configurations) -> Stages:
    assert found.epochs is not None
    ends = dict(zip(found.training[found.last].tolist(), np.array(found.stopped)[found.last].tolist(), strict=True))
    rows = np.lexsort((found.epochs, found.training))
    training = found.training[rows]
    why = [ends.get(each, WENT_ON) for each in training.tolist()]
    return Stages(
        "epochs",
        {
            "configuration": training,
            "epochs": found.epochs[rows].astype(np.int64),
            "value": found.value[rows],
            "stopped": column(why),
        },
    )


def _of_race(found: Configurations) -> Stages:
    from nnsweep.questions.rank.grid import AVERAGES

    grid, counts = found.grid, found.grid.ended.cumsum(axis=1)
    most = grid.ended.shape[1]
    if found.criterion.by_success:
        values = np.cumsum(grid.succeeded, axis=1) / np.where(counts > 0, counts, np.nan)
    else:
        of_rows = AVERAGES[found.criterion.average]
        averages = [of_rows(grid.value[:, : seeds + 1]) for seeds in range(most)]
        values = np.stack([np.where(np.isfinite(each), grid.sign * each, np.nan) for each in averages], axis=1)
    there = np.arange(most)[None, :] < found.trained[:, None]
    rows, seeds = np.nonzero(there)
    why = np.array(found.stopped, dtype=object)[rows]
    return Stages(
        "seeds", {"configuration": rows, "seeds": seeds + 1, "value": values[there], "stopped": column(why.tolist())}
    )
