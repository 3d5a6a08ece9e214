"""What logging costs: 50,000 values a second, as a share of the processor time of a worker and of the run's process.

    python benchmarks/live_log.py

A loop logs 10,000 values, 1, 3 or 10 in a call, which are then sent and stored, as two workers do that log 100,000
values a second together. The time of the same loop without calls is subtracted. Beside it stands what the same calls
take of a method with the same parameters that does nothing, and what they take after `log = trial.log`. All is
processor time, the least of many repetitions, because others use the machine, too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nnsweep.store import Store
from nnsweep.trainers.live_trial import live, surrounded
from nnsweep.trainers.surroundings import Surroundings

RATE, VALUES, REPEAT = 50_000, 10_000, 200
"""Values a second, values of a measurement, and how often it is made."""
Loop = Callable[[Any, int], None]


def nothing(_: Any, steps: int) -> None:
    """Make the numbers, and log none."""
    for step in range(steps):
        float(step)


def one(trial: Any, steps: int) -> None:
    """Log one value at each step."""
    for step in range(steps):
        trial.log(loss=float(step), step=step)


def three(trial: Any, steps: int) -> None:
    """Log three values at each step."""
    for step in range(steps):
        x = float(step)
        trial.log(loss=x, accuracy=x, rate=x, step=step)


def ten(trial: Any, steps: int) -> None:
    """Log ten values at each step."""
    for step in range(steps):
        x = float(step)
        trial.log(a=x, b=x, c=x, d=x, e=x, f=x, g=x, h=x, i=x, j=x, step=step)


class Empty:
    """A trial whose method does nothing."""

    def log(self, values: Any = None, /, *, step: int | None = None, **metrics: Any) -> None:
        """Do nothing."""


def seconds(loop: Loop, trial: Any, steps: int) -> float:
    """Give the processor time of a loop."""
    began = time.process_time()
    loop(trial, steps)
    return time.process_time() - began


def logged(loop: Loop, steps: int, store: Store, bound: bool = False) -> tuple[float, float]:
    """Give the processor time of a worker that logs and sends, and that of the run's process which stores it.

    With `bound` the loop calls the method that the trial had before.
    """
    parts: list[Any] = []
    with surrounded(Surroundings(parts.append)), live({}) as trial:
        trial.log(started=1.0)  # starts the thread that sends
        trial.tick()
        called = SimpleNamespace(log=trial.log) if bound else trial
        began = time.process_time()
        loop(called, steps)
        trial.tick()
        worker = time.process_time() - began
    began = time.process_time()
    for part in parts:
        store.log("0" * 16, part)
    return worker, time.process_time() - began


def measure(loop: Loop, at_once: int, store: Store) -> tuple[float, float, float, float]:
    """Measure the processor times as shares of the seconds in which so many values are logged."""
    steps = VALUES // at_once
    times = [
        (
            seconds(nothing, None, steps),
            seconds(loop, Empty(), steps),
            *logged(loop, steps, store),
            logged(loop, steps, store, bound=True)[0],
        )
        for _ in range(REPEAT)
    ]
    plain, empty, worker, run, bound = (min(each) * RATE / VALUES for each in zip(*times, strict=True))
    return empty - plain, worker - plain, bound - plain, run


def main() -> None:
    """Print the shares."""
    print(f"{RATE:,} values a second, on Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print("values in a call  a method that does nothing  worker  after `log = trial.log`  the run's process")
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder, "trials.db")) as store:
        for at_once, loop in {1: one, 3: three, 10: ten}.items():
            empty, worker, bound, run = measure(loop, at_once, store)
            print(f"{at_once:16} {empty:27.2%} {worker:7.2%} {bound:23.2%} {run:18.2%}")


if __name__ == "__main__":
    main()
