"""Which successes of a sweep take no skill, as far as its data and its trainer are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.folder.restore import completed
from nnsweep.store import Store
from nnsweep.tables.constant import NoSkill, find_no_skill
from nnsweep.trainers import BUILT_IN, Outcome, Params, load
from nnsweep.trials.grid import Grid, Trial


def no_skill(sweep: Sweep, won: Sequence[Trial], outcomes: Mapping[str, Outcome], folder: Folder) -> NoSkill | None:
    """Count those of the trials `won`, a sweep's successes, that take no skill; None if there are none.

    Trials of a sweep that was opened by its name get their parameters from the store. Where data or trainer have
    changed or gone, only constant outputs are known of.
    """
    if sweep.success is None or not won:
        return None
    try:
        if Grid.of(won).are_complete:
            return find_no_skill(sweep.success, won, outcomes, load(sweep.trainer), lambda trial: trial.params)
        if sweep.trainer in BUILT_IN and folder.has_store():
            with Store.read(folder.store) as store:

                def params(trial: Trial) -> Params:
                    return completed(trial, store, folder).params

                return find_no_skill(sweep.success, won, outcomes, load(sweep.trainer), params)
    except NnsweepError:
        pass
    return find_no_skill(sweep.success, won, outcomes, None, lambda trial: trial.params)
