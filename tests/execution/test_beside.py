"""A worker trains a large grid whose trainings cost little, while the run itself plans and stores."""

from __future__ import annotations

import os
import signal
from importlib import import_module
from pathlib import Path

import pytest

import nnsweep
from nnsweep.execution import place
from nnsweep.execution.backends.pool import Pool
from nnsweep.execution.backends.processes import ProcessBackend
from nnsweep.store import Store
from nnsweep.trials import blocks
from tests.helpers import SMALL, files
from tests.helpers.stacks import workers


@pytest.fixture(autouse=True)
def large(monkeypatch, tmp_path):
    """Take a sweep of 48 trials for a large one, on a machine with two cores."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(blocks, "BLOCK", 10)
    monkeypatch.setattr(place, "BESIDE", 48)
    monkeypatch.setattr(place, "available_cpus", lambda: 2)


def submitted(monkeypatch, before=lambda backend: None):
    """Count what the worker gets; `before` is called after each."""
    counts: list[int] = []
    submit = ProcessBackend.submit

    def counted(self, stack, seconds=float("inf")):
        submit(self, stack, seconds)
        counts.append(len(stack.trials))
        before(self)

    monkeypatch.setattr(ProcessBackend, "submit", counted)
    return counts


def run(results, **options):
    return nnsweep.run(nnsweep.loads(SMALL), results, figures=False, **options)


def same_as_alone(found):
    with Store.read(found.folder / "trials.db") as store:
        assert store.verify() == 48
    return files(found.folder / "tables") == files(run("alone", jobs=1).folder / "tables")


def test_a_worker_trains_all_but_the_first_stack(monkeypatch):
    counts = submitted(monkeypatch)
    found = run("results")
    assert (found.trained, found.work.notices) == (48, [])
    assert 0 < 48 - sum(counts) <= 12, "the first stack trains here, while the worker starts"
    assert workers() == []
    assert same_as_alone(found)
    counts.clear()
    run("again", jobs=1)
    monkeypatch.setattr(place, "BESIDE", 49)
    run("fewer")
    assert counts == []


DIED = "the worker that trained beside this process died, perhaps for lack of memory: another one took its place"


def test_a_worker_that_dies_is_replaced_and_the_run_says_so(monkeypatch):
    def kill_first(backend):
        if len(counts) == 2:
            for pid in workers():
                os.kill(int(pid), signal.SIGKILL)

    counts = submitted(monkeypatch, kill_first)
    found = run("results")
    assert (found.trained, found.failed, found.work.notices) == (48, 0, [DIED])
    assert sum(counts) > 48 - 12, "what it had was trained again"
    assert same_as_alone(found)


@pytest.mark.slow
def test_a_worker_that_dies_between_two_stacks_is_replaced_and_the_run_says_so(monkeypatch):
    killed: list[int] = []

    def kill_idle(pool):
        if pool._idle and pool._idle[-1].ready and not killed:
            killed.append(pool._idle[-1].process.pid)
            os.kill(killed[0], signal.SIGKILL)
            pool._idle[-1].process.join()
        return idle(pool)

    idle = Pool._idle_worker
    monkeypatch.setattr(Pool, "_idle_worker", kill_idle)
    monkeypatch.setattr(import_module("nnsweep.execution.dispatch"), "AHEAD", 0)  # else it has a stack at any time
    found = run("results")
    assert len(killed) == 1
    assert (found.trained, found.failed, found.work.notices) == (48, 0, [DIED])
    assert same_as_alone(found)


@pytest.mark.parametrize("why", ["no process", "no semaphores"])
def test_where_no_worker_can_be_started_all_is_trained_here(monkeypatch, why):
    def start(self):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("joblib.externals.loky.backend.process.LokyProcess.start", start)
    if why == "no semaphores":
        monkeypatch.setattr(place, "why_no_workers", lambda name: "this system gives no semaphores")
    found = run(Path("results"))
    assert (found.trained, found.work.notices) == (48, [])
    assert same_as_alone(found)
