"""The time that a worker may take. Time does not count while the worker, this process or the machine is stopped."""

from __future__ import annotations

from pathlib import Path

TICK = 0.1
"""Seconds between two looks at a worker that has a time limit."""
TICKS = 20
"""A shorter time limit is looked at so many times."""
LATE = 2
"""Ticks after which a look is late: this process, or the machine, was stopped before it."""


class Allowance:
    """What is left of a worker's time, in seconds. `count` must be called after each wait of `tick` seconds."""

    def __init__(self, seconds: float, now: float) -> None:
        self.left = seconds
        self._tick = min(TICK, seconds / TICKS)
        self._looked = now

    @property
    def tick(self) -> float:
        """How many seconds the next look can wait."""
        return max(0.0, min(self.left, self._tick))

    def count(self, now: float, stopped: bool = False) -> None:
        """Subtract the time since the last look, unless the worker is `stopped`.

        Of a late look only `LATE` ticks count. So Ctrl-Z costs at most a tenth of the limit, and 0.2 s.
        """
        passed, self._looked = now - self._looked, now
        if not stopped:
            self.left -= min(passed, LATE * self._tick)


def is_stopped(pid: int) -> bool:
    """Tell whether a process was stopped, by Ctrl-Z, SIGSTOP or a debugger; only Linux can tell."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):  # it has ended, or this is no Linux
        return False
    return state in ("T", "t")
