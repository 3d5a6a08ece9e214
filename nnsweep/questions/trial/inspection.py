"""Look at single trials of a sweep, and check the gradients of its models."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.design.sweep import Sweep, label
from nnsweep.errors import NnsweepError
from nnsweep.execution.place import DEADLY
from nnsweep.folder.open import StoredSweep, stored_search
from nnsweep.folder.paths import Folder
from nnsweep.folder.remarks import Remarks
from nnsweep.folder.restore import completed, is_foreign
from nnsweep.folder.searched import first_asked
from nnsweep.questions.trial.failures import Group, group
from nnsweep.store import Store
from nnsweep.trainers import BUILT_IN, Outcome
from nnsweep.trainers import load as load_trainer
from nnsweep.trainers.protocol import ModelCheck
from nnsweep.trainers.saved import SavedFile
from nnsweep.trials.expand import expand
from nnsweep.trials.outcomes import Ends
from nnsweep.trials.trial import Trial
from nnsweep.trials.where import Condition, matching


@dataclass(frozen=True)
class Shown:
    """A stored trial, and the details from training it again."""

    trial: Trial
    outcome: Outcome | None
    details: Mapping[str, Any] = field(default_factory=dict)
    printed: str = ""
    """The output that it printed during training."""
    without: str = ""
    """Why there are no details: the trainer or the data could not be loaded."""
    remarks: Remarks = field(default_factory=Remarks)
    """The notes on it and its tags."""
    files: Sequence[SavedFile] = ()
    """The files that it saved during training."""
    logged: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """What it has logged, if it is being trained, or its run was killed."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a dict for JSON."""
        shown = self.trial.settings.items()
        settings = {name: value if isinstance(value, str) else label(value) for name, value in shown}
        outcome = {} if self.outcome is None else asdict(self.outcome)
        printed = {"printed": self.printed} if self.printed else {}
        noted = self.remarks.model_dump() if self.remarks else {}
        files = {"artifacts": [{"name": each.name, "bytes": each.size} for each in self.files]} if self.files else {}
        logged = {"logged": dict(self.logged)} if self.logged else {}
        found = {"id": self.trial.id, "settings": settings, **outcome, **printed, **noted, **files, **logged}
        return found | {"details": dict(self.details)}


def find(sweep: Sweep, where: Sequence[Condition], results: Path) -> Sequence[Trial]:
    """Give the trials that meet every condition: `hidden=4`, or the first digits of an id.

    Of a search, these are among the trials that are stored in its folder below `results`.

    `Axis.find` documents how a value may be written.

    Raises:
        NnsweepError: a condition names no axis, or no value on it, or no trial.
    """
    sweep = stored_search(sweep, Folder(results / sweep.name))
    return matching(expand(sweep, load_trainer(sweep.trainer)), sweep, where)


def cell(stored: StoredSweep) -> dict[str, Any] | None:
    """Summarise trials that differ only in their seed, as a row of the summary; None if they differ in more."""
    from nnsweep.tables import summary
    from nnsweep.tables.columns import record
    from nnsweep.tables.metrics import seen
    from nnsweep.tables.summary import number_cells

    sweep, table = stored.sweep, stored.table
    metrics = [name for name, values in stored.outcomes.metrics.items() if not np.isnan(values).all()]
    if not metrics or len(number_cells(table, sweep.cell_names)[1]) > 1:
        return None
    judged = seen(table, [], metrics, sweep.success.metric if sweep.success else None)
    return record(summary(table, [], metrics, sweep.success is not None, judged), 0)


def failures(stored: StoredSweep) -> list[Group]:
    """Group the failed ones of a sweep's trials by what was raised, and where."""
    return group(stored.grid, Ends.of(stored.grid, stored.outcomes))


def labelled(sweep: Sweep, trial: Trial) -> Trial:
    """Return a trial with the labels of its settings; no two values of an axis have the same label."""
    settings = {axis.name: axis.labels[trial.settings[axis.name]] for axis in sweep.axes if trial.settings}
    return replace(trial, settings=settings)


def show(stored: StoredSweep, trial: Trial, inputs: Sequence[Sequence[float]] = (), trainer: str = "") -> Shown:
    """Look up one trial, and train it again for its details; `trainer` is as in `restore.completed`.

    If the trainer or the data are not available, the trial is shown as it is stored, without details. With `inputs`,
    that is an error.

    Raises:
        NnsweepError: it was never trained and its sweep was opened by name; or, with `inputs`, as `restore.completed`.
    """
    from threadpoolctl import threadpool_limits

    with Store.read(stored.folder.store) as store:
        outcome, printed = store.outcomes([trial.id]).get(trial.id), store.printed(trial.id)
        if not trial.params_json and outcome is None:
            raise NnsweepError(f"trial {trial.id} is not trained yet; name its sweep file to see what it would be")
        files, logged = store.saved([trial.id]).get(trial.id, ()), store.logged([trial.id]).get(trial.id, {})
        shown = Shown(labelled(stored.sweep, trial), outcome, {}, printed, files=files, logged=logged)
        foreign = not trial.params_json and is_foreign(stored.sweep.trainer, trainer) and not inputs
        if foreign or _would_end_this_process(stored.sweep.trainer, outcome):
            return shown
        try:
            trial = trial if trial.params_json else completed([trial], store, stored.folder, trainer)[0]
        except NnsweepError as error:  # its data may be gone
            if inputs:
                raise
            return replace(shown, without=str(error))
    # One thread, as in a worker: the order of a sum depends on it. A trainer's prints do not belong to the answer.
    with threadpool_limits(limits=1), redirect_stdout(sys.stderr):
        return replace(shown, details=load_trainer(stored.sweep.trainer).details(trial.params, inputs))


def _would_end_this_process(trainer: str, outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status in DEADLY and trainer not in BUILT_IN


def check_gradients(sweep: Sweep) -> list[ModelCheck]:
    """Check the gradient of every distinct model of a sweep against central differences of its loss.

    Of a search, these are the first models that it chooses.

    Raises:
        NnsweepError: the trainer has no gradients to check.
    """
    trainer = load_trainer(sweep.trainer)
    trials = first_asked(sweep, trainer) if sweep.search else expand(sweep, trainer)
    return list(trainer.gradient_checks([trial.params for trial in trials]))
