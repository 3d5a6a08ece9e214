"""Every trial exactly once, whatever becomes of the workers."""

import os
import signal
import subprocess
import sys
import time

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.execution import Stack, dispatch
from nnsweep.execution.dispatch import _after_loss
from nnsweep.trials.grid import Trial
from tests.execution.fake_trainer import FakeParameters, FakeTrainer
from tests.helpers import PROJECT, start


def stack(*trials):
    return Stack(tuple(trials), 1.0)


def trial(value, **settings):
    return Trial(f"t{value}", {}, FakeParameters(value=value, **settings).model_dump(), "")


def outcomes(stacks, jobs):
    ended = [pair for part in dispatch(FakeTrainer.name, stacks, jobs) for pair in part.pairs]
    assert len({trial.id for trial, _ in ended}) == len(ended)
    return {trial.id: outcome for trial, outcome in ended}


@pytest.fixture(autouse=True)
def tests_are_importable_in_workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def test_one_process_and_workers_give_the_same():
    stacks = [stack(trial(1), trial(2)), stack(trial(3, does="raises")), stack(trial(4))]
    here, there = outcomes(stacks, 1), outcomes(stacks, 2)
    assert {id: outcome.metrics["pid"] == os.getpid() for id, outcome in here.items() if outcome.metrics} == {
        "t1": True,
        "t2": True,
        "t4": True,
    }
    assert all(outcome.metrics["pid"] != os.getpid() for outcome in there.values() if outcome.metrics)
    for id, outcome in here.items():
        assert outcome.status == there[id].status
        assert outcome.metrics.get("square") == there[id].metrics.get("square")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_trial_that_raises_fails_alone(jobs):
    found = outcomes([stack(trial(1), trial(2, does="raises"), trial(3))], jobs)
    assert [found[id].status for id in ("t1", "t2", "t3")] == ["ok", "failed", "ok"]
    failure = found["t2"].failure
    assert failure is not None
    assert failure.startswith("Traceback (most recent call last):")
    assert failure.endswith("ValueError: no value 2\n")


def test_a_worker_that_dies_costs_only_what_it_was_training(tmp_path):
    diary = tmp_path / "diary"
    settings = {"diary": str(diary)}
    stacks = [stack(*(trial(2 * k + j, **settings) for j in range(2))) for k in range(6)]
    stacks[2] = stack(trial(4, **settings), trial(5, does="dies once", **settings))
    found = outcomes(stacks, 2)
    assert sorted(found) == sorted(f"t{value}" for value in range(12))
    assert all(outcome.status == "ok" for outcome in found.values())
    calls = diary.read_text(encoding="utf-8").split()
    assert calls.count("5") == 2
    # Besides the stack that died, only the one that the other worker held at that moment may have run again.
    assert sum(calls.count(str(value)) > 1 for value in range(12) if value not in (4, 5)) <= 2


def test_a_trial_that_always_kills_its_worker_is_crashed_and_its_neighbours_are_not():
    stacks = [stack(trial(1), trial(2, does="dies"), trial(3)), *(stack(trial(value)) for value in range(4, 9))]
    found = outcomes(stacks, 2)
    assert {id for id, outcome in found.items() if outcome.status != "ok"} == {"t2"}
    assert (found["t2"].status, found["t2"].failure) == (
        "crashed",
        "the worker that trained it died 3 times, the last time with this trial alone",
    )
    assert len(found) == 8


def test_a_trial_that_does_not_come_back_is_an_error(monkeypatch):
    module = sys.modules["nnsweep.execution.dispatch"]
    monkeypatch.setattr(module, "in_process", lambda name, stacks: iter([]))
    with pytest.raises(NnsweepError) as caught:
        outcomes([stack(trial(1), trial(2))], 1)
    assert str(caught.value) == "the workers lost 2 trials and returned 0 twice; run again to train the missing"


def test_a_trainer_that_returns_too_few_outcomes_is_told_so(monkeypatch):
    monkeypatch.setattr(FakeTrainer, "train", lambda self, stack: [])
    failure = outcomes([stack(trial(1))], 1)["t1"].failure
    assert failure is not None
    assert failure.endswith(f"ValueError: trainer {FakeTrainer.name} returned 0 outcomes for 1 trials\n")


def test_outcomes_that_do_not_arrive_are_asked_for_one_by_one():
    lost = MemoryError("no room")
    assert [each.trials for each in _after_loss(stack(trial(1), trial(2)), lost)[0]] == [(trial(1),), (trial(2),)]
    again, (outcome,) = _after_loss(stack(trial(1)), lost)
    assert (again, outcome.failure) == ([], "its outcome could not be sent by the worker: MemoryError('no room')")


def workers_of(parent):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_workers_end_with_the_program(tmp_path, how):
    grid = tmp_path / "grid.toml"
    grid.write_text('name = "long"\n[axes]\nepochs = [100000]\nseed = { count = 8 }\n', encoding="utf-8")
    running = start(grid, "--jobs", 2, "--results", tmp_path)
    try:
        while len(workers := workers_of(running.pid)) < 2:
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)  # so that the workers are past their start, where they ask to be told of their parent's end
        workers = workers_of(running.pid)
        running.send_signal(how)
        started = time.monotonic()
        said = running.communicate(timeout=30)[1]
        assert time.monotonic() - started < 2
        while any(alive(pid) for pid in workers):
            assert time.monotonic() - started < 3
            time.sleep(0.02)
    finally:
        running.kill()
    if how == signal.SIGKILL:
        assert running.returncode == -signal.SIGKILL
    else:
        assert running.returncode == 130
        assert said.strip() == "Interrupted. What was trained is stored; run the same command to go on."
