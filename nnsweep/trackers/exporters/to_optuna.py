"""Write configurations as the trials of an Optuna study, to a file of SQLite or a journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, NoReturn, Self

from nnsweep.design.sweep import Axis, Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.trackers.configurations import ConfigurationRecord, configurations, objectives
from nnsweep.trackers.exporter import Exporter
from nnsweep.trackers.exporters.optuna_trials import ByDatabase, ByStudy, TrialWriter
from nnsweep.trackers.studies import OWN, open_storage, place_of, silenced
from nnsweep.trials.search.worth import Worth

CELL, DIGEST = f"{OWN}cell", f"{OWN}digest"
UNSUCCESSFUL = "unsuccessful"


class OptunaExporter(Exporter):
    """Writes each configuration as a trial of the study that is named, or that has the name of the sweep.

    A trial is written in one transaction, or in one line of a journal. What has ended cannot be changed in a study.
    """

    replaces = False

    def __init__(self, where: str, sweep: str) -> None:
        from optuna.exceptions import OptunaError  # pyright: ignore[reportMissingImports]
        from sqlalchemy.exc import SQLAlchemyError  # pyright: ignore[reportMissingImports]

        self.errors = (OSError, RuntimeError, ValueError, sqlite3.Error, OptunaError, SQLAlchemyError)
        place = place_of(where)
        self._where, self._name = f"optuna:{where}", place.study or sweep
        with silenced():
            self._storage = open_storage(place)
            self._study = self._found()
            self._trials = self._study.get_trials(deepcopy=False) if self._study else []
        self._writer: TrialWriter | None = None
        self._silence = ExitStack()

    def __enter__(self) -> Self:
        """Keep Optuna silent until it is closed."""
        self._silence.enter_context(silenced())
        return self

    def close(self) -> None:
        with self._silence:
            if self._writer is not None:
                self._writer.close()

    def _found(self) -> Any:
        import optuna  # pyright: ignore[reportMissingImports]

        if self._name not in optuna.get_all_study_names(self._storage):
            return None
        return optuna.load_study(study_name=self._name, storage=self._storage, sampler=optuna.samplers.RandomSampler())

    def known(self) -> Mapping[str, str]:
        found = (each.user_attrs for each in self._trials)
        return {attributes[CELL]: attributes.get(DIGEST, "") for attributes in found if CELL in attributes}

    def remove(self, id: str) -> None:
        raise NotImplementedError("a trial of a study stays")

    def records(self, stored: StoredSweep, where: Sequence[str]) -> Iterator[ConfigurationRecord]:
        """Read the configurations, and make the study that is to have them."""
        worths = objectives(stored.sweep, stored.metrics)
        if not worths:
            raise NnsweepError(f"{stored.sweep.name}: no trial has a metric, which a study needs")
        self._kinds = {axis.name: distribution_of(axis) for axis in stored.sweep.cell_axes}
        self._prepare(stored.sweep, worths)
        engine = getattr(self._storage, "engine", None)
        self._writer = ByStudy(self._study) if engine is None else ByDatabase(self._study, engine)
        yield from configurations(stored, where, worths)

    def _prepare(self, sweep: Sweep, worths: Sequence[Worth]) -> None:
        """Make the study, or check that one which is there can have more trials of these objectives and axes."""
        import optuna  # pyright: ignore[reportMissingImports]

        directions = ["MINIMIZE" if worth.lower or worth.success else "MAXIMIZE" for worth in worths]
        if self._study is None:
            wanted = [optuna.study.StudyDirection[each] for each in directions]
            self._study = optuna.create_study(study_name=self._name, storage=self._storage, directions=wanted)
            self._study.set_metric_names(list(map(name_of, worths)))
            self._study.set_user_attr(f"{OWN}sweep", sweep.name)
        found = [each.name for each in self._study.directions]
        if found != directions:
            self._refuse(f"is to {' and '.join(found).lower()}, not {' and '.join(directions).lower()}")
        there = {name: kind for trial in self._trials for name, kind in trial.distributions.items()}
        for name, kind in self._kinds.items():
            if name in there and not _are_compatible(there[name], kind):
                self._refuse(f"has `{name}` of {there[name]}, not of {kind}")

    def _refuse(self, why: str) -> NoReturn:
        place = self._where.partition("#")[0]
        raise NnsweepError(f"{self._where}: the study `{self._name}` {why}; to export to another one: {place}#NAME")

    def write(self, record: ConfigurationRecord) -> None:
        from optuna.trial import FrozenTrial, TrialState  # pyright: ignore[reportMissingImports]

        assert self._writer is not None
        started = datetime.fromtimestamp(record.started)
        trial = FrozenTrial(
            number=-1,  # the study numbers it
            trial_id=-1,
            state=TrialState[record.state],
            value=None,
            values=list(record.values) or None,
            datetime_start=started,
            datetime_complete=started + timedelta(seconds=record.seconds),
            params=dict(record.settings),
            distributions={name: self._kinds[name] for name in record.settings},
            user_attrs=attributes_of(record),
            system_attrs={},
            intermediate_values=dict(record.steps),
        )
        self._writer.write(trial)


def _are_compatible(there: Any, new: Any) -> bool:
    """Whether a study may have both as distributions of a parameter: it keeps choices, and lets intervals grow."""
    from optuna.distributions import check_distribution_compatibility  # pyright: ignore[reportMissingImports]

    try:
        check_distribution_compatibility(there, new)
    except ValueError:
        return False
    return True


def distribution_of(axis: Axis) -> Any:
    """Make the distribution of an axis: an interval, or the choices of a list."""
    from optuna import distributions  # pyright: ignore[reportMissingImports]

    space = axis.space
    if space is None:
        return distributions.CategoricalDistribution(list(axis.labels.values()))
    if space.whole:
        return distributions.IntDistribution(int(space.low), int(space.high), log=space.log)
    return distributions.FloatDistribution(space.low, space.high, log=space.log)


def name_of(worth: Worth) -> str:
    """Name an objective: the metric, or the share of trials without success, with the metric as a tie-break."""
    return UNSUCCESSFUL if worth.success else worth.metric


def attributes_of(record: ConfigurationRecord) -> dict[str, Any]:
    """Make the user attributes of a trial: what each seed measured, in lists of one order."""
    seeds = {f"{OWN}{name}": values for name, values in record.seeds.items()}
    stopped = {f"{OWN}stopped": record.why} if record.why else {}
    return {CELL: record.id, DIGEST: record.digest, **stopped, **seeds}
