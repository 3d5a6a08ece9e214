"""Make the trials of a sweep: a grid with a row for each combination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnsweep import data
from nnsweep.data.places import look_beside
from nnsweep.design.sweep import CASE, Axis, Sweep
from nnsweep.errors import NnsweepError
from nnsweep.sweepfile.cross_checks import bases
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.trainers import check_unchanged
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.codes import combine, number_asked, values_of
from nnsweep.trials.complete import Choices, Completion, Identify
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import Trial


def _identity(source: data.DataSource) -> data.DataSource:
    return source.identity


def expand(sweep: Sweep, trainer: Trainer, identify: Identify = _identity) -> Grid:
    """Make a sweep's trials, the first axis outermost and the seed innermost; included ones at the end.

    Of a search, these are the trials that it has asked for so far, in that order.

    An id is the first 16 hex digits of BLAKE2b over the `canonical_json` of
    `{"data": trainer.fingerprint(params), "params": params, "trainer": trainer.name, "version": trainer.version}`.
    The params are resolved (`Trainer.resolve`), and those added later that have their defaults are left out
    (`AddedLater`). Files of data, and of a trainer, are named without their folders: their content is told besides.
    Trials that differ only in the name of their case have the same params, so the same id: one training fills both.
    `identify` gives ids that trials had, or would have, under other names of files.
    """
    look_beside(sweep.folder)
    data.refresh()
    check_made(sweep, trainer)
    complete = bases(sweep, Parameters.of(trainer))
    values = [values_of(axis, sweep.include) for axis in sweep.axes]
    if sweep.search is None:
        size, codes = combine(sweep.axes, sweep.include, sweep.exclude, values)
    else:
        size, codes = number_asked(sweep.asked, values)
    choices = [_choices(axis, each, sweep, complete) for axis, each in zip(sweep.axes, values, strict=True)]
    completion = Completion(next(iter(complete.values())), choices, trainer, sweep.judged_by, identify)
    repeats = any(len({*axis.values}) < len(axis.values) for axis in sweep.axes)
    are_distinct = size > 0 and not repeats and completion.tells_apart(codes, size)
    return Grid([axis.name for axis in sweep.axes], values, codes, size, completion, None, are_distinct)


def _choices(axis: Axis, values: Sequence[Any], sweep: Sweep, complete: Mapping[str, Mapping[str, Any]]) -> Choices:
    """What each value on an axis, or included, sets. A case sets whatever any case does, if only to the default."""
    if sweep.cases and axis.parameter == CASE:
        touched = {parameter for case in sweep.cases.values() for parameter in case}
        return [{name: complete[case][name] for name in touched} for case in values]
    return [{axis.parameter: value} for value in values]


def check_made(sweep: Sweep, trainer: Trainer) -> None:
    """Make sure that a trainer is the one that a sweep was made with.

    Raises:
        NnsweepError: it has changed since, or another one has taken its name.
    """
    check_unchanged(trainer)
    if sweep.trainer_version and trainer.version != sweep.trainer_version:
        made = f"since {sweep.name} was made; make the sweep again"
        raise NnsweepError(f"trainer `{trainer.name}` was defined anew {made}")


def trial_of(params: Mapping[str, Any], trainer: Trainer) -> Trial:
    """Make the one trial that has these complete parameters, without a place in a grid."""
    return Grid([], [], (), 1, Completion(params, [], trainer, "", _identity))[0]


def notes_of(trials: Sequence[Trial], trainer: Trainer) -> list[str]:
    """List what the trainer notes on the parameters of some trials, each note once."""
    kinds = Grid.of(trials).kinds.first.params()
    return list(dict.fromkeys(note for params in kinds for note in trainer.notes(params)))
