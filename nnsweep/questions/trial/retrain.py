"""Train a trial again, and find its first difference from the stored outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnsweep.store import Store
from nnsweep.trainers import Outcome
from nnsweep.trainers.difference import difference
from nnsweep.trials.trial import Trial

__all__ = ["ReplayResult", "difference", "retrain"]


@dataclass(frozen=True, repr=False)
class ReplayResult:
    """The outcome of a trial that was trained again, and its first difference from the stored outcome."""

    trial: Trial
    outcome: Outcome
    differs: str | None
    """None if both outcomes are the same, bit for bit."""

    def __repr__(self) -> str:
        from nnsweep.questions.trial.text import format_replay

        return format_replay(self.trial, self.outcome, True, self.differs)


def retrain(trainer: str, trial: Trial, stored: Outcome, store: Path) -> Outcome:
    """Train a stored trial alone. Use a worker process if the store shows that its trainer has ended processes.

    A trial that timed out gets the same time limit again.
    """
    from nnsweep.execution.dispatch import dispatch
    from nnsweep.execution.place import has_ended_processes, why_no_workers
    from nnsweep.execution.plan import Stack
    from nnsweep.execution.training import train_stack

    with Store.read(store) as opened_store:
        here = not has_ended_processes(opened_store, trainer) or why_no_workers(trainer) != ""
    if here:
        return train_stack(trainer, [trial.params]).outcomes[0]
    timeout = stored.seconds if stored.status == "timeout" else None
    trained = dispatch(trainer, [Stack.of([(trial,)])], 1, timeout, here=False)
    (outcome,) = [outcome for ended in trained for _, outcome in ended.pairs]
    return outcome
