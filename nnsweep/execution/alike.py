"""Notice early that every trial of a run fails with the same error."""

from __future__ import annotations

from collections.abc import Iterable

from nnsweep.trainers import FAILURES, Outcome
from nnsweep.trainers.failures import signature

FIRST = 20
"""Trials that fail alike before it is said, while others are still to come."""


class FirstFailures:
    """Looks at the first trials of a run of `total`."""

    def __init__(self, total: int) -> None:
        self._found: set[tuple[str, str]] = set()
        self._count, self._looking = 0, total > FIRST

    def notice(self, outcomes: Iterable[Outcome]) -> str:
        """Take outcomes as they come; once the first have all failed with one error, say it, and else nothing."""
        for outcome in outcomes if self._looking else ():
            kind, where, message = signature(outcome.failure or outcome.status)
            self._found.add((kind, where))
            self._count += 1
            self._looking = outcome.status in FAILURES and len(self._found) == 1 and self._count < FIRST
            if not self._looking:
                alike = outcome.status in FAILURES and len(self._found) == 1
                at = f", at {where}" if where else ""
                return f"the first {FIRST} trials all failed with the same error: {message}{at}" if alike else ""
        return ""
