"""Train stored trials again, and hold them against what was stored."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nnsweep import spec
from nnsweep.errors import NnsweepError
from nnsweep.grid import Trial, expand, trial_of
from nnsweep.inspection import ID_DIGITS, matching
from nnsweep.repetition import again, difference
from nnsweep.report import Folder
from nnsweep.spec.parameters import Parameters, as_value
from nnsweep.spec.sweep import Sweep
from nnsweep.store import Store
from nnsweep.stored import StoredTrial
from nnsweep.trainers import Outcome
from nnsweep.trainers import load as load_trainer


def locate(what: Sequence[str], results: Path, overrides: Sequence[str] = ()) -> StoredTrial:
    """Find the one stored trial that words name: the first digits of its id, or a sweep and its settings.

    A sweep is named by its file, or by the name under which it is stored.

    Raises:
        NnsweepError: they name no trial, or several, or one that is not trained yet.
    """
    first, *where = what
    stored = Folder(results / first).grid
    if first.endswith(".toml") or stored.is_file():
        path = Path(first) if first.endswith(".toml") else stored
        return find_stored(spec.load(path, overrides), where, results)
    if where:
        raise NnsweepError(f"{first}: no sweep file; allowed: one id, or a .toml file and conditions such as seed=7")
    return find_id(first, results)


def find_stored(sweep: Sweep, where: Sequence[str], results: Path) -> StoredTrial:
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
    where: Sequence[str],
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


def find_id(start: str, results: Path) -> StoredTrial:
    """Find the one trial in all results folders whose id begins so.

    Raises:
        NnsweepError: there is none, there are several, or its trainer or its data has changed since.
    """
    found = [each for each in _stored(start, results) if len(start) >= ID_DIGITS]
    if len({each[0] for each in found}) != 1:
        number = f"{len(found)} trials" if found else "no trial"
        raise NnsweepError(
            f"`{start}` begins the id of {number} in {results}; allowed: {ID_DIGITS} or more digits of one id, "
            "or a sweep file and conditions such as seed=7"
        )
    id, name, params, folder = found[0]
    trainer = load_trainer(name)
    settings = {key: as_value(value) for key, value in json.loads(params).items()}
    trial = trial_of(Parameters.of(trainer).complete(settings), trainer)
    if trial.id != id:
        raise NnsweepError(
            f"trial {id} in {folder.root} was made by another version of `{name}`, or from other data: "
            "it cannot be trained again"
        )
    with Store.read(folder.store) as store:
        return StoredTrial(_placed(trial, store), store.outcomes([id])[id], name, folder)


def _placed(trial: Trial, store: Store) -> Trial:
    """Give a trial the settings that the sweep last asked for had for it."""
    shown = store.shown()
    places = [] if shown is None else [each.settings for each in shown.trials if each.id == trial.id]
    return replace(trial, settings=places[0]) if places else trial


def _stored(start: str, results: Path) -> Iterator[tuple[str, str, str, Folder]]:
    for root in sorted(results.iterdir()) if results.is_dir() else []:
        folder = Folder(root)
        if folder.store.is_file():
            with Store.read(folder.store) as store:
                yield from ((*row, folder) for row in store.beginning(start))


def verify(sweep: Sweep, results: Path, count: int) -> list[tuple[Trial, str | None]]:
    """Train some stored trials of a sweep again, chosen at random: each with where it differs, None if nowhere."""
    trials = expand(sweep, load_trainer(sweep.trainer))
    with Store.read(Folder(results / sweep.name).store) as store:
        outcomes = store.outcomes(trial.id for trial in trials)
    stored = [trial for trial in {trial.id: trial for trial in trials}.values() if trial.id in outcomes]
    chosen = random.sample(stored, min(count, len(stored)))
    return [(trial, difference(outcomes[trial.id], again(sweep.trainer, trial))) for trial in chosen]
