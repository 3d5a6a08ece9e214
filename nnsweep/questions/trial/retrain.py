"""A trial trained again, and where it first differs from what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from nnsweep.trainers import Outcome
from nnsweep.trainers.difference import difference
from nnsweep.trials.grid import Trial

__all__ = ["Repetition", "again", "difference"]


@dataclass(frozen=True, repr=False)
class Repetition:
    """How a trial ended when it was trained again, and where that first differs from what is stored."""

    trial: Trial
    outcome: Outcome
    differs: str | None
    """None where the two are the same, bit for bit."""

    def __repr__(self) -> str:
        from nnsweep.questions.trial.text import told_of_replay

        return told_of_replay(self.trial, self.outcome, True, self.differs)


def again(trainer: str, trial: Trial, stored: Outcome | None = None) -> Outcome:
    """Train a trial alone, as a worker does; in one, where what is stored of it would end this process."""
    from nnsweep.execution.dispatch import dispatch
    from nnsweep.execution.place import DEADLY
    from nnsweep.execution.plan import Stack
    from nnsweep.execution.training import train_stack

    if stored is None or stored.status not in DEADLY:
        return train_stack(trainer, [trial.params]).outcomes[0]
    (outcome,) = [pair[1] for ended in dispatch(trainer, [Stack(((trial,),))], 1, here=False) for pair in ended.pairs]
    return outcome
