"""What the progress of a run says of a cluster: how far each worker is, and which trials failed where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nnsweep import format
from nnsweep.execution.events import Progressed
from nnsweep.status import FAILURES
from nnsweep.trainers.failures import signature

NAMED = 4
"""Workers that are named in one line; of more, the slowest is."""
FAILURES_SHOWN = 5
"""Failures that have a line of their own; all are counted."""
DIGITS = 8


class Watch:
    """Counts what the workers of a cluster have trained. It knows nothing of runs on this machine."""

    def __init__(self) -> None:
        self._trained, self._failed = Counter[str](), 0

    def add(self, progressed: Progressed) -> None:
        """Count the trials of a worker."""
        if progressed.worker:
            self._trained[progressed.worker] += len(progressed.outcomes)

    def failures(self, progressed: Progressed) -> Iterator[str]:
        """Give a line for each of the first trials that failed."""
        if not self._trained or all(outcome.status not in FAILURES for outcome in progressed.outcomes):
            return
        for trial, outcome in progressed.pairs:
            if outcome.status in FAILURES:
                self._failed += 1
                if self._failed <= FAILURES_SHOWN:
                    settings = ", ".join(f"{name}={value}" for name, value in trial.settings.items())
                    of = f" ({format.printable(settings)})" if settings else ""
                    on = f" on worker {progressed.worker}" if progressed.worker else ""
                    said = format.printable(signature(outcome.failure or outcome.status)[2])
                    yield f"trial {trial.id[:DIGITS]}{of} is `{outcome.status}`{on}: {said}"

    @property
    def note(self) -> str:
        """Say how far the workers are; "" if there are none."""
        counts = self._trained.most_common()
        if not counts:
            return ""
        failed = f", {self._failed:,} failed" if self._failed else ""
        if len(counts) <= NAMED:
            return failed + "; workers: " + ", ".join(f"{name} {count:,}" for name, count in sorted(counts))
        (_, most), (name, least) = counts[0], counts[-1]
        return f"{failed}; {len(counts):,} workers trained {least:,} ({name}) to {most:,} each"
