"""Train stored trials again, and hold them against what was stored."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nnsweep import sweepfile
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep, asked
from nnsweep.folder.paths import Folder
from nnsweep.folder.select import is_file, is_stored
from nnsweep.questions.trial.retrain import again, difference
from nnsweep.questions.trial.stored import StoredTrial
from nnsweep.store import Store
from nnsweep.trainers import Outcome
from nnsweep.trainers import load as load_trainer
from nnsweep.trials.grid import Trial, expand
from nnsweep.trials.where import ID_DIGITS, Condition, matching


def locate(what: Sequence[str], results: Path, overrides: Sequence[str] = (), trainer: str = "") -> StoredTrial:
    """Find the one stored trial that words name: the first digits of its id, or a sweep and its settings.

    A sweep is named by its file, by the name under which it is stored, or by its results folder. `trainer` is one that
    may be imported though only a store names it.

    Raises:
        NnsweepError: they name no trial, or several, or one that is not trained yet.
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
        found = found_in(stored.sweep, stored.grid, where, stored.folder, lambda trial: store.outcomes([trial.id]))
        return replace(found, importable=trainer)


def find_stored(sweep: Sweep, results: Path, where: Sequence[Condition]) -> StoredTrial:
    """Find the one trial of a sweep that meets every condition, and is stored.

    Raises:
        NnsweepError: several trials meet them, or none, or it is not trained yet.
    """
    trials = expand(sweep, load_trainer(sweep.trainer))
    folder = Folder(results / sweep.name)
    with Store.read(folder.store) as store:
        return found_in(sweep, trials, where, folder, lambda trial: store.outcomes([trial.id]))


def found_in(
    sweep: Sweep,
    trials: Sequence[Trial],
    where: Sequence[Condition],
    folder: Folder,
    outcomes: Callable[[Trial], Mapping[str, Outcome]],
) -> StoredTrial:
    """Find the one of a sweep's trials that meets every condition, with what `outcomes` has of it.

    Raises:
        NnsweepError: several trials meet them, or none, or it is not trained yet.
    """
    trial, *others = matching(list(trials), sweep, where)
    if others:
        settings = ", ".join(axis.name for axis in sweep.axes)
        raise NnsweepError(f"{len(others) + 1:,} trials of {sweep.name} match; name one by {settings}, or by its id")
    outcome = outcomes(trial).get(trial.id)
    if outcome is None:
        raise NnsweepError(f"trial {trial.id} is not trained yet; run the sweep first")
    return StoredTrial(trial, outcome, sweep.trainer, folder)


def find_id(start: str, results: Path, trainer: str = "") -> StoredTrial:
    """Find the one trial in all results folders whose id begins so.

    Raises:
        NnsweepError: there is none, or there are several.
    """
    is_id = len(start) >= ID_DIGITS and start.isascii()
    found = list(_stored(start, results)) if is_id else []
    if len({each[0] for each in found}) != 1:
        number = f"{len(found)} trials" if found else "no trial"
        raise NnsweepError(
            f"`{start}` begins the id of {number} in {results}; allowed: {ID_DIGITS} or more digits of one id, "
            "or a sweep file and conditions such as seed=7"
        )
    id, name, folder = found[0]
    with Store.read(folder.store) as store:
        return StoredTrial(_placed(id, store), store.outcomes([id])[id], name, folder, trainer)


def _placed(id: str, store: Store) -> Trial:
    """Give a trial the settings that the sweep last asked for had for it."""
    shown = store.sweep_record()
    places = [] if shown is None else [each for each in shown.trials if each.id == id]
    return places[0] if places else Trial(id, {}, {}, "")


def _stored(start: str, results: Path) -> Iterator[tuple[str, str, Folder]]:
    for root in sorted(results.iterdir()) if os.path.isdir(results) else []:
        folder = Folder(root)
        if folder.store.is_file():
            with Store.read(folder.store) as store:
                yield from ((id, name, folder) for id, name, _ in store.with_id_prefix(start))


def verify(sweep: Sweep, results: Path, count: int) -> list[tuple[Trial, str | None]]:
    """Train some stored trials of a sweep again, chosen at random: each with where it differs, None if nowhere."""
    trials = expand(sweep, load_trainer(sweep.trainer))
    path = Folder(results / sweep.name).store
    with Store.read(path) as store:
        outcomes = store.outcomes(trial.id for trial in trials)
    stored = [trial for trial in {trial.id: trial for trial in trials}.values() if trial.id in outcomes]
    chosen = random.sample(stored, min(count, len(stored)))
    pairs = [(trial, outcomes[trial.id]) for trial in chosen]
    return [(trial, difference(outcome, again(sweep.trainer, trial, outcome, path))) for trial, outcome in pairs]
