"""Say how far a sweep is: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Counts trials, or what else, to standard error. Use it as a context manager.

    A terminal has a bar after `delay` seconds; elsewhere there is a line every `between` seconds.
    """

    def __init__(
        self,
        total: int,
        quiet: bool = False,
        what: str = "trials",
        delay: float = 0.0,
        between: float = SECONDS_BETWEEN_LINES,
    ) -> None:
        self._what, self._between = what, between
        self._total, self._ended = total, 0
        self._said = time.monotonic()
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
        if self._bar is not None:
            self._bar.close()

    def update(self, count: int) -> None:
        """Count some that ended."""
        self._ended += count
        if self._bar is not None:
            self._bar.update(count)
        elif not self._quiet and time.monotonic() - self._said >= self._between:
            self._said = time.monotonic()
            print(f"{self._ended:,} of {self._total:,} {self._what}", file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """Write a line besides, above the bar where there is one."""
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        elif not self._quiet:
            print(line, file=sys.stderr, flush=True)
