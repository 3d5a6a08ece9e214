"""Every trial exactly once, whatever becomes of the workers."""

import os
import signal
import subprocess
import sys
import time

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.execution.dispatch import dispatch
from tests.helpers import PROJECT, slow, start
from tests.helpers.fake_trainer import FakeTrainer
from tests.helpers.stacks import at, outcomes_of, stack, trial


def outcomes(stacks, jobs):
    return outcomes_of(dispatch(FakeTrainer.name, stacks, at(jobs)), stacks)


@pytest.fixture(autouse=True)
def tests_are_importable_in_workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def test_one_process_and_workers_give_the_same():
    stacks = [stack(trial(1), trial(2)), stack(trial(3, does="raises")), stack(trial(4))]
    here, there = outcomes(stacks, 1), outcomes(stacks, 2)
    assert {id: outcome.metrics["pid"] == os.getpid() for id, outcome in here.items() if outcome.metrics} == {
        "1": True,
        "2": True,
        "4": True,
    }
    assert all(outcome.metrics["pid"] != os.getpid() for outcome in there.values() if outcome.metrics)
    for id, outcome in here.items():
        assert outcome.status == there[id].status
        assert outcome.metrics.get("square") == there[id].metrics.get("square")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_trial_that_raises_fails_alone(jobs):
    found = outcomes([stack(trial(1), trial(2, does="raises"), trial(3))], jobs)
    assert [found[id].status for id in ("1", "2", "3")] == ["ok", "failed", "ok"]
    failure = found["2"].failure
    assert failure is not None
    assert failure.startswith("Traceback (most recent call last):")
    assert failure.endswith("ValueError: no value 2\n")


def test_a_worker_that_dies_costs_only_what_it_was_training(tmp_path):
    diary = tmp_path / "diary"
    settings = {"diary": str(diary)}
    stacks = [stack(*(trial(2 * k + j, **settings) for j in range(2))) for k in range(6)]
    stacks[2] = stack(trial(4, **settings), trial(5, does="dies once", **settings))
    found = outcomes(stacks, 2)
    assert sorted(found) == sorted(f"{value}" for value in range(12))
    assert all(outcome.status == "ok" for outcome in found.values())
    calls = diary.read_text(encoding="utf-8").split()
    assert calls.count("5") == 2
    # Besides the stack that died, only the one that the other worker held at that moment may have run again.
    assert sum(calls.count(str(value)) > 1 for value in range(12) if value not in (4, 5)) <= 2


@pytest.mark.slow
def test_a_trial_that_always_kills_its_worker_is_crashed_and_its_neighbours_are_not():
    stacks = [stack(trial(1), trial(2, does="dies"), trial(3)), *(stack(trial(value)) for value in range(4, 9))]
    found = outcomes(stacks, 2)
    assert {id for id, outcome in found.items() if outcome.status != "ok"} == {"2"}
    assert (found["2"].status, found["2"].failure) == (
        "crashed",
        "the worker that trained it died 3 times, the last time with this trial alone",
    )
    assert len(found) == 8


def test_a_trial_that_does_not_come_back_is_an_error(monkeypatch):
    module = sys.modules["nnsweep.execution.dispatch"]
    monkeypatch.setattr(module, "drive", lambda backend, supervisor: iter([]))
    with pytest.raises(NnsweepError) as caught:
        outcomes([stack(trial(1), trial(2))], 1)
    assert str(caught.value) == "the workers lost 2 trials and returned 0 twice; run again to train the missing"


def test_a_trainer_that_returns_too_few_outcomes_is_told_so(monkeypatch):
    monkeypatch.setattr(FakeTrainer, "train", lambda self, stack: [])
    said = f"{FakeTrainer.name}: `train` returned `list` of 0; allowed: a list of 1 outcomes, one for each trial"
    assert outcomes([stack(trial(1))], 1)["1"].failure == said


def workers_of(parent):
    """List the workers of a program that are past their start: they ignore Ctrl-C by then."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split() if _is_worker(pid) and _ignores_ctrl_c(pid)]


def _is_worker(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"popen_loky" in file.read()
    except OSError:
        return False


def _ignores_ctrl_c(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        ignored = next(line for line in file if line.startswith("SigIgn:")).split()[1]
    return bool(int(ignored, 16) & 1 << signal.SIGINT - 1)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


ANSWERED_WITHIN = 60.0
"""Seconds from a signal to the program's end; one where nothing else runs."""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
@pytest.mark.parametrize("how", [signal.SIGKILL, *(slow(each) for each in (signal.SIGINT, signal.SIGTERM))])
def test_workers_end_with_the_program(tmp_path, how):
    grid = tmp_path / "grid.toml"
    grid.write_text('name = "long"\n[axes]\nepochs = [1000000]\nseed = { count = 8 }\n', encoding="utf-8")
    running = start(grid, "--jobs", 2, "--results", tmp_path)
    try:
        while not (workers := workers_of(running.pid)):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(how)
        started = time.monotonic()
        said = running.communicate(timeout=ANSWERED_WITHIN)[1]  # the training takes far longer
        while any(alive(pid) for pid in workers):
            assert time.monotonic() - started < ANSWERED_WITHIN
            time.sleep(0.02)
    finally:
        running.kill()
    if how == signal.SIGKILL:
        assert running.returncode == -signal.SIGKILL
    else:
        assert running.returncode == 130
        assert said.strip() == "Interrupted. What was trained is stored; run the same command to go on."
