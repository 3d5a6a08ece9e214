"""A trial trained again, and where it first differs from what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from nnsweep.grid import Trial
from nnsweep.trainers import Outcome


@dataclass(frozen=True, repr=False)
class Repetition:
    """How a trial ended when it was trained again, and where that first differs from what is stored."""

    trial: Trial
    outcome: Outcome
    differs: str | None
    """None where the two are the same, bit for bit."""

    def __repr__(self) -> str:
        from nnsweep.report.show import told_of_replay

        return told_of_replay(self.trial, self.outcome, True, self.differs)


def again(trainer: str, trial: Trial) -> Outcome:
    """Train a trial alone, as a worker does."""
    from nnsweep.execution.worker import train_stack

    return train_stack(trainer, [trial.params]).outcomes[0]


def difference(stored: Outcome, again: Outcome) -> str | None:
    """Say where two outcomes of one trial first differ, None where they are the same bit for bit."""
    if stored.status != again.status:
        return f"it was {stored.status}, and is {again.status} now"
    epochs = stored.history.get("epoch") or again.history.get("epoch")
    firsts = [
        (place, name, old, new)
        for name in dict.fromkeys((*stored.history, *again.history))
        for place, (old, new) in enumerate(zip_longest(stored.history.get(name, ()), again.history.get(name, ())))
        if not _same(old, new)
    ]
    if firsts:
        place, name, old, new = min(firsts, key=lambda first: first[0])
        return f"{name} first differs after epoch {epochs[place] if epochs else place + 1}: {old!r} stored, {new!r} now"
    known = dict(again.diagnosis) if stored.diagnosis else {}  # An older nnsweep stored none.
    one, other = {**stored.metrics, **stored.diagnosis}, {**again.metrics, **known}
    for name in dict.fromkeys((*one, *other)):
        old, new = one.get(name), other.get(name)
        if not _same(old, new):
            return f"{name} differs: {old!r} stored, {new!r} now"
    return None


def _same(one: Any, other: Any) -> bool:
    return one == other or (one != one and other != other)
