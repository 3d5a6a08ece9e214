"""Workers that die at bad moments: nobody waits for them."""

import os
import signal
import sys
import threading
from contextlib import suppress
from queue import SimpleQueue

import pytest

from nnsweep.execution import Stack, dispatch
from nnsweep.execution.workers import Worker, next_of
from nnsweep.trials.grid import Trial
from tests.execution.fake_trainer import FakeParameters, FakeTrainer
from tests.execution.test_loky import stacks_of, workers
from tests.helpers import PROJECT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture(autouse=True)
def tests_are_importable_in_workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def kill(pid):
    """Kill a worker, and return when that can be seen."""
    os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):  # loky has seen it first
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_a_worker_that_dies_with_nothing_to_do_is_replaced():
    pairs = []
    for ended in dispatch(FakeTrainer.name, stacks_of(*["well"] * 4), 1, timeout=60.0):
        pairs += ended.pairs
        kill(int(ended.pairs[0][1].metrics["pid"]))
    assert {trial.id: outcome.status for trial, outcome in pairs} == {f"{value}": "ok" for value in range(12)}
    assert len({outcome.metrics["pid"] for _, outcome in pairs}) == 4
    assert workers() == []


def test_a_large_stack_on_its_way_to_a_worker_that_reads_nothing_is_given_up():
    params = FakeParameters(does="x" * 10_000_000).model_dump()  # more than a pipe holds
    stack = Stack((Trial("large", {}, params, ""),), 1.0)
    done = SimpleQueue[Worker]()
    worker = Worker(FakeTrainer.name, stack, None, done)
    assert next_of([worker], done) == (worker, False)
    assert worker.result() is None
    (pid,) = workers()
    os.kill(int(pid), signal.SIGSTOP)
    assert worker.train(stack)
    ending = threading.Thread(target=worker.end, daemon=True)
    ending.start()
    ending.join(timeout=30)
    assert not ending.is_alive()
    assert workers() == []
