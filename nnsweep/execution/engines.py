"""Choose what computes a run's stacks: NumPy alone, or compiled code where it can and is worth its start."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnsweep.defaults import AUTO, COMPILED, NUMPY
from nnsweep.errors import NnsweepError
from nnsweep.execution.plan import Plan
from nnsweep.trainers.protocol import Trainer
from nnsweep.trials.grid import Grid

IMPORT = 1.0
"""Seconds until compiled code can be loaded."""


class EngineChoice(NamedTuple):
    """What computes. It costs `share` of what NumPy alone does, and `start` more seconds."""

    engine: str = NUMPY
    share: float = 1.0
    start: float = 0.0


NUMPY_ALONE = EngineChoice()


def choose_engine(plan: Plan, trainer: Trainer, asked: str, share: float = 1.0) -> EngineChoice:
    """Choose by the expected cost; all that is to be trained costs `share` times as much as the plan.

    Raises:
        NnsweepError: compiled code was asked for, and cannot train a trial.
    """
    if asked == NUMPY or (asked == AUTO and plan.cost * share < IMPORT):
        return NUMPY_ALONE
    before = after = 0.0
    start = IMPORT
    for part in plan.parts:
        kinds = Grid.of(part.trials).kinds
        counts = np.bincount(kinds.numbers)
        for params, count in zip(kinds.first.params(), counts.tolist(), strict=True):
            refusal, speed, seconds = trainer.compiled(params)
            if refusal and asked == COMPILED:
                raise NnsweepError(f"`--engine {COMPILED}`: {refusal}; allowed: {AUTO}, {NUMPY}")
            cost = (trainer.cost([params]) or 0.0) * count
            before, after, start = before + cost, after + cost / speed, start + seconds
    ratio = after / before if before else 1.0
    worth = plan.cost * share * (1 - ratio) > start
    return EngineChoice(COMPILED, ratio, start) if worth or asked == COMPILED else NUMPY_ALONE
