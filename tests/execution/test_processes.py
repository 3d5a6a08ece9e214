"""Workers that die at bad moments: nobody waits for them."""

import ast
import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from io import BytesIO

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.execution.backends import worker
from nnsweep.execution.backends.base import Died, StackResult, Trained
from nnsweep.execution.backends.processes import ProcessBackend
from nnsweep.execution.backends.streams import Streams
from nnsweep.execution.backends.worker import pickle_result
from nnsweep.trainers import Outcome
from tests.helpers import PROJECT
from tests.helpers.fake_trainer import FakeTrainer
from tests.helpers.stacks import stack, trial, workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SCRIPT = """
import nnsweep

sweep = nnsweep.sweep("script", axes={"seed": {"count": 4}}, trainer="mine:train")
print(nnsweep.run(sweep, jobs=2, figures=False).trained, "trained")
"""


@pytest.fixture(autouse=True)
def tests_are_importable_in_workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def kill(pid):
    """Kill a worker, and return when that can be seen."""
    os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):  # it was seen and removed already
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_one_worker_takes_stacks_ahead_and_what_it_had_not_begun_when_it_died_is_trained_by_another():
    backend = ProcessBackend(FakeTrainer.name, 1, ahead=3)
    stacks = [stack(trial(1)), stack(trial(2, "dies")), stack(trial(3)), stack(trial(4))]
    try:
        for each in stacks:
            backend.submit(each)
        reports = [backend.next() for _ in stacks]
    finally:
        backend.cancel()
    assert [report.stack for report in reports] == stacks
    assert [type(report) for report in reports] == [Trained, Died, Trained, Trained]
    assert isinstance(reports[1], Died)
    assert reports[1].ready
    first, third, last = (report.result.outcomes[0].metrics["pid"] for report in reports if isinstance(report, Trained))
    assert first != third == last


@pytest.mark.slow
def test_a_worker_that_dies_with_nothing_to_do_is_replaced():
    """Its death is no death of the stack that it would have got."""
    backend, pids = ProcessBackend(FakeTrainer.name, 1), set()
    try:
        for value in range(4):
            backend.submit(stack(trial(value)))
            report = backend.next()
            assert isinstance(report, Trained)
            pids.add(pid := int(report.result.outcomes[0].metrics["pid"]))
            kill(pid)
    finally:
        backend.cancel()
    assert len(pids) == 4
    assert workers() == []


@pytest.mark.slow
def test_a_large_stack_on_its_way_to_a_worker_that_reads_nothing_is_given_up():
    backend = ProcessBackend(FakeTrainer.name, 1)
    backend.submit(stack(trial(1)))
    assert isinstance(backend.next(), Trained)
    (pid,) = workers()
    os.kill(int(pid), signal.SIGSTOP)
    backend.submit(stack(trial(2, "x" * 10_000_000)))  # more than a pipe holds
    ending = threading.Thread(target=backend.cancel, daemon=True)
    ending.start()
    ending.join(timeout=30)
    assert not ending.is_alive()
    assert workers() == []


def test_a_death_is_seen_while_a_child_of_the_worker_holds_its_pipe(tmp_path):
    """The child is killed last, so that the pipe stays open until the test has its report."""
    backend = ProcessBackend(FakeTrainer.name, 1)
    deadly = stack(trial(1, "leaves a child and dies", diary=str(tmp_path / "diary")))
    backend.submit(deadly)
    try:
        assert backend.next() == Died(deadly)
    finally:
        backend.cancel()
        os.kill(int((tmp_path / "diary.child").read_text(encoding="utf-8")), signal.SIGKILL)


def test_a_worker_that_dies_while_it_sends_is_a_death():
    backend = ProcessBackend(FakeTrainer.name, 1)
    deadly = stack(trial(1, "dies while it sends"))
    backend.submit(deadly)
    assert backend.next() == Died(deadly)
    backend.cancel()


def test_a_worker_that_dies_before_it_is_ready_has_not_trained():
    backend = ProcessBackend(FakeTrainer.name, 1)
    sound = stack(trial(1))
    backend.submit(sound)
    (pid,) = workers()
    kill(int(pid))
    assert backend.next() == Died(sound, ready=False)
    backend.cancel()


def test_a_system_that_starts_no_process_is_an_error(monkeypatch):
    def start(self):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("joblib.externals.loky.backend.process.LokyProcess.start", start)
    with pytest.raises(NnsweepError) as caught:
        ProcessBackend(FakeTrainer.name, 1).submit(stack(trial(1)))
    assert str(caught.value) == "no worker can be started: [Errno 11] Resource temporarily unavailable"


def test_what_is_raised_around_a_training_ends_the_run(monkeypatch):
    def fingerprint(self, params):
        raise asyncio.CancelledError("not here")

    monkeypatch.setattr(FakeTrainer, "fingerprint", fingerprint)
    nobody = Streams(BytesIO(), BytesIO())
    answer = pickle.loads(worker._answer(FakeTrainer.name, worker.Job([{}], {0: ""}, "name", silent=True), nobody))
    line = fingerprint.__code__.co_firstlineno + 1
    said = f"its `fingerprint` raised CancelledError: not here (test_processes.py, line {line})"
    assert isinstance(answer, NnsweepError)
    assert str(answer) == f"trainer `{FakeTrainer.name}`: {said}"


def test_an_outcome_that_cannot_be_sent_is_a_failure_of_its_trial_alone():
    bad = Outcome("ok", {"loss": lambda: None}, seconds=2.0)  # which no pickle holds
    sent = pickle.loads(pickle_result(StackResult([Outcome("ok"), bad], 3.0)))
    assert (sent.seconds, sent.outcomes[0]) == (3.0, Outcome("ok"))
    assert (sent.outcomes[1].status, sent.outcomes[1].seconds) == ("failed", 2.0)
    assert sent.outcomes[1].failure.startswith("its outcome could not be sent by the worker: ")


def test_workers_start_without_running_the_users_script_again(tmp_path):
    """A script without `if __name__ == "__main__"` can run a sweep."""
    (tmp_path / "mine.py").write_text("def train(seed=0):\n    return {'loss': float(seed)}\n", encoding="utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "4 trained\n", "")


def test_no_private_name_of_joblib_or_loky_is_used():
    for path in (PROJECT / "nnsweep").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                ("joblib", "loky", "multiprocessing")
            ):
                parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
                assert not [part for part in parts if part.startswith("_")], f"{path}:{node.lineno}"
