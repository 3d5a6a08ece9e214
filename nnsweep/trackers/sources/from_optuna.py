"""Read the trials of an Optuna study, from its SQLite file or its journal."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nnsweep.data.words import plain_line
from nnsweep.design.search import Search, Space
from nnsweep.errors import NnsweepError
from nnsweep.trackers.imported_run import Asked, ImportedRun, choose_experiment
from nnsweep.trackers.studies import JOURNAL, OWN, SQLITE, Place, open_storage, place_of, silenced
from nnsweep.trainers.protocol import EPOCH

CONSTRAINTS = "constraints"
"""The attribute with the constraints of a trial, a list; since Optuna 5 each has its own, `constraints:NAME`."""


def read(place: str, asked: Asked) -> Iterator[ImportedRun]:
    """Read the trials that have ended, in the order in which they began.

    A copy of the file is read, so that a study may go on meanwhile, and nothing in its place is written or upgraded.

    Raises:
        NnsweepError: there is no study, it cannot be read, or there are several and none is named.
    """
    found, where = place_of(place), f"optuna:{place}"
    if found.study and asked.experiment and found.study != asked.experiment:
        raise NnsweepError(f"{where}: found another study in --experiment, `{asked.experiment}`; name it once")
    if not found.path.is_file():
        raise NnsweepError(f"{where}: no such file: {found.path}")
    with TemporaryDirectory() as folder:
        try:
            with silenced():
                yield from _read(_copied(found, Path(folder), where), where, found.study, asked)
        except NnsweepError:
            raise
        except Exception as error:  # Optuna's own, SQLite's, those of a damaged journal
            what = f"{type(error).__name__}: {plain_line(error)}"
            raise NnsweepError(f"{where}: is no storage that Optuna can read: {what}") from None


def _copied(place: Place, folder: Path, where: str) -> Any:
    """Open a copy of a storage, and upgrade the copy if an older Optuna has written it."""
    path = folder / "copy"
    if place.kind == JOURNAL:
        path.write_bytes(place.path.read_bytes())
        return open_storage(Place(JOURNAL, path))
    with (
        closing(sqlite3.connect(f"{place.path.absolute().as_uri()}?mode=ro", uri=True, timeout=60)) as source,
        closing(sqlite3.connect(path)) as copy,
    ):
        source.backup(copy)
        if not copy.execute("select 1 from sqlite_master where name = 'studies'").fetchone():
            raise NnsweepError(f"{where}: is a database without Optuna's tables")
    return _upgraded(f"{SQLITE}{path}", where)


def _upgraded(url: str, where: str) -> Any:
    import optuna  # pyright: ignore[reportMissingImports]

    found = optuna.storages.RDBStorage(url, skip_compatibility_check=True, skip_table_creation=True)
    if found.get_current_version() not in found.get_all_versions():
        raise NnsweepError(f"{where}: written by a newer Optuna than {optuna.__version__}; pip install -U optuna")
    if found.get_current_version() != found.get_head_version():
        found.upgrade()
    return found


def _read(storage: Any, where: str, named: str, asked: Asked) -> Iterator[ImportedRun]:
    import optuna  # pyright: ignore[reportMissingImports]

    names = optuna.get_all_study_names(storage)
    asked.experiment = choose_experiment(names, named or asked.experiment, where, "study", "studies")
    study = optuna.load_study(study_name=asked.experiment, storage=storage, sampler=optuna.samplers.RandomSampler())
    trials = study.get_trials(deepcopy=False)
    objectives = _objectives(study, trials)
    asked.search = _search(objectives, [way.name == "MAXIMIZE" for way in study.directions])
    asked.spaces = _spaces(trials)
    for trial in trials:
        if trial.state.is_finished():
            yield _imported(trial, asked.experiment, objectives, asked)
    asked.notices += _notices(trials)


def _search(objectives: Sequence[str], highest: Sequence[bool]) -> Search:
    """Tell what was to be good."""
    if len(objectives) == 1:
        return Search("optuna", metric=objectives[0], highest=highest[0])
    most = tuple(name for name, more in zip(objectives, highest, strict=True) if more)
    return Search("optuna", own={"metrics": tuple(objectives), "most": most})


def _spaces(trials: Sequence[Any]) -> dict[str, Space]:
    """Read the intervals of numbers from which parameters were chosen; of several ones that which has all."""
    found: dict[str, Space] = {}
    for name, each in ((name, each) for trial in trials for name, each in trial.distributions.items()):
        if hasattr(each, "low"):
            low, high = float(each.low), float(each.high)
            before = found.get(name, Space(low, high))
            ends = min(low, before.low), max(high, before.high)
            found[name] = Space(*ends, each.log, type(each).__name__ == "IntDistribution")
    return {name: space for name, space in found.items() if space.low < space.high}


def _objectives(study: Any, trials: Sequence[Any]) -> list[str]:
    """Name the objectives: as the study does, or as Optuna's tables do; no parameter has such a name."""
    count = len(study.directions)
    names = list(study.metric_names or (["value"] if count == 1 else [f"values_{at}" for at in range(count)]))
    params = {name for trial in trials for name in trial.params}
    return [name if name not in params else f"objective {name}" for name in names]


