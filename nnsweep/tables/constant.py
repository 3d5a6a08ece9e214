"""Successes that take no skill: those of constant outputs, and those that a constant answer would reach too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nnsweep import format
from nnsweep.design.sweep import Success
from nnsweep.tables.failure_patterns import CONDITIONS
from nnsweep.trainers.protocol import ConstantAnswer, Outcome, Params, Trainer

if TYPE_CHECKING:
    from nnsweep.trials.grid import Trial

ROUNDING = 1e-9
"""Largest difference of equal metrics: sums of a trial and of the constant answer are added in different orders."""


@dataclass(frozen=True)
class NoSkill:
    """How many `successes` have a `constant` output, and how many are `no_better` than a constant answer.

    `answer` is the constant answer with the median value of the metric among these trials; None if none is known.
    """

    metric: str
    successes: int
    constant: int
    no_better: int
    answer: ConstantAnswer | None

    def __str__(self) -> str:
        """Return a sentence without its full stop."""
        of = f"of {format.count(self.successes, 'success', 'successes')}"
        known = (
            f"always answering {self.answer.answer} has {self.metric} {self.answer.value:.3g}" if self.answer else ""
        )
        if not self.no_better:
            said = f"{self.constant:,} {of} {_have(self.constant)} a constant output"
            return f"{said}; {known}" if known else said
        are = "is" if self.no_better == 1 else "are"
        said = f"{self.no_better:,} {of} {are} no better than one and the same answer for all samples: {known}"
        return f"{said}; {self.constant:,} {_have(self.constant)} a constant output" if self.constant else said


def find_no_skill(
    success: Success,
    won: Sequence[Trial],
    outcomes: Mapping[str, Outcome],
    trainer: Trainer | None,
    params: Callable[[Trial], Params],
) -> NoSkill | None:
    """Count the successful trials `won` that take no skill; None if there are none.

    `params` returns a trial's complete parameters. Without a `trainer` only constant outputs are counted.
    """
    ranges = [outcomes[trial.id].diagnosis.get("output_range", np.nan) for trial in won]
    constant = CONDITIONS["constant output"].holds(np.array(ranges, dtype=np.float64))
    answers = _answers(success, won, constant, trainer, params) if trainer else {}
    beaten = [id for id, each in answers.items() if not _better(outcomes[id].metrics[success.metric], each, success)]
    if not (constant.any() or beaten):
        return None
    known = sorted((answers[id] for id in beaten or answers), key=lambda each: each.value)
    middle = known[len(known) // 2] if known else None
    return NoSkill(success.metric, len(won), int(constant.sum()), len(beaten), middle)


def _answers(
    success: Success,
    won: Sequence[Trial],
    constant: np.ndarray,
    trainer: Trainer,
    params: Callable[[Trial], Params],
) -> dict[str, ConstantAnswer]:
    """Ask for the constant answer of trials that are constant, or on whose data such an answer is a success."""
    tempting: dict[str, bool] = {}
    found: dict[str, ConstantAnswer] = {}
    for trial, is_constant in zip(won, constant.tolist(), strict=True):
        complete = params(trial)
        data = trainer.fingerprint(complete)
        if is_constant or tempting.get(data, True):
            answer = trainer.baseline(complete).get(success.metric)
            tempting.setdefault(data, answer is not None and success.holds(answer.value))
            if answer is not None and (is_constant or tempting[data]):
                found[trial.id] = answer
    return found


def _better(value: float, answer: ConstantAnswer, success: Success) -> bool:
    gained = answer.value - value if success.lower else value - answer.value
    return gained > ROUNDING


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
