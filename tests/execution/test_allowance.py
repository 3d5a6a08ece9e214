"""Time limits where a worker, the program or the machine is stopped for a while, on a clock of the test's."""

import os
import signal
import sys
from queue import Empty

import pytest

from nnsweep.execution.backends import pool
from nnsweep.execution.backends.allowance import Allowance, is_stopped
from nnsweep.execution.backends.processes import ProcessBackend
from tests.helpers import PROJECT
from tests.helpers.fake_trainer import FakeTrainer
from tests.helpers.stacks import stack, trial, workers


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

    def __init__(self, queue, stopped):
        self.now, self._queue, self._stopped = 0.0, queue, stopped

    def monotonic(self):
        return self.now

    perf_counter = monotonic

    def get(self, timeout):
        self.now += timeout
        if self.now < 100.0:
            raise Empty
        os.kill(self._stopped, signal.SIGCONT)
        return self._queue.get(timeout=60.0)

    def get_nowait(self):
        return self._queue.get_nowait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a process that it is stopped")
def test_a_worker_that_was_stopped_alone_for_longer_than_its_limit_ends_well(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    backend = ProcessBackend(FakeTrainer.name, 1)
    try:
        backend.submit(stack(trial(2)))
        backend.next()
        stopped = int(workers()[0])
        os.kill(stopped, signal.SIGSTOP)
        os.waitid(os.P_PID, stopped, os.WSTOPPED)
        assert is_stopped(stopped)
        clock = Clock(backend._pool._messages, stopped)
        monkeypatch.setattr(backend._pool, "_messages", clock)
        monkeypatch.setattr(pool, "time", clock)
        backend.submit(stack(trial(3)), 3.0)
        assert backend.next().result.outcomes[0].metrics["square"] == 9.0
    finally:
        monkeypatch.undo()
        backend.cancel()
