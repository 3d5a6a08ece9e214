"""Write trials of Optuna: one by one to a journal, or hundreds in a transaction to a database."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

AT_ONCE = 200


class TrialWriter(ABC):
    """Writes trials to a study, at the latest when it is closed."""

    def __init__(self, study: Any) -> None:
        self._study = study

    @abstractmethod
    def write(self, trial: Any) -> None:
        """Take a `FrozenTrial` that has ended."""

    def close(self) -> None:  # noqa: B027 - nothing may wait
        """Write what waits."""


class ByStudy(TrialWriter):
    """Writes trial by trial, each in a line of the journal."""

    def write(self, trial: Any) -> None:
        self._study.add_trial(trial)


class ByDatabase(TrialWriter):
    """Writes the rows of many trials in one transaction, by Optuna's own tables.

    `Study.add_trial` asks for each point of a curve whether it is there, and takes hundreds of times as long.
    """

    def __init__(self, study: Any, engine: Any) -> None:
        super().__init__(study)
        self._engine, self._waiting = engine, list[Any]()
        self._kinds = dict[str, str]()

    def write(self, trial: Any) -> None:
        self._waiting.append(trial)
        if len(self._waiting) == AT_ONCE:
            self.close()

    def close(self) -> None:
        from sqlalchemy.orm import Session  # pyright: ignore[reportMissingImports]

        rows = list(map(self._row, self._waiting))
        self._waiting = []
        with Session(self._engine) as session, session.begin():
            session.add_all(rows)
            session.flush()  # which gives them ids, and keeps others from writing until all is there
            for number, row in enumerate(rows, rows[0].count_past_trials(session) if rows else 0):
                row.number = number

    def _row(self, trial: Any) -> Any:
        from optuna.distributions import distribution_to_json  # pyright: ignore[reportMissingImports]
        from optuna.storages._rdb import models  # pyright: ignore[reportMissingImports]

        values, steps = models.TrialValueModel, models.TrialIntermediateValueModel
        row = models.TrialModel(
            study_id=self._study._study_id,
            state=trial.state,
            datetime_start=trial.datetime_start,
            datetime_complete=trial.datetime_complete,
        )
        for objective, value in enumerate(trial.values or ()):
            kept, kind = values.value_to_stored_repr(value)
            row.values.append(values(objective=objective, value=kept, value_type=kind))
        for step, value in trial.intermediate_values.items():
            kept, kind = steps.intermediate_value_to_stored_repr(value)
            row.intermediate_values.append(steps(step=step, intermediate_value=kept, intermediate_value_type=kind))
        for name, kind in trial.distributions.items():
            number = kind.to_internal_repr(trial.params[name])
            if name not in self._kinds:  # the choices may be many, and are those of all trials
                self._kinds[name] = distribution_to_json(kind)
            text = self._kinds[name]
            row.params.append(models.TrialParamModel(param_name=name, param_value=number, distribution_json=text))
        for name, value in trial.user_attrs.items():
            row.user_attributes.append(models.TrialUserAttributeModel(key=name, value_json=json.dumps(value)))
        return row
