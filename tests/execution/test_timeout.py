"""Trials that take too long, alone and in stacks; what could not be sent by a worker."""

import pytest

from nnsweep import sweepfile
from nnsweep.errors import SpecError
from nnsweep.execution.dispatch import dispatch
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.expand import expand
from tests.helpers import JOBS, PROJECT, SMALL, call
from tests.helpers.fake_trainer import FakeTrainer
from tests.helpers.stacks import at, outcomes_of, stack, trial

ALLOWED = 1.5
"""Seconds: enough for what ends at once, however busy the machine is."""
LATE = Outcome("timeout", seconds=ALLOWED, failure="it took longer than the 1.5 seconds of `timeout`, trained alone")


def outcomes(*does, jobs=2, timeout=ALLOWED, **settings):
    """Train one stack for each text; a comma separates the stack's trainings."""
    numbered = iter(range(100))
    stacks = [stack(*(trial(next(numbered), each, **settings) for each in text.split(","))) for text in does]
    found = outcomes_of(dispatch(FakeTrainer.name, stacks, at(jobs, timeout)), stacks)
    return [found[f"{number}"] for number in range(len(found))]


@pytest.fixture(autouse=True)
def tests_are_importable_in_workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


@pytest.mark.parametrize("jobs", JOBS)
def test_a_trial_that_hangs_ends_as_timeout_and_its_neighbours_well(jobs):
    found = outcomes("hangs,well", "well", jobs=jobs)
    assert [outcome.status for outcome in found] == ["timeout", "ok", "ok"]
    assert found[0] == LATE


def test_a_stack_may_take_the_time_of_all_its_trainings(monkeypatch):
    monkeypatch.setenv("NNSWEEP_TEST_SLEEP", "0.8")
    pids = [outcome.metrics["pid"] for outcome in outcomes("sleeps,sleeps", jobs=1)]
    assert pids == pids[:1] * 2  # one worker, which was not killed


@pytest.mark.slow
def test_a_stack_over_its_time_is_trained_again_training_by_training(tmp_path):
    diary = tmp_path / "diary"
    found = outcomes("well,hangs once", jobs=1, diary=str(diary))
    assert [outcome.status for outcome in found] == ["ok", "ok"]
    assert diary.read_text(encoding="utf-8").split() == ["0", "1", "0", "1"]


def test_starting_a_worker_takes_nothing_of_a_trials_time():
    assert [outcome.status for outcome in outcomes("well", timeout=0.1)] == ["ok"]


def test_the_longest_timeout_is_one():
    assert [outcome.status for outcome in outcomes("well", timeout=1e300)] == ["ok"]


@pytest.mark.slow
def test_what_could_not_be_sent_is_left_out():
    found = outcomes("well,cannot be sent,well", timeout=None)
    assert [outcome.status for outcome in found] == ["ok"] * 3
    assert [sorted(outcome.metrics) for outcome in found] == [["pid", "square"], ["square"], ["pid", "square"]]


def test_the_file_says_it_and_ids_do_not_depend_on_it():
    plain, limited = sweepfile.loads(SMALL), sweepfile.loads(SMALL + "\n[run]\ntimeout = 2\n")
    assert (plain.run.timeout, limited.run.timeout) == (None, 2.0)
    trainer = load("mlp")
    assert [trial.id for trial in expand(plain, trainer)] == [trial.id for trial in expand(limited, trainer)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("timeout = 0", "grid.toml:20:1: `timeout` in [run]: found 0; allowed: a number greater than 0"),
        ('timeout = "1 s"', 'grid.toml:20:1: `timeout` in [run]: found "1 s"; allowed: a number'),
        (
            "timout = 1",
            "grid.toml:20:1: unknown key `timout` in [run]; did you mean `timeout`? Allowed: timeout, scheduler",
        ),
    ],
)
def test_mistakes_in_the_file(line, message):
    with pytest.raises(SpecError) as caught:
        sweepfile.loads(f"{SMALL}\n[run]\n{line}\n")
    assert str(caught.value) == message


@pytest.mark.slow
def test_a_sweep_with_a_trial_that_hangs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    grid = f'name = "late"\ntrainer = "{FakeTrainer.name}"\n[axes]\nvalue = [1, 2]\ndoes = ["well", "hangs"]\n'
    (tmp_path / "grid.toml").write_text(f"{grid}[run]\ntimeout = 3600\n", encoding="utf-8")
    code, out, _ = call(capsys, "grid.toml", "--trust", "--no-figures", "--timeout", ALLOWED)
    assert code == 1
    lines = out.splitlines()
    assert lines[-4].startswith("4 trials: 2 ok, 2 timeout; ")
    assert lines[-1] == "to train again what failed: nnsweep retry grid.toml --trust"
    again = ("retry", "grid.toml", "--trust", "--where", "value=1", "--timeout", ALLOWED, "--no-figures")
    code, out, _ = call(capsys, *again)
    assert code == 1
    assert out.startswith("late: 1 trial trained in ")
