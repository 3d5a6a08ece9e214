"""In this process or on workers: by cost, by what ended a worker before, and by whether there can be any."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

import nnsweep
from nnsweep import spec
from nnsweep.execution import place
from nnsweep.trainers import find
from tests.helpers import PROJECT

MODULE = """
import os
import signal

def train(dies=False, seed=0):
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"pid": os.getpid()}
"""
GRID = """
name = "place"
trainer = "placed:train"
[axes]
dies = [false]
seed = { count = 3 }
"""
POOL = "it is itself a worker of a pool, which may start no other process"


@pytest.fixture
def placed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "placed.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    yield tmp_path
    for name in ("placed:train", "__main__:train"):
        find._loaded.pop(name, None)
        find._sources.pop(name, None)
    sys.modules.pop("placed", None)


def pids(results):
    return {outcome.metrics.get("pid") for outcome in results._outcomes.values()}


def run_in_pool(_):
    results = nnsweep.run("grid.toml", jobs=2, figures=False)
    return results.work.notices, pids(results) == {os.getpid()}


def test_inside_a_worker_of_a_pool(placed, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        notices, here = pool.map(run_in_pool, [0])[0]
    assert (notices, here) == ([f"training in this process, without workers: {POOL}"], True)


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file or directory"), ImportError("no sem_open")])
def test_without_semaphores(placed, monkeypatch, capsys, error):
    def lock(self):
        raise error

    monkeypatch.setattr(multiprocessing.context.SpawnContext, "Lock", lock)
    results = nnsweep.run("grid.toml", timeout=3, figures=False, quiet=False)
    said = (
        f"training in this process, without workers: this system gives no semaphores ({error}), "
        "and the time limit of 3 s is not kept"
    )
    assert results.work.notices == [said]
    assert said in str(results).splitlines()
    assert capsys.readouterr().err == f"{said}\n"
    assert pids(results) == {os.getpid()}


SCRIPT = """
import nnsweep
import os

def train(dies=False, seed=0):
    return {"pid": os.getpid()}

if __name__ == "__main__":
    results = nnsweep.run("grid.toml", jobs=2, figures=False)
    print(results)
    print({outcome.metrics["pid"] for outcome in results._outcomes.values()} == {os.getpid()})
"""


def test_a_function_of_a_script(placed):
    (placed / "script.py").write_text(SCRIPT, encoding="utf-8")
    (placed / "grid.toml").write_text(GRID.replace("placed:train", "__main__:train"), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "script.py"], capture_output=True, text=True, env=environment, timeout=60, check=True
    )
    said = "training in this process, without workers: none could import `__main__:train`; from a module of its own"
    assert f"{said} it could" in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1] == "True"


def test_what_has_ended_a_worker_runs_in_one(placed):
    deadly = GRID.replace("[false]", "[false, true]").replace("count = 3", "count = 1")
    first = nnsweep.run(spec.loads(deadly), jobs=2, figures=False)
    assert [outcome.status for outcome in first._outcomes.values()] == ["ok", "crashed"]
    for jobs in (None, 1):  # here it would end the tests
        again = nnsweep.retry(spec.loads(deadly), jobs=jobs, figures=False)
        assert [outcome.status for outcome in again._outcomes.values()] == ["ok", "crashed"]
    more = nnsweep.run(spec.loads(deadly.replace("{ count = 1 }", "[7]").replace(", true", "")), figures=False)
    assert os.getpid() not in pids(more)
    known = first.trial(dies=True).replay()
    assert (known.outcome.status, known.differs) == ("crashed", None)


def test_the_built_in_trainer_stays_here(tmp_path):
    small = spec.loads('name = "small"\n[fixed]\ntrain_size = 10\ntest_size = 10\n[axes]\nseed = { count = 2 }')
    results = nnsweep.run(small, tmp_path, figures=False)
    assert (results.trained, results.work.notices) == (2, [])
    assert place.why_no_workers("mlp") == ""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
