"""Find what a run of a sweep would train, and what that costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np

from nnsweep.defaults import AUTO
from nnsweep.design.sweep import Sweep
from nnsweep.execution.engines import choose_engine
from nnsweep.execution.estimate import Measured
from nnsweep.execution.forecast import Past, forecast
from nnsweep.execution.histories import Histories
from nnsweep.execution.plan import Plan, make_plan
from nnsweep.folder.paths import Folder
from nnsweep.folder.reuse import Copier
from nnsweep.folder.searched import describe_search, likely_trials
from nnsweep.store import Store
from nnsweep.trainers import Trainer
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.blocks import blocks_of
from nnsweep.trials.expand import expand, notes_of
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import KnownIds, are_among, to_numbers
from nnsweep.trials.shards import Shard


def plan_sweep(sweep: Sweep, folder: Folder, jobs: int | None, shard: Shard | None) -> Plan:
    """Plan a sweep, or a shard of it, against what is stored in its folder. Nothing is trained or written.

    Raises:
        StoreError: the store is damaged.
    """
    trainer = load_trainer(sweep.trainer)
    with Store.read(folder.store) as store:
        likely, undrawn = likely_trials(sweep, trainer, store, shard) if sweep.search else (None, 0)
        trials = expand(sweep, trainer) if likely is None else likely
        trials = trials if shard is None else shard.take(trials, trainer)
        known, copier = KnownIds(store.known()), Copier(folder, sweep, trainer)
        measured = cache(lambda: Measured(store.seconds(trainer)))
        stored, found = known.ids, Plan((), 0)
        here = 0
        for block in blocks_of(trials, trainer):
            copied = copier.find(block, known.ids) if likely is None else {}
            known.add(to_numbers(each.row.id for copies in copied.values() for each in copies))
            counts = {place: len(copies) for place, copies in copied.items()}
            found += replace(make_plan(block, known.ids, trainer, jobs, measured=measured), elsewhere=counts)
            if not trials.are_distinct:
                known.add(block.ids)
            here += np.count_nonzero(are_among(stored, np.sort(block.ids))) if len(stored) else 0
        stale = store.stale(trials, trainer) if here < len(stored) else 0
        found = replace(found, undrawn=undrawn)
        found = replace(found, histories=Histories(found.scaled(found.histories.numbers)))
        found = replace(
            found, stale=stale, forecast=forecast(found, Past.of(store), jobs, choose_engine(found, trainer, AUTO))
        )
    kinds = {said: count * (len(trials) + undrawn) // len(trials) for said, count in _describe(trials, trainer).items()}
    return replace(found, kinds=kinds, notes=tuple(notes_of(trials, trainer)), search=describe_search(sweep))


def _describe(trials: Grid, trainer: Trainer) -> dict[str, int]:
    """Count the trials that have the same description, the most frequent one first."""
    found: Counter[str] = Counter()
    kinds = trials.kinds
    for params, count in zip(kinds.first.params(), np.bincount(kinds.numbers).tolist(), strict=True):
        found[trainer.describe(params)] += count
    return {said: count for said, count in found.most_common() if said}
