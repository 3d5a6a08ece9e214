"""Successes that take no skill: those of constant outputs, and those that a constant answer would reach too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnsweep import format
from nnsweep.design.sweep import SEED, Success, Sweep
from nnsweep.tables.columns import Columns
from nnsweep.tables.failure_patterns import CONDITIONS
from nnsweep.tables.summary import number_cells
from nnsweep.trainers.protocol import ConstantAnswer, Params, Trainer
from nnsweep.trials.outcomes import Ends

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
    sweep: Sweep, table: Columns, ends: Ends, trainer: Trainer | None, params: Callable[[list[int]], list[Params]]
) -> NoSkill | None:
    """Count the successful trials that take no skill; None if there are none.

    `table` is the trials table, whose rows `ends` has too. `params` returns the complete parameters of the trials in
    some rows, one of each cell. Without a `trainer` only constant outputs are counted.
    """
    success, won = sweep.required_success(), table["success"].nonzero()[0]
    constant = CONDITIONS["constant output"].holds(ends.diagnosis("output_range")[won])
    found = _answers(sweep, table, won, constant, trainer, params) if trainer else []
    answers = {ends.rows[row].item(): (row, answer) for row, answer in found}  # several rows may be of one training
    values = ends.metric(success.metric)
    beaten = [each for row, each in answers.values() if not _better(values[row].item(), each, success)]
    if not (constant.any() or beaten):
        return None
    known = sorted(beaten or [each for _, each in answers.values()], key=lambda each: each.value)
    middle = known[len(known) // 2] if known else None
    return NoSkill(success.metric, len(won), int(constant.sum()), len(beaten), middle)


def _answers(
    sweep: Sweep,
    table: Columns,
    won: NDArray[np.intp],
    constant: NDArray[np.bool_],
    trainer: Trainer,
    params: Callable[[list[int]], list[Params]],
) -> list[tuple[int, ConstantAnswer]]:
    """Ask for the constant answer of rows that are constant, or on whose data such an answer is a success."""
    success = sweep.required_success()
    cell, first = number_cells({name: table[name][won] for name in ("success", *sweep.cell_names)}, sweep.cell_names)
    seeds = {} if sweep.seed_name is None else {SEED: table[sweep.seed_name][won].tolist()}
    complete = params(won[first].tolist())

    def answer(place: int) -> ConstantAnswer | None:
        own = {name: values[place] for name, values in seeds.items()}
        return trainer.baseline({**complete[cell[place]], **own}).get(success.metric)

    data = [trainer.fingerprint(each) for each in complete]
    places = {each: first[data.index(each)].item() for each in dict.fromkeys(data)}
    firsts = {each: answer(place) for each, place in places.items()}
    tempting = {each: found is not None and success.holds(found.value) for each, found in firsts.items()}
    asked = constant | np.array([tempting[each] for each in data], dtype=bool)[cell]
    found = ((won[place].item(), answer(place)) for place in np.flatnonzero(asked).tolist())
    return [(row, each) for row, each in found if each is not None]


def _better(value: float, answer: ConstantAnswer, success: Success) -> bool:
    gained = answer.value - value if success.lower else value - answer.value
    return gained > ROUNDING


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
