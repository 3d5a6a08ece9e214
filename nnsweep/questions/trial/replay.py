"""Train stored trials again, and compare them with the store."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nnsweep import sweepfile
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.asked import asked
from nnsweep.folder.open import StoredSweep, stored_search
from nnsweep.folder.paths import Folder
from nnsweep.folder.select import is_file, is_stored
from nnsweep.questions.trial.retrain import compare, retrain
from nnsweep.questions.trial.stored import StoredTrial
from nnsweep.store import Store
from nnsweep.trainers import Outcome
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import are_among, to_numbers
from nnsweep.trials.trial import Trial
from nnsweep.trials.where import ID_DIGITS, Condition, matching


def locate(what: Sequence[str], results: Path, overrides: Sequence[str] = (), trainer: str = "") -> StoredTrial:
    """Find the one stored trial that `what` names: the first digits of its id, or a sweep and settings.

    A sweep is named by its file, by the name under which it is stored, or by its results folder. `trainer` may be
    imported even if only a store names it.

    Raises:
        NnsweepError: there is no such trial, or several, or it is not trained yet.
    """
    first, *where = what
    if is_file(first):
        return find_stored(sweepfile.load(Path(first), overrides), results, where)
    if not where and not is_stored(first, results):
        return find_id(first, results, trainer)
    if overrides:
        return find_stored(*asked(first, results, overrides, trainer), where)
    return in_stored(StoredSweep.open(first, results), where, trainer)


def in_stored(stored: StoredSweep, where: Sequence[Condition], trainer: str = "") -> StoredTrial:
    """Find the one trial that meets every condition of a sweep that was opened by its name or its folder.

    Raises:
        NnsweepError: several trials meet them, or none, or it is not trained yet.
    """
    with Store.read(stored.folder.store) as store:
        trial = find_trial(stored.sweep, stored.grid, where, stored.folder, lambda trial: store.outcomes([trial.id]))
        return replace(trial, importable=trainer)


def find_stored(sweep: Sweep, results: Path, where: Sequence[Condition]) -> StoredTrial:
    """Find the one trial of a sweep that meets every condition, and is stored.

    Raises:
        NnsweepError: several trials meet them, or none, or it is not trained yet.
    """
    folder = Folder(results / sweep.name)
    sweep = stored_search(sweep, folder)
    trials = expand(sweep, load_trainer(sweep.trainer))
    with Store.read(folder.store) as store:
        return find_trial(sweep, trials, where, folder, lambda trial: store.outcomes([trial.id]))


def find_trial(
    sweep: Sweep,
    trials: Sequence[Trial],
    where: Sequence[Condition],
    folder: Folder,
    outcomes: Callable[[Trial], Mapping[str, Outcome]],
) -> StoredTrial:
    """Find the one trial of a sweep that meets every condition; `outcomes` looks up its outcome.

    Raises:
        NnsweepError: several trials meet them, or none, or it is not trained yet.
    """
    found = matching(trials, sweep, where)
    if len(found) > 1:
        settings = ", ".join(axis.name for axis in sweep.axes)
        raise NnsweepError(f"{len(found):,} trials of {sweep.name} match; name one by {settings}, or by its id")
    trial = found[0]
    outcome = outcomes(trial).get(trial.id)
    if outcome is None:
        raise NnsweepError(f"trial {trial.id} is not trained yet; run the sweep first")
    return StoredTrial(trial, outcome, sweep.trainer, folder)


def find_id(start: str, results: Path, trainer: str = "") -> StoredTrial:
    """Find the one trial in all results folders whose id begins with `start`.

    Raises:
        NnsweepError: there is none, or there are several.
    """
    is_id = len(start) >= ID_DIGITS and start.isascii()
    matches = list(_stored(start, results)) if is_id else []
    if len({id for id, _, _ in matches}) != 1:
        number = f"{len(matches)} trials" if matches else "no trial"
        raise NnsweepError(
            f"`{start}` begins the id of {number} in {results}; allowed: {ID_DIGITS} or more digits of one id, "
            "or a sweep file and conditions such as seed=7"
        )
    id, name, folder = matches[0]
    with Store.read(folder.store) as store:
        return StoredTrial(_placed(id, store), store.outcomes([id])[id], name, folder, trainer)


def _placed(id: str, store: Store) -> Trial:
    """Make a trial with the settings that it has in the sweep that was last run."""
    record = store.sweep_record()
    places = [] if record is None else (record.trials.ids == to_numbers([id])[0]).nonzero()[0].tolist()
    return record.trials[places[0]] if record is not None and places else Trial(id, {}, {}, "")


def _stored(start: str, results: Path) -> Iterator[tuple[str, str, Folder]]:
    for root in sorted(results.iterdir()) if os.path.isdir(results) else []:
        folder = Folder(root)
        if folder.store.is_file():
            with Store.read(folder.store) as store:
                yield from ((id, name, folder) for id, name, _ in store.with_id_prefix(start))


def verify(sweep: Sweep, results: Path, count: int) -> list[tuple[Trial, str | None]]:
    """Train some randomly chosen trials of a sweep again. Return each with its first difference, or None."""
    folder = Folder(results / sweep.name)
    sweep, path = stored_search(sweep, folder), folder.store
    trials = expand(sweep, load_trainer(sweep.trainer))
    with Store.read(path) as store:
        first = np.unique(trials.ids, return_index=True)[1]
        stored = np.sort(first[are_among(trials.ids[first], store.known())]).tolist()
        chosen = [trials[place] for place in random.sample(stored, min(count, len(stored)))]
        outcomes = store.outcomes(trial.id for trial in chosen)
    pairs = [(trial, outcomes[trial.id]) for trial in chosen]
    return [
        (trial, compare(trial.id, outcome, retrain(sweep.trainer, trial, outcome, path), path))
        for trial, outcome in pairs
    ]
