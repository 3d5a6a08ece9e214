"""In this process or on workers: by cost, by what ended a worker before, and by whether there can be any."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from importlib import import_module

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.execution import place
from nnsweep.execution.backends import local
from nnsweep.store import Store
from nnsweep.trainers import plugins
from tests.helpers import PROJECT, call

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
def placed(tmp_path, module):
    module(MODULE, "placed.py")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    yield tmp_path
    plugins._loaded.pop("__main__:train", None)
    plugins._sources.pop("__main__:train", None)


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


@pytest.mark.slow
def test_what_has_ended_a_worker_runs_in_one(placed):
    deadly = GRID.replace("[false]", "[false, true]").replace("count = 3", "count = 1")
    first = nnsweep.run(sweepfile.loads(deadly), jobs=2, figures=False)
    assert [outcome.status for outcome in first._outcomes.values()] == ["ok", "crashed"]
    for jobs in (None, 1):  # here it would end the tests
        again = nnsweep.retry(sweepfile.loads(deadly), jobs=jobs, figures=False)
        assert [outcome.status for outcome in again._outcomes.values()] == ["ok", "crashed"]
    more = nnsweep.run(sweepfile.loads(deadly.replace("{ count = 1 }", "[7]").replace(", true", "")), figures=False)
    assert os.getpid() not in pids(more)
    known = first.trial(dies=True).replay()
    assert (known.outcome.status, known.differs) == ("crashed", None)


def test_the_built_in_trainer_stays_here(tmp_path):
    small = sweepfile.loads('name = "small"\n[fixed]\ntrain_size = 10\ntest_size = 10\n[axes]\nseed = { count = 2 }')
    results = nnsweep.run(small, tmp_path, figures=False)
    assert (results.trained, results.work.notices) == (2, [])
    assert place.why_no_workers("mlp") == ""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def counted(monkeypatch):
    """Count the workers that are asked for, without starting any."""
    dispatch = import_module("nnsweep.execution.dispatch")

    started: list[int] = []

    def processes(trainer_name, jobs, keep):
        started.append(jobs)
        return dispatch.LocalBackend(trainer_name)

    monkeypatch.setattr(dispatch, "_processes", processes)
    return started


@pytest.fixture
def paced(placed, monkeypatch):
    """Have the trainer's clock go by a number of seconds for each trial."""
    dispatch = import_module("nnsweep.execution.dispatch")

    monkeypatch.setattr(place, "choose_jobs", lambda cost, asked: asked or (1 if cost < 2 else 4))
    monkeypatch.setattr(dispatch, "choose_jobs", place.choose_jobs)
    train = local.train_stack

    def slow(trainer_name, stack, *options):
        return train(trainer_name, stack)._replace(seconds=paces.pop(0) if paces else 0.0)

    paces: list[float] = []
    monkeypatch.setattr(local, "train_stack", slow)
    return paces


@pytest.mark.parametrize(
    ("seconds", "workers"),
    [
        ([], []),  # the first take no time, as all others do
        ([0.4], []),  # what is imported by the first trial is no sign of how long others take
        ([10.0], [4]),  # one is enough
        ([0.1] * 30, [4]),
        ([0.03] * 30, []),
    ],
)
def test_the_first_trials_tell_whether_workers_are_worth_it(placed, paced, monkeypatch, seconds, workers):
    started = counted(monkeypatch)
    paced += seconds
    found = nnsweep.run(sweepfile.loads(GRID, overrides=["seed={count=30}"]), figures=False)
    assert (started, found.trained) == (workers, 30)
    record = json.loads((found.folder / "env.json").read_text(encoding="utf-8"))
    assert record["jobs"] == (workers or [1])[0]
    started.clear()
    paced += seconds
    assert (
        nnsweep.run(sweepfile.loads(GRID, overrides=["seed={count=30}"]), figures=False, fresh=True, jobs=1).trained
        == 30
    )
    assert started == [], "who asks for one job has one"


def test_trainings_that_are_shorter_than_sending_them_stay_here(placed, paced, monkeypatch):
    started = counted(monkeypatch)
    for module in (place, import_module("nnsweep.execution.dispatch")):
        monkeypatch.setattr(module, "WORTH_SENDING", 0.2)
    paced += [0.1] * 60
    for count in (30, 60):  # first with an unknown cost, then with that of stored trials
        assert nnsweep.run(sweepfile.loads(GRID, overrides=[f"seed={{count={count}}}"]), figures=False).trained == 30
    assert started == []
    paced += [0.3] * 30
    nnsweep.run(sweepfile.loads(GRID, overrides=["seed={count=90}"]), figures=False)
    assert started == [4], "they took longer than what is stored told"


def test_stored_trials_tell_how_long_a_plan_takes(placed, capsys):
    assert call(capsys, "plan", "grid.toml")[1].splitlines() == [
        "place: 3 trials: 3 new, 0 stored",
        "would train 3 trainings in 3 stacks, and see from the first how long all take",
        "about 80 MB of memory and 200 kB more on disk",
    ]
    assert json.loads(call(capsys, "plan", "grid.toml", "--json")[1])["seconds"] is None
    found = nnsweep.run("grid.toml", figures=False)
    took = sorted(outcome.seconds for outcome in found._outcomes.values())[1]
    plan = nnsweep.plan(sweepfile.loads(GRID, overrides=["seed={count=903}"]))
    assert plan.new == 900
    assert plan.cost == pytest.approx(900 * took)
    line = call(capsys, "plan", "grid.toml", "--set", "seed={count=903}")[1].splitlines()[1]
    assert re.fullmatch(r"would train 900 trainings in 900 stacks, about [\d.]+ (m|µ)?s on one core", line)


@pytest.mark.slow
def test_a_run_that_died_in_this_process_goes_on_in_a_worker(placed, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PROJECT), str(placed)]))
    command = [sys.executable, "-m", "nnsweep", "grid.toml", "--no-figures", "--set", "dies=false,true"]
    first = subprocess.run(command, capture_output=True, text=True)
    assert first.returncode == -signal.SIGKILL
    second = subprocess.run(command, capture_output=True, text=True)
    assert second.returncode == 1, second.stderr
    with Store.read(placed / "results" / "place" / "trials.db") as store:
        assert store.statuses() == {"crashed": 3, "ok": 3}
