"""One stored trial: what it was, and what training it again shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from nnsweep.errors import NnsweepError
from nnsweep.grid import Trial
from nnsweep.repetition import Repetition, again, difference
from nnsweep.report import Folder
from nnsweep.trainers import Outcome
from nnsweep.trainers import load as load_trainer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

Given = TypeVar("Given")


@dataclass(frozen=True, repr=False)
class StoredTrial:
    """A stored trial, the trainer's name, and the results folder it is stored in."""

    trial: Trial
    outcome: Outcome
    trainer: str
    folder: Folder

    def __repr__(self) -> str:
        from nnsweep.report.show import told_of_trial

        return told_of_trial(self.trial, self.outcome, {})

    def replay(self) -> Repetition:
        """Train it again, alone, and hold it against what is stored."""
        outcome = again(self.trainer, self.trial)
        return Repetition(self.trial, outcome, difference(self.outcome, outcome))

    def trace(self, every: int = 1) -> pd.DataFrame:
        """Train it again: a row for step 0 and each `every`-th one, a column `step` and one per parameter.

        Raises:
            NnsweepError: the trainer keeps no parameters to trace, or there would be too many numbers.
        """
        import pandas as pd

        names, values = _alone(lambda: load_trainer(self.trainer).trace(self.trial.params, every))
        table = pd.DataFrame(values, columns=pd.Index(names))
        table.insert(0, "step", [step * every for step in range(len(values))])
        return table

    def figure(self, kind: str, **options: Any) -> Figure:
        """Train it again, and draw a figure of KINDS: `trial.figure("trace", weights=["w11", "w12"])`.

        Raises:
            NnsweepError: there is no such kind, or nothing to draw of it.
        """
        if kind not in KINDS:
            raise NnsweepError(f"no figure `{kind}` of a trial; allowed: {', '.join(KINDS)}")
        return KINDS[kind](self, **options)


def _alone(train: Callable[[], Given]) -> Given:
    """Train as a worker does: a sum's order depends on the number of threads."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return train()


def _trace(stored: StoredTrial, weights: Sequence[str] = (), every: int = 1) -> Figure:
    """Draw weights and biases over the steps of training: those named, such as `w12`, or all."""
    from nnsweep.analysis.weights import chosen
    from nnsweep.figures.trace import trace
    from nnsweep.report.trial import title

    return trace(chosen(stored.trace(every), weights), title(stored.folder, stored.trial, stored.outcome))


KINDS: dict[str, Callable[..., Figure]] = {"trace": _trace}
"""Figures of one trial, by name; options of each are what its function takes."""
