"""Show how far a run is: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

from nnsweep import format
from nnsweep.execution.events import Ended, Event, Listener, Planned, Progressed, Started, Warned
from nnsweep.execution.watch import Watch

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Counts trials, or other things, on standard error. Use it as a context manager.

    A terminal shows a bar after `delay` seconds. Elsewhere a line is written every `between` seconds (default:
    `SECONDS_BETWEEN_LINES`).
    """

    def __init__(
        self,
        total: int,
        quiet: bool = False,
        what: str = "trials",
        delay: float = 0.0,
        between: float | None = None,
    ) -> None:
        self._what, self._between = what, SECONDS_BETWEEN_LINES if between is None else between
        self._total, self._ended = total, 0
        self._said = self._began = time.monotonic()
        self._ended_before = 0
        self._quiet = quiet
        self._bar: Any = None
        if not quiet and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=total, unit=f" {what}", unit_scale=total >= 1000, leave=False, dynamic_ncols=True, delay=delay
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()

    def expect(self, total: int) -> None:
        """Change how many things there are."""
        self._total = total
        if self._bar is not None:
            self._bar.total = total
            self._bar.refresh()

    def update(self, count: int, note: str = "") -> None:
        """Count things that have ended. A `note` follows the numbers."""
        self._ended += count
        if self._bar is not None:
            self._bar.set_postfix_str(note.lstrip(",; "), refresh=False)
            self._bar.update(count)
        elif not self._quiet and time.monotonic() - self._said >= self._between:
            self._said = time.monotonic()
            print(f"{self._ended:,} of {self._total:,} {self._what}{self._left()}{note}", file=sys.stderr, flush=True)

    def measure_anew(self) -> None:
        """Forget how long things took so far: the others are done elsewhere."""
        self._began, self._ended_before = time.monotonic(), self._ended

    def _left(self) -> str:
        """Say how long the rest takes, as it went so far; nothing if none has ended."""
        left, ended = self._total - self._ended, self._ended - self._ended_before
        seconds = left * (time.monotonic() - self._began) / max(1, ended)
        return f", about {format.duration(seconds)} left" if left > 0 and ended > 0 else ""

    def say(self, line: str) -> None:
        """Write a line, above the bar where there is one."""
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        elif not self._quiet:
            print(line, file=sys.stderr, flush=True)


class ProgressBar(Listener):
    """Shows the progress of a run, and its warnings as they come; if `quiet`, nothing."""

    def __init__(self, quiet: bool) -> None:
        self._quiet, self._planned = quiet, False
        self._progress, self._watch = Progress(0, quiet=True), Watch()

    def hear(self, event: Event) -> None:
        """Begin with the plan, count what ended, write warnings, and end with the run."""
        match event:
            case Planned() if self._planned:
                self._progress.expect(event.trials)
            case Planned():
                self._planned, self._progress = True, Progress(event.trials, self._quiet)
            case Started():
                self._progress.measure_anew()
                if event.where:
                    self._progress.say(f"{event.where}; workers train {event.jobs} stacks at once")
            case Progressed():
                self._watch.add(event)
                for line in self._watch.failures(event):
                    self._progress.say(line)
                self._progress.update(len(event.outcomes), self._watch.note)
            case Warned():
                self._progress.say(event.message)
            case Ended():
                self._progress.close()
            case _:
                pass
