"""How much logging slows a training: values a second, and the processor time that they take in worker and run.

    python benchmarks/live_log.py

A function computes in steps for some seconds of processor time. It logs nothing, then 50,000 values a second, 10 at a
time, as two workers do that log 100,000 together. The time of the worker and of the run's process are those of the
operating system. The extra time is given as a share of the training: of one worker's, and with the run's part.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from nnsweep.store import Store
from nnsweep.trainers.live_trial import LiveTrial, live, surrounded
from nnsweep.trainers.logged import Part
from nnsweep.trainers.surroundings import NOWHERE, Surroundings

RATE, AT_ONCE = 50_000, 10
"""Values a second, and in each call."""


def train(trial: LiveTrial, steps: int, work: np.ndarray, log: bool) -> float:
    """Compute in steps, each of which is to take 1/5,000 of a second; return the processor time."""
    began = time.process_time()
    for step in range(steps):
        work.sum()
        if log:
            x = float(step)
            trial.log(a=x, b=x, c=x, d=x, e=x, f=x, g=x, h=x, i=x, j=x, step=step)
    return time.process_time() - began


def measure(seconds: float = 3.0, repeat: int = 5) -> dict[str, float]:
    """Measure the shares of the extra time, the least of some repetitions, because others use the machine, too."""
    steps = int(seconds * RATE / AT_ONCE)
    work = np.zeros(1000)
    while train(LiveTrial({}, NOWHERE), 1000, work, log=False) < 1000 * AT_ONCE / RATE:
        work = np.zeros(len(work) * 5 // 4)
    found = {"worker": [], "run": []}
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder, "trials.db")) as store:
        for _ in range(repeat):
            plain = train(LiveTrial({}, NOWHERE), steps, work, log=False)
            parts: list[Part] = []
            with surrounded(Surroundings(parts.append)), live({}) as trial:
                logged = train(trial, steps, work, log=True)
            began = time.process_time()
            for part in parts:
                store.log("0" * 16, part)
            found["worker"].append((logged - plain) / plain)
            found["run"].append((time.process_time() - began) / plain)
    return {name: min(values) for name, values in found.items()} | {"calls": steps / seconds}


def main() -> None:
    """Print the shares."""
    found = measure()
    print(f"{RATE:,} values a second, {AT_ONCE} in a call, on Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"worker: {found['worker']:.2%} more processor time; the run's process: {found['run']:.2%} for each worker")


if __name__ == "__main__":
    main()
