"""A configuration as a study sees it: one trial, whose value sums up all of its seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, ClassVar, Literal

from nnsweep.design.sweep import SEED, Sweep
from nnsweep.folder.open import StoredSweep
from nnsweep.nn import higher_is_better
from nnsweep.status import ENDED, Status
from nnsweep.store.rows import digest
from nnsweep.trackers.record import TrialRecord, records
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.search.halving import DROPPED
from nnsweep.trials.search.racing import RULED_OUT
from nnsweep.trials.search.worth import Worth, worths_of

State = Literal["COMPLETE", "PRUNED", "FAIL"]


@dataclass(frozen=True)
class ConfigurationRecord:
    """What is exported of the trials that differ in their seed alone."""

    id: str
    """A digest of the complete parameters, without the seed."""
    settings: Mapping[str, Any]
    """The value on each axis that applies, as tables show it."""
    state: State
    values: Sequence[float]
    """What it is worth by each objective; empty if too few trials ended well."""
    steps: Mapping[int, float]
    """What it was worth after each epoch, where all of its trials were measured."""
    seeds: Mapping[str, Any]
    """The seeds, and the status and the metrics of each, as lists."""
    why: str
    """Why a search stopped it early; empty if it did not."""
    started: float
    """In seconds since 1970."""
    seconds: float
    """Of training, over all seeds."""
    problem: ClassVar[str] = ""
    """It has no files that may be damaged."""

    @property
    def size(self) -> int:
        """The number of its trials."""
        return len(self.seeds["status"])

    @cached_property
    def digest(self) -> str:
        """A digest of what is exported; with other seeds, or trained again, it is another one."""
        steps = sorted(self.steps.items())
        return digest([self.settings, self.state, self.values, steps, self.seeds, self.why])


def objectives(sweep: Sweep, metrics: Sequence[str]) -> list[Worth]:
    """List what makes a configuration good: of a search what it looks for, of a grid success or the first metric."""
    if sweep.search is not None:
        return worths_of(sweep)
    if sweep.success is not None:
        return [Worth(sweep.success.metric, sweep.success.lower, sweep.success)]
    return [Worth(name, not higher_is_better(name)) for name in metrics[:1]]


def configurations(stored: StoredSweep, where: Sequence[str], worths: Sequence[Worth]) -> Iterator[ConfigurationRecord]:
    """Read the configurations of a sweep, in its order.

    Raises:
        NnsweepError: a condition meets no trial. StoreError: the store is damaged.
    """
    cells: defaultdict[str, list[TrialRecord]] = defaultdict(list)
    for record in records(stored, where):
        cells[record.cell].append(record)
    stopped = stored.sweep.stopped
    for trials in cells.values():
        why = stopped.get(_row(stored.sweep, trials[0].settings), "") if stopped else ""
        yield _configuration(stored.sweep, trials, worths, why)


def _row(sweep: Sweep, settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of a configuration as they stand in the columns of tables."""
    shown = ({axis.labels[value]: axis.shown[value] for value in axis.every} for axis in sweep.cell_axes)
    return tuple(texts[settings[axis.name]] for axis, texts in zip(sweep.cell_axes, shown, strict=True))


def _configuration(
    sweep: Sweep, trials: Sequence[TrialRecord], worths: Sequence[Worth], why: str
) -> ConfigurationRecord:
    first, ended = trials[0], [each for each in trials if each.status in ENDED]
    values = _values([Outcome(each.status, each.metrics) for each in ended], worths)
    return ConfigurationRecord(
        id=digest([first.trainer, {name: value for name, value in first.params.items() if name != SEED}]),
        settings=_applying(sweep, first.settings),
        state="FAIL" if not values else "PRUNED" if why in (RULED_OUT, DROPPED) else "COMPLETE",
        values=values,
        steps=_steps(ended, worths) if len(worths) == 1 else {},
        seeds=_seeds(sweep, trials),
        why=why,
        started=min(each.started for each in trials),
        seconds=sum(each.seconds for each in trials),
    )


def _values(outcomes: Sequence[Outcome], worths: Sequence[Worth]) -> list[float]:
    """Return what trials that have ended are worth; nothing if that is no number."""
    losses = [worth.loss(outcomes) for worth in worths] if outcomes else []
    if not all(map(isfinite, losses)):
        return []
    return [loss if worth.lower or worth.success else -loss for worth, loss in zip(worths, losses, strict=False)]


def _applying(sweep: Sweep, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the seed, and axes whose conditions do not hold."""
    by_parameter = {axis.parameter: settings[axis.name] for axis in sweep.axes}
    return {axis.name: settings[axis.name] for axis in sweep.cell_axes if axis.applies(by_parameter)}


def _steps(ended: Sequence[TrialRecord], worths: Sequence[Worth]) -> dict[int, float]:
    """Return what the trials were worth after each epoch at which all were measured that had not diverged by then."""
    metric = worths[0].metric
    curves: list[tuple[Status, dict[int, float]]] = [
        (each.status, {epoch: values[metric] for epoch, values in each.points if metric in values}) for each in ended
    ]
    found: dict[int, float] = {}
    for epoch in sorted({epoch for _, curve in curves for epoch in curve}):
        outcomes = [
            Outcome("ok", {metric: curve[epoch]}) if epoch in curve else Outcome(status, {}) for status, curve in curves
        ]
        if all(each.metrics or each.status == "diverged" for each in outcomes) and (of := _values(outcomes, worths)):
            found[epoch] = of[0]
    return found if len(found) > 1 else {}


def _seeds(sweep: Sweep, trials: Sequence[TrialRecord]) -> dict[str, list[Any]]:
    """List the seeds, statuses and metrics of trials; a metric that one does not have is None."""
    seed = next((axis.name for axis in sweep.axes if axis.parameter == SEED), None)
    names = dict.fromkeys(name for each in trials for name in each.metrics)
    found = {"seed": [each.settings[seed] for each in trials]} if seed else {}
    found["status"] = [each.status for each in trials]
    return found | {name: [each.metrics.get(name) for each in trials] for name in names}
