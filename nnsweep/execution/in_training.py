"""Counts the trials that are in training, for a search that waits for them."""

from __future__ import annotations

from nnsweep.execution.events import Event, Listener, Progressed


class InTraining(Listener):
    """Knows how many of the planned trials have not ended."""

    def __init__(self) -> None:
        self._left = 0

    def add(self, planned: int) -> None:
        """Count trials that are planned."""
        self._left += planned

    def hear(self, event: Event) -> None:
        """Count trials that have ended."""
        if isinstance(event, Progressed):
            self._left -= len(event.outcomes)

    def any(self) -> bool:
        """Whether a trial is in training, or waits for it."""
        return self._left > 0
