"""Checks of the whole grid: its size, that it is not empty, and that its parameters are compatible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from nnsweep.design.spelling import spell
from nnsweep.design.sweep import CASE, SEED, Sweep
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.sweepfile.problems import Path, Problem, show_name
from nnsweep.sweepfile.product import Values, combinations, count
from nnsweep.sweepfile.ranges import MAX_TRIALS
from nnsweep.trainers.protocol import Trainer

METRICS = "metrics"
"""The parameter that lists the metrics, if a trainer has one."""
MAX_ASKED = 5_000
"""Combinations that the trainer checks; of the others it checks only those with a new value."""


def problems(sweep: Sweep, trainer: Trainer, document: dict[str, Any]) -> list[Problem]:
    """Check the grid of a sweep whose single values are valid."""
    if sweep.search is not None:
        return list(dict.fromkeys(_disagreements(probed(sweep), trainer, document)))
    size = count(sweep.axes, sweep.include)
    if size > MAX_TRIALS:
        return [Problem(("include",), "the grid", f"{size:,} trials", f"at most {MAX_TRIALS:,}")]
    if next(combinations(sweep.axes, sweep.include, sweep.exclude), None) is None:
        return [Problem(("exclude",), "every combination of the grid is excluded; allowed: at least one trial")]
    return list(dict.fromkeys(_disagreements(sweep, trainer, document)))


def probed(sweep: Sweep) -> Sweep:
    """Return a searched sweep with the defaults of axes that have conditions among their values."""
    axes = (
        replace(axis, values=(*axis.values, axis.default)) if axis.only_if and axis.default not in axis.values else axis
        for axis in sweep.axes
    )
    return replace(sweep, axes=tuple(axes))


def bases(sweep: Sweep, parameters: Parameters) -> dict[str, dict[str, Any]]:
    """Return the complete parameters of each case, or of "" without cases, with the axes at their first values.

    Raises:
        ValidationError: a parameter has neither a value nor a default.
    """
    first = {axis.parameter: axis.values[0] for axis in sweep.axes if not (sweep.cases and axis.parameter == CASE)}
    return {n: parameters.complete({**sweep.fixed, **first, **case}) for n, case in (sweep.cases or {"": {}}).items()}


def _disagreements(sweep: Sweep, trainer: Trainer, document: dict[str, Any]) -> Iterator[Problem]:
    """Let the trainer check each combination of all axes except the seed."""
    parameters = Parameters.of(trainer)
    try:
        complete = bases(sweep, parameters)
    except ValidationError as failure:
        yield from parameters.lacking(failure, ("axes",))
        return
    axes = sweep.cell_axes
    exclude = [entry for entry in sweep.exclude if SEED not in entry]
    measured: dict[str, None] = {}
    for values in _asked(combinations(axes, sweep.include, exclude)):
        settings = {axis.parameter: value for axis, value in zip(axes, values, strict=True)}
        settings |= {axis.parameter: axis.default for axis in axes if not axis.applies(settings)}
        case = settings.pop(CASE) if sweep.cases else ""
        params = trainer.resolve({**complete[case], **settings}, sweep.judged_by)
        measured.update(dict.fromkeys(trainer.measured(params)))
        for parameter, sentence in trainer.problems(params):
            yield Problem(_place(parameter, case, document, parameters) or _judge(parameter, sweep), sentence)
    for path, metric in _judging(sweep):
        if metric and measured and metric not in measured:
            yield _unmeasured(metric, path, tuple(measured), trainer, parameters)


def _judging(sweep: Sweep) -> Iterator[tuple[Path, str]]:
    """Yield the metrics by which trials are judged, with their places."""
    yield ("success", "metric"), sweep.judged_by
    if sweep.search is not None:
        yield ("search", "metric"), sweep.search.metric
        yield from ((("search", "metrics"), metric) for metric in sweep.search.own.get("metrics", ()))


def _unmeasured(
    metric: str, path: Path, measured: tuple[str, ...], trainer: Trainer, parameters: Parameters
) -> Problem:
    """Make the problem that no trial measures a metric; it lists the measured ones and what to write."""
    message = f"no trial measures {show_name(metric)}"
    if metric in trainer.metrics and METRICS in parameters.spellings:
        wanted = f"`{METRICS} = {spell([*measured, metric])}`"
        return Problem(path, message, "", f"{', '.join(measured)}; or write {wanted}")
    return Problem(path, message, "", measured, metric)


def _asked(each: Iterator[Values]) -> Iterator[Values]:
    """Yield the first combinations, and of the others those with a new value."""
    seen: set[tuple[int, Any]] = set()
    for number, values in enumerate(each):
        if number < MAX_ASKED or not seen.issuperset(enumerate(values)):
            seen.update(enumerate(values))
            yield values


def _place(parameter: str, case: str, document: dict[str, Any], parameters: Parameters) -> Path:
    """Find where the file sets a parameter; an empty path if it does not."""
    for path in (("axes",), ("cases", case), ("fixed",)):
        table: Any = document
        for key in path:
            table = table.get(key, {})
        for name in table:
            if parameters.spellings.get(name) == parameter:
                return (*path, name)
    return ()


def _judge(parameter: str, sweep: Sweep) -> Path:
    """Return the place of the metric of success if it determines the metrics, else the top of the file."""
    return ("success", "metric") if parameter == METRICS and sweep.success else ()
