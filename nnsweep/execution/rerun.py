"""Train the first quick trial of a user's function twice, to see whether `seed` decides everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nnsweep.execution.events import Warned
from nnsweep.execution.stack import Stack
from nnsweep.trainers.difference import difference
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.grid import Grid
from nnsweep.trials.trial import Trial

QUICK = 1.0
"""Seconds that a trial may have taken at most which is trained a second time."""


@dataclass(frozen=True)
class Rerun(Stack):
    """A trial that is trained a second time. Its first outcome is the one that is stored."""

    first: Outcome = field(kw_only=True)

    @property
    def silent(self) -> bool:
        """Print nothing: it was printed the first time."""
        return True

    @classmethod
    def of_quick(cls, pairs: Iterable[tuple[Trial, Outcome]]) -> Rerun | None:
        """Take the first trial that was quick and ended well, if there is one."""
        quick = ((trial, first) for trial, first in pairs if first.status == "ok" and first.seconds < QUICK)
        return next((cls(Grid.of([trial]), [1], first=first) for trial, first in quick), None)

    def compare(self, second: Outcome) -> Warned | None:
        """Warn if the second outcome differs from the first."""
        differs = difference(self.first, second)
        if differs is None:
            return None
        return Warned(
            f"trial {self.trials[0].id}, trained a second time, did not give the same ({differs}): it draws on what "
            "`seed` does not set, and its results cannot be repeated",
            lasting=True,
        )
