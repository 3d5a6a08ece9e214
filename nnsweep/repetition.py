"""A trial trained again, and where it first differs from what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from nnsweep.grid import Trial
from nnsweep.trainers import Outcome
from nnsweep.trainers.difference import difference

__all__ = ["Repetition", "again", "difference"]


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
