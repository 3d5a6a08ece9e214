"""What a plan says that a run takes, against what it took."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nnsweep
from nnsweep.execution.forecast import FEW, START, TRIAL, Past, forecast, peak_memory
from nnsweep.store import Store
from tests.helpers import PROJECT, SWEEPS, call
from tests.helpers.fake_trainer import FakeTrainer

GRID = f"""
name = "small"
trainer = "{FakeTrainer.name}"
[fixed]
does = "well"
[axes]
value = {{ from = 1, to = 5 }}
seed = {{ count = 40 }}
"""
STORE = Path("results/small/trials.db")
MEASURED = """
import json, sys
import nnsweep
from nnsweep.execution.forecast import peak_memory
found = nnsweep.run(sys.argv[1], "measured", figures=False, jobs=1)
print(json.dumps({"memory": peak_memory(), "trained": found.trained}))
"""


@pytest.fixture(autouse=True)
def beside(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def record() -> dict:
    with Store.read(STORE) as store:
        return json.loads(store.runs()[-1]["environment"])


def past() -> Past:
    with Store.read(STORE) as store:
        return Past.of(store)


def test_nothing_is_known_of_an_empty_store():
    assert past() == Past(None, TRIAL, 0.0, None)


def test_what_the_last_run_took_tells_of_the_next():
    nnsweep.run(nnsweep.loads(GRID), figures=False, jobs=1)
    took, found = record(), past()
    assert took["trials"] == 200
    assert took["estimated_seconds"] == 200 * 0.5, "as the trainer says"
    assert found.speed == took["training_seconds"] / took["estimated_seconds"]
    assert found.trial == max(TRIAL / 4, took["overhead_seconds"] / 200)
    assert found.memory == took["peak_memory"] > 20e6
    assert found.row is not None
    assert 0 < found.row < 2000
    plan = nnsweep.plan(nnsweep.loads(GRID, ["seed={count=80}"]), jobs=1)
    assert plan.forecast == forecast(plan, found, 1)
    assert plan.forecast.seconds is not None
    assert plan.forecast.seconds < 20, "not the 100 s that the trainer says"
    assert plan.forecast.disk == pytest.approx(200 * found.row)


def test_a_run_that_was_interrupted_or_trained_few_tells_nothing():
    nnsweep.run(nnsweep.loads(GRID, ["seed={count=10}"]), figures=False, jobs=1)
    assert record()["trials"] == 50 < FEW
    assert past() == Past()


@pytest.mark.parametrize("text", ["[]", '{"trials": -5}', '{"trials": "many"}', "{}"])
def test_figures_that_no_run_has_are_passed_over(text):
    nnsweep.run(nnsweep.loads(GRID), figures=False, jobs=1)
    with Store.open(STORE) as store:
        number = store.begin_run({}, "forged")
        store.end_run(number, 200, 1.0, json.loads(text) if text != "[]" else {"trials": []})
        assert Past.of(store)._replace(row=None) == past()._replace(row=None)


def test_a_plan_says_it(capsys, monkeypatch):
    Path("grid.toml").write_text(GRID, encoding="utf-8")
    lines = call(capsys, "plan", "grid.toml", "--trust", "--jobs", "1")[1].splitlines()
    assert lines[1:3] == [
        "would train 200 trainings in 67 stacks, about 2 min on one core",
        "about 2 min in all, 80 MB of memory and 230 kB more on disk",
    ]
    found = json.loads(call(capsys, "plan", "grid.toml", "--trust", "--json", "--jobs", "1")[1])
    assert found["trainings"] == 200
    assert found["forecast"].keys() == {"seconds", "memory", "disk"}


SHIPPED = ["single_neuron", "xor_leaky", "forum"]


@pytest.mark.skipif(peak_memory() is None, reason="this system does not tell how much memory a process had")
@pytest.mark.parametrize("name", SHIPPED)
def test_memory_and_disk_of_shipped_sweeps_within_a_factor_of_two(name):
    told = nnsweep.plan(SWEEPS / f"{name}.toml", "measured", jobs=1).forecast
    assert told is not None
    command = [sys.executable, "-c", MEASURED, str(SWEEPS / f"{name}.toml")]
    took = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)
    assert took["memory"] / 2 < told.memory < 2 * took["memory"]
    size = os.path.getsize(f"measured/{name}/trials.db")
    assert size / 2 < told.disk < 2 * size


MEASURED_IN_PART = ["forum", "gates", "sigmoid_xor", "single_neuron", "xor_leaky"]


def run_alone(*arguments: str) -> tuple[float, float]:
    """Run the program in a process of its own; return the seconds of the processor, and those of the clock."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "nnsweep", "run", *arguments, "--no-figures", "-q", "--jobs", "1"]
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0
    return used.ru_utime + used.ru_stime, time.perf_counter() - began


