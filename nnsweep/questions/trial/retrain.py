"""A trial trained again, and where it first differs from what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnsweep.store import Store
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
        from nnsweep.questions.trial.text import format_replay

        return format_replay(self.trial, self.outcome, True, self.differs)


def again(trainer: str, trial: Trial, stored: Outcome, store: Path) -> Outcome:
    """Train a stored trial alone, as a worker does; in one, where the store tells that its trainer ends processes.

    A trial that had timed out has the same time again.
    """
    from nnsweep.execution.dispatch import dispatch
    from nnsweep.execution.place import has_ended_processes, why_no_workers
    from nnsweep.execution.plan import Stack
    from nnsweep.execution.training import train_stack

    with Store.read(store) as opened:
        here = not has_ended_processes(opened, trainer) or why_no_workers(trainer) != ""
    if here:
        return train_stack(trainer, [trial.params]).outcomes[0]
    timeout = stored.seconds if stored.status == "timeout" else None
    trained = dispatch(trainer, [Stack(((trial,),))], 1, timeout, here=False)
    (outcome,) = [outcome for ended in trained for _, outcome in ended.pairs]
    return outcome
