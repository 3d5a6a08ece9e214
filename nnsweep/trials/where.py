"""The trials that meet a condition, as `--where` has it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import DIGITS, Trial

Condition = str | tuple[str, object]
"""What a trial must be: `hidden=4` or the beginning of an id, or the name of an axis and a value."""
ID_DIGITS = 4
"""Digits that name a trial by the beginning of its id, at least."""


def matching(trials: Sequence[Trial], sweep: Sweep, where: Sequence[Condition]) -> Grid:
    """Give those of a sweep's trials that meet every condition, as `find` does.

    Raises:
        NnsweepError: a condition names no axis, or no value on it, or no trial.
    """
    found = Grid.of(trials)
    for condition in where:
        name, said = setting(condition)
        if said is None:
            found = _with_id(found, name)
        else:
            axis = sweep.axis(name)
            found = found.take(found.having(axis.name, [axis.find(said)]))
    if not found:
        raise none_meets(sweep, where)
    return found


def none_meets(sweep: Sweep, where: Sequence[Condition]) -> NnsweepError:
    """Say that no trial of a sweep meets all conditions."""
    return NnsweepError(f"no trial of {sweep.name} has {' and '.join(map(written, where))} together")


def setting(condition: Condition) -> tuple[str, object]:
    """Cut a condition such as `hidden=4` in two; the value is None of the beginning of an id."""
    if isinstance(condition, tuple):
        return condition
    name, equals, value = condition.partition("=")
    return name.strip(), value.strip() if equals else None


def written(condition: Condition) -> str:
    """Write a condition as it would be typed: `hidden=4`."""
    return condition if isinstance(condition, str) else f"{condition[0]}={condition[1]}"


def _with_id(trials: Grid, start: str) -> Grid:
    is_start = ID_DIGITS <= len(start) <= DIGITS and {*start} <= {*"0123456789abcdef"}
    first, last = (int(start.ljust(DIGITS, fill), 16) for fill in ("0", "f")) if is_start else (1, 0)
    found = trials.take(((trials.ids >= np.uint64(first)) & (trials.ids <= np.uint64(last))).nonzero()[0])
    if not found:
        raise NnsweepError(
            f"`{start}` begins no trial's id; allowed: {ID_DIGITS} or more digits of one, or conditions such as seed=7"
        )
    return found