def told_and_needed(name: str, results: str) -> tuple[float, float]:
    """Forecast a shipped sweep from what the first half of its seeds took, and run it, in seconds of the processor.

    They are those of a machine that starts the program as this one does.
    """
    Path("one.toml").write_text('name = "one"\n[axes]\nseed = [0]\n', encoding="utf-8")
    start, _ = run_alone("one.toml", "--results", results)
    file = str(SWEEPS / f"{name}.toml")
    half = len(next(axis for axis in nnsweep.load(file).axes if axis.parameter == "seed").values) // 2
    used, took = run_alone(file, "--set", f"seed={{count={half}}}", "--results", results)
    plan = nnsweep.plan(file, results, jobs=1)
    assert plan.cached == plan.new > 0
    assert plan.forecast.seconds is not None
    pace = used / took if plan.cached >= FEW else start / START  # fewer trials tell nothing of this machine
    told = start + (plan.forecast.seconds - START) * pace
    needed, _ = run_alone(file, "--results", results)
    print(f"{name}: told {told:.2f} s of the processor, needed {needed:.2f} s")
    return told, needed


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not tell what a process used")
@pytest.mark.parametrize("name", MEASURED_IN_PART)
def test_time_of_shipped_sweeps_within_a_factor_of_two(name):
    """In one of three tries: what else runs on the machine may slow the run that is measured, or the one forecast."""
    tries = (told_and_needed(name, f"try-{number}") for number in range(3))
    assert any(needed / 2 < told < 2 * needed for told, needed in tries)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not tell what a process used")
def test_times_of_shipped_sweeps_of_which_nothing_is_stored_agree_within_a_factor_of_two():
    """In seconds of the processor. How fast the machine is, the sweeps tell together: by their geometric mean."""
    shares = {}
    for name in MEASURED_IN_PART:
        file = str(SWEEPS / f"{name}.toml")
        plan = nnsweep.plan(file, jobs=1)
        assert plan.cached == 0
        assert plan.forecast.seconds is not None
        needed, _ = run_alone(file)
        shares[name] = needed / plan.forecast.seconds
        print(f"{name}: told {plan.forecast.seconds:.2f} s, needed {needed:.2f} s of the processor")
    usual = math.prod(shares.values()) ** (1 / len(shares))
    assert all(usual / 2 < share < 2 * usual for share in shares.values()), shares


LARGE = """
name = "large"
[fixed]
data = "xor"
hidden = 2
split = "all"
metrics = ["loss", "accuracy"]
activation = "sigmoid"
output = "sigmoid"
loss = "squared_error"
[axes]
alpha = {{ logspace = [0.01, 10.0], num = {alphas} }}
epochs = {{ from = 1, to = 10 }}
seed = {{ count = 100 }}
"""


@pytest.mark.slow
@pytest.mark.skipif(peak_memory() is None or not hasattr(os, "wait4"), reason="this system does not tell it")
@pytest.mark.parametrize("alphas", [10, 100])
def test_large_grids_of_which_nothing_is_stored_within_a_factor_of_two(alphas):
    """Of 10,000 and of 100,000 trials, whose training takes less than all the rest: time, memory and disk.

    Time is that on a machine that starts the program in `START` seconds.
    """
    Path("large.toml").write_text(LARGE.format(alphas=alphas), encoding="utf-8")
    told = nnsweep.plan("large.toml", jobs=1).forecast
    assert told.seconds is not None
    start, _ = run_alone("large.toml", "--set", "alpha=1.0", "--set", "seed=0", "--results", "start")
    needed, _ = run_alone("large.toml")
    needed *= START / start
    took = json.loads(Path("results/large/env.json").read_text(encoding="utf-8"))["peak_memory"]
    size = os.path.getsize("results/large/trials.db")
    print(f"{alphas * 1000:,} trials: told {told}; needed {needed:.2f} s at that pace, {took:,} bytes of memory")
    assert needed / 2 < told.seconds < 2 * needed
    assert took / 2 < told.memory < 2 * took
    assert size / 2 < told.disk < 2 * size


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system does not tell what a process used")
def test_a_sweep_that_measures_more_than_it_trains_within_a_factor_of_two():
    """Of tiny networks, measured after each epoch: on a machine that starts the program in `START` seconds."""
    text = LARGE.format(alphas=3).replace("epochs = { from = 1, to = 10 }", "epochs = [3000]")
    Path("measured.toml").write_text(text, encoding="utf-8")
    told = nnsweep.plan("measured.toml", jobs=1).forecast
    start, _ = run_alone(
        "measured.toml", "--set", "alpha=1.0", "--set", "seed=0", "--set", "epochs=1", "--results", "one"
    )
    needed, _ = run_alone("measured.toml")
    needed *= START / start
    print(f"told {told.seconds:.2f} s; needed {needed:.2f} s at that pace")
    assert needed / 2 < told.seconds < 2 * needed


def test_a_user_s_function_of_which_nothing_is_stored_gets_no_time():
    """Nobody knows how long it takes: no number is said rather than a wrong one."""
    Path("untold.py").write_text("def train(seed): return {'loss': float(seed)}", encoding="utf-8")
    plan = nnsweep.plan(nnsweep.loads('name = "untold"\ntrainer = "untold:train"\n[axes]\nseed = { count = 9 }'))
    assert plan.forecast.seconds is None
    assert plan.forecast.memory > 0


def test_time_of_a_user_s_function_within_a_factor_of_two():
    """From what its first trials took: 120 of 5 ms each, of which 60 are stored."""
    Path("mine.py").write_text(
        "import time\ndef train(seed):\n    time.sleep(5e-3)\n    return {'loss': float(seed)}\n",
        encoding="utf-8",
    )
    text = 'name = "mine"\ntrainer = "mine:train"\n[axes]\nseed = { count = %d }'
    nnsweep.run(nnsweep.loads(text % 60), figures=False, jobs=1)
    plan = nnsweep.plan(nnsweep.loads(text % 180), jobs=1)
    training = nnsweep.run(nnsweep.loads(text % 180), figures=False, jobs=1).work.training
    assert plan.new == 120
    assert training / 2 < plan.cost < 2 * training
