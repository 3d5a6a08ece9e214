"""Count successes that take no skill, if the data and the trainer of the sweep are available."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.tables import Columns
from nnsweep.tables.constant import NoSkill, find_no_skill
from nnsweep.trainers import BUILT_IN, load
from nnsweep.trainers.protocol import Params
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import Ends
from nnsweep.trials.trial import Trial


def no_skill(sweep: Sweep, trials: Sequence[Trial], table: Columns, ends: Ends, folder: Folder) -> NoSkill | None:
    """Count the successes of a sweep that take no skill; None if there are none.

    `table` is the trials table, with one row for each of `trials`, as in `ends`. Trials of a sweep that was opened by
    name get their parameters from the store. If the data or the trainer have changed or are gone, only constant outputs
    are counted.
    """
    if sweep.success is None or not table["success"].any():
        return None
    find = partial(find_no_skill, sweep, table, ends)

    def some(rows: list[int]) -> list[Trial]:
        return list(Grid.of(trials).take(rows))

    try:
        if Grid.of(trials).are_complete:
            return find(load(sweep.trainer), lambda rows: _params(some(rows)))
        if sweep.trainer in BUILT_IN and folder.has_store():
            return find(load(sweep.trainer), lambda rows: _stored_params(some(rows), folder))
    except NnsweepError:
        pass
    return find(None, lambda rows: [])


def _params(trials: Sequence[Trial]) -> list[Params]:
    return [trial.params for trial in trials]


def _stored_params(trials: Sequence[Trial], folder: Folder) -> list[Params]:
    from nnsweep.folder.restore import completed
    from nnsweep.store import Store

    with Store.read(folder.store) as store:
        return _params(completed(trials, store, folder))
