"""How well a cluster of 2 to 500 workers is used: a simulation in which only the training and the workers are not real.

    python benchmarks/cluster.py [TRIALS [WORKERS ...]]

A user's function sleeps for 0.1 s for each trial. The run is real: it expands the grid, plans blocks, sizes stacks by
what the first of them took, and stores every trial. Its backend trains in simulated time, in which this process takes
what it takes of its processor. A stack costs a scheduler 7 ms, one after the other, as measured with Dask 2026.8.0.

Efficiency is the time of all trainings, divided by the workers and by the time until the last trial is stored.
"""

from __future__ import annotations

import pickle
import sys
import tempfile
import time
from collections.abc import Sequence
from heapq import heappop, heappush
from math import inf
from unittest import mock

import nnsweep
from nnsweep.execution.backends.base import Backend, Report, StackResult, Trained
from nnsweep.execution.stack import Stack
from nnsweep.trainers import Outcome

TRIALS, WORKERS = 1_000_000, (2, 10, 50, 200, 500)
SEEDS = 100
TRAINING, TASK = 0.1, 0.007
"""Seconds of a trial, and of the scheduler for a stack."""
FIRST = 1.0
"""Seconds from the start of the run's process to its first line: Python, imports, the connection."""


class SimulatedBackend(Backend):
    """Workers that train in simulated time. What this process does takes the time of its processor."""

    survives_death = True
    keeps_timeout = True

    def __init__(self, workers: int) -> None:
        self.slots = self.ahead = workers
        self.now = FIRST
        self.stacks = 0
        self._looked = time.process_time()
        self._free = [0.0] * workers
        self._scheduled, self._cancelled = 0.0, False
        self._ends: list[tuple[float, int, Stack]] = []

    def look(self) -> float:
        """Let the time pass that this process took since it was last looked at; return the time."""
        looked = time.process_time()
        self.now, self._looked = self.now + looked - self._looked, looked
        return self.now

    def submit(self, stack: Stack, seconds: float = inf) -> None:
        """Have the scheduler give the stack to the worker that is free first."""
        self._scheduled = max(self._scheduled, self.look()) + TASK
        end = max(heappop(self._free), self._scheduled) + TRAINING * len(stack.sizes)
        heappush(self._free, end)
        self.stacks += 1
        heappush(self._ends, (end, self.stacks, stack))

    def next(self) -> Report:
        """Wait until a stack has ended, and read what its worker sent."""
        self.look()
        end, _, stack = heappop(self._ends)
        self.now = max(self.now, end)
        outcomes = [
            Outcome("ok", {"error": params["value"] / 7}, {"error": [params["value"] / 7]}, TRAINING)
            for params in stack.params
        ]
        sent = pickle.dumps(outcomes)
        self._looked = time.process_time()  # the worker did that
        return Trained(stack, StackResult(pickle.loads(sent), TRAINING * len(outcomes)))

    def cancel(self) -> None:
        """End nothing: the last trials are stored."""
        if not self._cancelled:
            self._cancelled = True
            self.look()


def train(value: int, seed: int) -> float:
    """Sleep, if it were called."""
    time.sleep(TRAINING)
    return value / 7


def simulate(trials: int, workers: int) -> SimulatedBackend:
    """Run a sweep on a simulated cluster; at the returned backend's `now` its last trial is stored."""
    backend = SimulatedBackend(workers)
    axes = {"value": {"from": 1, "to": trials // SEEDS}, "seed": {"count": SEEDS}}
    sweep = nnsweep.sweep("simulated", axes=axes, trainer=train)
    with (
        tempfile.TemporaryDirectory() as results,
        mock.patch("nnsweep.execution.backends.dask.DaskBackend", return_value=backend),
    ):
        found = nnsweep.run(sweep, results, scheduler="tcp://simulated:1", figures=False)
        assert found.trained == trials
    return backend


def main(arguments: Sequence[str]) -> None:
    """Print a line for each number of workers."""
    trials, *workers = map(int, arguments) if arguments else (TRIALS, *WORKERS)
    print(f"{trials:,} trials of {TRAINING} s")
    print("workers  stacks   seconds  efficiency")
    for count in workers or WORKERS:
        done = simulate(trials, count)
        efficiency = trials * TRAINING / (count * done.now)
        print(f"{count:7}  {done.stacks:6,}  {done.now:8,.0f}  {efficiency:8.1%}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
