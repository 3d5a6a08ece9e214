"""A trial as other trackers see it: a run with settings, metrics, curves, tags, notes and files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from math import isfinite
from pathlib import Path
from typing import Any

from nnsweep.design.sweep import Sweep
from nnsweep.errors import StoreError
from nnsweep.folder.artifacts import SavedArtifacts
from nnsweep.folder.notes import Notes, read_notes
from nnsweep.folder.open import StoredSweep
from nnsweep.status import Status
from nnsweep.store import Store
from nnsweep.store.contents import parse_params
from nnsweep.store.rows import Row, digest
from nnsweep.tables.columns import ROWS_AT_ONCE
from nnsweep.trainers.protocol import EPOCH
from nnsweep.trainers.saved import SavedFile
from nnsweep.trials.grid import Grid
from nnsweep.trials.ids import to_texts
from nnsweep.trials.where import matching

Point = tuple[int, dict[str, float]]
"""An epoch, and the metrics that were measured then."""


@dataclass(frozen=True)
class TrialRecord:
    """What is exported of one trial. All numbers are finite: a gap in a curve is a metric that its point lacks."""

    sweep: str
    id: str
    cell: str
    """The settings that the trial shares with its replicates: `alpha=0.01, hidden=4`; `all` where there are none."""
    settings: Mapping[str, Any]
    """The value on each axis, as tables show it."""
    params: Mapping[str, Any]
    """The complete parameters of the trainer."""
    trainer: str
    status: Status
    failure: str
    metrics: Mapping[str, float]
    points: Sequence[Point]
    """The curves, by epoch. The last point has the final metrics."""
    started: float
    """When the run started that trained it, in seconds since 1970."""
    seconds: float
    tags: Sequence[str]
    notes: Sequence[str]
    files: Sequence[SavedFile]
    artifacts: SavedArtifacts
    """Where the content of its files is."""

    @property
    def size(self) -> int:
        """The number of trials."""
        return 1

    @property
    def name(self) -> str:
        """The settings: `alpha=0.01, hidden=4, seed=7`."""
        return format_settings(self.settings) or self.id

    @property
    def config(self) -> dict[str, Any]:
        """The parameters, then the axes that no parameter has the name of: `alpha` beside `learning_rate`."""
        return {**self.params, **{name: value for name, value in self.settings.items() if name not in self.params}}

    @cached_property
    def digest(self) -> str:
        """A digest of what is exported. A trial that was trained or annotated anew has another one."""
        shown = [self.cell, self.settings, self.params, self.status, self.failure, self.metrics, self.points]
        files = [(file.name, file.content) for file in self.files]
        return digest([*shown, self.seconds, self.tags, self.notes, files])

    @cached_property
    def problem(self) -> str:
        """What is wrong with a file of the trial, which is therefore not exported; "" if nothing is."""
        try:
            for file in self.files:
                self.artifacts.check(self.id, file)
        except StoreError as error:
            return str(error)
        return ""

    def copy_files(self, folder: Path) -> None:
        """Copy the files that the trial saved into a folder, under their names.

        Raises:
            StoreError: one is damaged.
        """
        if self.files:
            self.artifacts.fetch(self.id, folder)


def records(stored: StoredSweep, where: Sequence[str] = ()) -> Iterator[TrialRecord]:
    """Read the stored trials of a sweep, in grid order; each id once.

    Raises:
        NnsweepError: a condition meets no trial. StoreError: the store, or a file beside it, is damaged.
    """
    notes, artifacts = read_notes(stored.folder), SavedArtifacts(stored.folder)
    with Store.read(stored.folder.store) as store:
        started = {run["number"]: _seconds_of(run["started"]) for run in store.runs()}
        for part in matching(stored.grid, stored.sweep, where).distinct.parts(ROWS_AT_ONCE):
            ids = to_texts(part.ids).tolist()
            rows, runs = {row.id: row for row in store.rows(ids)}, store.runs_of(ids)
            files = store.saved(ids)
            for id, settings in zip(ids, _settings(part, stored.sweep), strict=True):
                if id in rows:
                    found = _record(stored.sweep, rows[id], settings, notes, started[runs[id]])
                    yield found(files=files.get(id, []), artifacts=artifacts)


def _settings(trials: Grid, sweep: Sweep) -> Iterator[dict[str, Any]]:
    labels = {axis.name: axis.labels for axis in sweep.axes}
    for settings in trials.settings():
        yield {name: labels[name][value] for name, value in settings.items()}


def _record(
    sweep: Sweep, row: Row, settings: Mapping[str, Any], notes: Notes, started: float
) -> Callable[..., TrialRecord]:
    outcome, remarks = row.outcome, (notes.sweep, notes.of(row.id))
    cell = {axis.name: settings[axis.name] for axis in sweep.cell_axes}
    return partial(
        TrialRecord,
        sweep=sweep.name,
        id=row.id,
        cell=format_settings(cell) or "all",
        settings=settings,
        params=parse_params(row.params),
        trainer=row.trainer,
        status=outcome.status,
        failure=outcome.failure or "",
        metrics=outcome.metrics,
        points=points_of(outcome.history, outcome.metrics),
        started=started,
        seconds=outcome.seconds,
        tags=sorted({tag for each in remarks for tag in each.tags}),
        notes=[note.text for each in remarks for note in each.notes],
    )


def points_of(history: Mapping[str, Sequence[float]], metrics: Mapping[str, float]) -> list[Point]:
    """Put the lists of a history side by side, and the final metrics at the last epoch.

    >>> points_of({"epoch": [2, 4], "loss": [0.5, 0.25]}, {"loss": 0.25, "accuracy": 0.9})
    [(2, {'loss': 0.5}), (4, {'loss': 0.25, 'accuracy': 0.9})]
    """
    lists = {name: values for name, values in history.items() if name != EPOCH}
    epochs = history.get(EPOCH) or range(1, max(map(len, lists.values()), default=0) + 1)
    found: list[Point] = []
    for place, epoch in enumerate(epochs):
        found.append((int(epoch), {name: values[place] for name, values in lists.items() if isfinite(values[place])}))
    last, at = found.pop() if found else (0, {})
    return [*found, (last, {**at, **metrics})] if at or metrics else found


def format_settings(settings: Mapping[str, Any]) -> str:
    """Write settings in one line: `alpha=0.01, hidden=4`."""
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _seconds_of(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
