"""Notice early that every trial of a run fails with the same error."""

from __future__ import annotations

from collections.abc import Iterable

from nnsweep import format
from nnsweep.status import FAILURES
from nnsweep.trainers import Outcome
from nnsweep.trainers.failures import signature

ENOUGH = 20
"""Failures alike after which it is said, while others are still to come."""


class FirstFailures:
    """Looks at the first outcomes of a run of `total` trials."""

    def __init__(self, total: int) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._count, self._looking = 0, total > ENOUGH

    def check(self, outcomes: Iterable[Outcome]) -> str:
        """Take outcomes as they come. When the first have all failed with one error, say so once; else say nothing."""
        for outcome in outcomes if self._looking else ():
            kind, where, message = signature(outcome.failure or outcome.status)
            self._seen.add((kind, where))
            self._count += 1
            alike = outcome.status in FAILURES and len(self._seen) == 1
            self._looking = alike and self._count < ENOUGH
            if not self._looking:
                at = f", at {where}" if where else ""
                return (
                    f"the first {ENOUGH} trials all failed with the same error: {format.printable(message)}{at}"
                    if alike
                    else ""
                )
        return ""
