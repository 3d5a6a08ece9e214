"""Train a trial again, and find its first difference from the stored outcome, and what may be the reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from nnsweep.folder.other_results import Machines
from nnsweep.store import Store
from nnsweep.trainers import Outcome
from nnsweep.trainers.difference import difference
from nnsweep.trials.trial import Trial

__all__ = ["ReplayResult", "compare", "retrain"]


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
    from nnsweep.execution.place import Place, has_ended_processes, why_no_workers
    from nnsweep.execution.plan import Stack
    from nnsweep.execution.training import train_stack

    with Store.read(store) as opened_store:
        here = not has_ended_processes(opened_store, trainer) or why_no_workers(trainer) != ""
    if here:
        return train_stack(trainer, [trial.params]).outcomes[0]
    timeout = stored.seconds if stored.status == "timeout" else None
    trained = dispatch(trainer, [Stack.of([(trial,)])], Place(1, timeout, here=False))
    (outcome,) = [outcome for ended in trained for _, outcome in ended.pairs]
    return outcome


def compare(id: str, stored: Outcome, again: Outcome, store: Path) -> str | None:
    """Describe the first difference of a trial's outcomes, and of the processors if they are of different kinds."""
    differs = difference(stored, again)
    if differs is None:
        return None
    from nnsweep.execution.environment import environment

    with Store.read(store) as opened_store:
        number = opened_store.runs_of([id])[id]
        (there,) = [run["environment"] for run in opened_store.runs() if run["number"] == number]
    machines = Machines(there, json.dumps(environment(jobs=1)))
    return f"{differs}; {OTHER_KIND}: {machines.describe_kinds()}" if machines.kinds_differ else differs


OTHER_KIND = "it was trained on another kind of processor, so that its last bits may differ"
