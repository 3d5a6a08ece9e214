"""Time limits where a worker, the program or the machine is stopped for a while, on a clock of the test's."""

import os
import signal
import sys
from queue import Empty, SimpleQueue

import pytest

from nnsweep.execution import Stack, workers
from nnsweep.execution.allowance import Allowance, is_stopped
from nnsweep.execution.workers import Worker, next_of
from nnsweep.trials.grid import Trial
from tests.execution.fake_trainer import FakeParameters, FakeTrainer
from tests.helpers import PROJECT


def seconds_until_late(limit, stopped=lambda now: False, gaps=()):
    """Look at each tick until the limit is over; `gaps` are times of which the clock makes a jump, and how far."""
    allowance, now, jumps = Allowance(limit, 0.0), 0.0, dict(gaps)
    while allowance.left > 0:
        now += allowance.tick + 1e-9  # so that it moves however little is left
        for at in [at for at in jumps if at <= now]:
            now += jumps.pop(at)
        allowance.count(now, stopped(now))
    return now


@pytest.mark.parametrize("limit", [0.01, 0.5, 3.0, 60.0])
def test_a_limit_is_kept_where_nothing_is_stopped(limit):
    assert seconds_until_late(limit) == pytest.approx(limit, abs=1e-6)


@pytest.mark.parametrize("limit", [0.01, 0.5, 3.0, 60.0])
def test_a_jump_of_the_clock_costs_a_tenth_of_the_limit_at_most(limit):
    used = seconds_until_late(limit, gaps=[(limit / 2, 8.0)]) - 8.0
    assert limit - min(0.2, limit / 10) <= used <= limit + 1e-6


def test_a_worker_that_is_stopped_loses_no_time():
    assert seconds_until_late(3.0, stopped=lambda now: 1.0 < now <= 9.0) == pytest.approx(11.0, abs=1e-6)


def test_a_busy_program_does_not_let_a_worker_hang():
    allowance, now = Allowance(3.0, 0.0), 0.0
    while allowance.left > 0:
        now += 1.0  # each look is late
        allowance.count(now)
    assert now == 15.0


class Clock:
    """A clock that only waiting moves, and a queue that is waited for on it."""

    def __init__(self):
        self.now, self.done = 0.0, SimpleQueue()

    def monotonic(self):
        return self.now

    perf_counter = monotonic

    def put(self, worker):
        self.done.put(worker)

    def get(self, timeout):
        self.now += timeout
        if self.now < 100.0:
            raise Empty
        os.kill(self.stopped, signal.SIGCONT)
        return self.done.get(timeout=60.0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a process that it is stopped")
def test_a_worker_that_was_stopped_alone_for_longer_than_its_limit_ends_well(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    stack = Stack((Trial("one", {}, FakeParameters(value=3).model_dump(), ""),), 1.0)
    clock = Clock()
    worker = Worker(FakeTrainer.name, stack, 3.0, clock)
    try:
        assert clock.done.get(timeout=60.0) is worker
        assert worker.result() is None
        (clock.stopped,) = worker._pool._processes
        os.kill(clock.stopped, signal.SIGSTOP)
        os.waitid(os.P_PID, clock.stopped, os.WSTOPPED)
        assert is_stopped(clock.stopped)
        monkeypatch.setattr(workers, "time", clock)
        assert worker.train(stack)
        assert next_of([worker], clock) == (worker, False)
        assert worker.result().outcomes[0].metrics["square"] == 9.0
    finally:
        monkeypatch.undo()
        worker.end()