def _imported(trial: Any, study: str, objectives: Sequence[str], asked: Asked) -> ImportedRun:
    attributes = {name: value for name, value in trial.user_attrs.items() if not name.startswith(OWN)}
    params = dict(trial.params)
    if asked.seed in attributes and asked.seed not in params:
        params[asked.seed] = attributes.pop(asked.seed)
    values = dict(zip(objectives, trial.values, strict=True)) if trial.state.name == "COMPLETE" else {}
    numbers = {name: value for name, value in (attributes | _constraints(trial)).items() if _is_number(value)}
    metrics = values | {name: value for name, value in numbers.items() if name not in params and name not in values}
    points = sorted(trial.intermediate_values.items())
    steps = {objectives[0]: [value for _, value in points], EPOCH: [step for step, _ in points]} if points else {}
    started = trial.datetime_start.astimezone(UTC).isoformat() if trial.datetime_start else ""
    return ImportedRun(
        key=f"{study}/{trial.number}/{started}",
        name=f"trial {trial.number}",
        params=params,
        metrics={name: value for name, value in metrics.items() if values and asked.takes(name)},
        history=steps if asked.takes(objectives[0]) else {},
        status="failed" if not values else "ok" if all(map(isfinite, trial.values)) else "diverged",
        failure=_failure(trial, points),
        started=f"{trial.number:010d}",
        seconds=max(0.0, trial.duration.total_seconds()) if trial.duration else 0.0,
    )


def _failure(trial: Any, points: Sequence[tuple[int, float]]) -> str | None:
    if trial.state.name == "COMPLETE":
        return None if all(map(isfinite, trial.values)) else f"the value is {plain_line(trial.values)}"
    if trial.state.name == "PRUNED":
        return f"pruned by Optuna after step {points[-1][0]}" if points else "pruned by Optuna"
    return str(trial.system_attrs.get("fail_reason") or "Optuna says FAIL")


def _constraints(trial: Any) -> dict[str, float]:
    """Read the constraints of a trial, which hold where they are at most 0."""
    listed = enumerate(trial.system_attrs.get(CONSTRAINTS) or ())
    named = {at: value for at, value in trial.system_attrs.items() if at.startswith(f"{CONSTRAINTS}:")}
    found = [*listed, *((at.partition(":")[2], value) for at, value in named.items())]
    return {f"constraint_{at}": value for at, value in found}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _notices(trials: Sequence[Any]) -> Iterator[str]:
    states = Counter(trial.state.name for trial in trials)
    if states["RUNNING"] or states["WAITING"]:
        found = [f"{states[name]} {name.lower()}" for name in ("RUNNING", "WAITING") if states[name]]
        yield f"{' and '.join(found)}: not read; import again when ended"
    if states["PRUNED"]:
        yield f"{states['PRUNED']} pruned: kept as `failed`, with their curves and without a value"
    others = Counter(
        name
        for trial in trials
        for name, value in trial.user_attrs.items()
        if not name.startswith(OWN) and not _is_number(value)
    )
    if others:
        named = ", ".join(f"`{plain_line(name)}`" for name in others)
        yield f"user attributes that are no numbers: not read: {named}"
    violated = sum(any(value > 0 for value in _constraints(trial).values()) for trial in trials)
    if violated:
        yield f"{violated} violate a constraint: Optuna does not call them the best, nnsweep does not know"
