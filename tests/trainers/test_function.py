"""Functions as trainers, in sweeps."""

from __future__ import annotations

from typing import Any

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import NnsweepError, SpecError
from nnsweep.execution import writer
from nnsweep.execution.backends.worker import make_ready
from nnsweep.execution.dispatch import dispatch
from nnsweep.execution.plan import make_plan
from nnsweep.execution.training import train_stack
from nnsweep.store import Store
from nnsweep.sweepfile.reference import markdown
from nnsweep.sweepfile.schema import json_schema
from nnsweep.trainers import load
from nnsweep.trainers.function import FunctionTrainer
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from tests.helpers import JOBS, call, program
from tests.helpers.stacks import at

MODULE = """
import sys
import warnings
from typing import Annotated, Literal

import numpy as np

def train(does: str = "well", width: Annotated[int | list[int], "units"] = 2, epochs: int = 2, seed: int = 0):
    if does == "raises":
        fall()
    elif does == "exits":
        sys.exit("enough")
    elif does == "interrupts":
        raise KeyboardInterrupt
    elif does == "prints":
        print("printed")
    elif does == "warns":
        warnings.warn("careful")
        np.log(np.zeros(1))
    elif does == "changes":
        assert width == [1, 2], width
        width.append(3)
    elif does == "returns":
        return {"accuracy": "high"}
    elif does == "diverges":
        return {"accuracy": float("nan")}
    return {"accuracy": [0.1 * epoch for epoch in range(epochs)], "units": len(str(width))}

def fall():
    raise ValueError("no ground")

def declared(does: Literal["well", "new"] = "well", seed: int = 0):
    return {"accuracy": 1} if does == "well" else {"acuracy": 1}

declared.metrics = {"accuracy": "Share of right answers.", "loss": "Mean loss."}

def bare(alpha):
    return {"square": alpha**2}
"""

GRID = """
name = "theirs"
trainer = "mine:train"

[axes]
does = ["well"]
seed = { count = 2 }

[success]
metric = "accuracy"
above = 0.05
"""


@pytest.fixture(autouse=True)
def mine(module):
    module(MODULE)


def outcome(jobs=1, **params):
    """Train one trial in this process or by a worker."""
    trainer = load("mine:train")
    whole = {name: f"[{value!r}]" for name, value in params.items()}
    axes = "\n".join(f"{name} = {value}" for name, value in whole.items())
    sweep = sweepfile.loads(f'name = "one"\ntrainer = "mine:train"\n[axes]\n{axes}')
    stacks = make_plan(expand(sweep, trainer), to_numbers(()), trainer, jobs).stacks
    ((_, found),) = [pair for ended in dispatch("mine:train", stacks, at(jobs)) for pair in ended.pairs]
    return found


def test_lists_and_the_metric_that_is_their_last():
    found = outcome(epochs=3)
    assert found.metrics == {"accuracy": 0.2, "units": 1.0}
    assert found.history == {"accuracy": [0.0, 0.1, 0.2]}


@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize(("does", "last"), [("raises", "ValueError: no ground"), ("exits", "SystemExit: enough")])
def test_what_a_function_raises_is_told_from_its_first_line_on(does, last, jobs):
    found = outcome(jobs, does=does)
    first, place, *_, end = found.failure.strip().split("\n")
    assert (found.status, first, end) == ("failed", "Traceback (most recent call last):", last)
    assert place.endswith("in train")
    assert "mine.py" in place


def test_an_interrupt_is_a_failure_only_where_it_cannot_be_ctrl_c():
    assert outcome(2, does="interrupts").failure.endswith("\nKeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        outcome(1, does="interrupts")


def test_what_it_returns_that_is_no_outcome():
    found = outcome(does="returns")
    allowed = "allowed: a dict that gives each name a number, or a list of one number per epoch"
    assert (found.status, found.failure) == ("failed", f"mine:train returned no number: `accuracy`, a text; {allowed}")


def test_a_list_is_each_trials_own():
    found = [outcome(does="changes", width=[1, 2]) for _ in range(2)]
    assert [each.status for each in found] == ["ok", "ok"]


@pytest.mark.parametrize("jobs", JOBS)
def test_what_it_prints_and_warns_goes_to_standard_error(module, tmp_path, jobs):
    (tmp_path / "grid.toml").write_text(GRID.replace('"well"', '"prints", "warns"'), encoding="utf-8")
    done = program("grid.toml", "--no-figures", "--jobs", jobs, cwd=tmp_path)
    assert done.returncode == 0
    assert "printed" not in done.stdout
    assert done.stderr.count("printed\n") == 2
    lines = [line for line in done.stderr.splitlines() if "printed" in line]
    table = (tmp_path / "results/theirs/tables/trials.csv").read_text(encoding="utf-8").splitlines()
    ids = [line[:8] for line in table[1:]]
    assert sorted(lines) == (["printed"] * 2 if jobs == 1 else sorted(f"{id} | printed" for id in ids[:2]))
    assert "UserWarning: careful" in done.stderr
    assert "RuntimeWarning: divide by zero encountered in log" in done.stderr


def test_metrics_that_are_not_declared_are_those_that_come():
    results = nnsweep.run(sweepfile.loads(GRID, overrides=['does="raises","well","diverges"']), jobs=1)
    assert results.metrics == ["accuracy", "units"]
    assert results.summary["finished"].tolist() == [0, 2, 2]
    assert results.summary["successes"].isna().tolist() == [True, False, False]
    assert results.summary["successes"].tolist()[1:] == [2, 0]
    assert set(results.figures) >= {"success", "accuracy", "units", "curves_accuracy"}
    with Store.open(results.folder / "trials.db") as store:
        assert store.sweep_record().metrics == ["accuracy", "units"]


def test_a_success_that_no_trial_has_is_told_after_the_run(tmp_path, capsys):
    (tmp_path / "grid.toml").write_text(GRID.replace('"accuracy"', '"acuracy"'), encoding="utf-8")
    message = (
        'Error: `metric` in [success]: no trial returned it: found "acuracy"; did you mean `accuracy`? '
        "Allowed: accuracy, units. The trials are stored: mend the file and run it again\n"
    )
    assert call(capsys, "grid.toml", "--jobs", "1") == (2, "", message)
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    code, out, _ = call(capsys, "grid.toml", "--no-figures")
    assert (code, out.split("\n")[0]) == (0, "theirs: nothing to train, 2 trials stored")


@pytest.mark.parametrize("success", [True, False])
def test_a_sweep_that_fails_altogether_is_tabled(success):
    grid = GRID if success else GRID.partition("[success]")[0]
    results = nnsweep.run(sweepfile.loads(grid, overrides=['does="raises","exits"']), jobs=1)
    assert (results.failed, results.metrics) == (4, [])
    assert results.summary["failed"].tolist() == [2, 2]


def test_declared_metrics_are_checked_beforehand():
    grid = GRID.replace("mine:train", "mine:declared")
    with pytest.raises(SpecError) as caught:
        sweepfile.loads(grid.replace('"accuracy"', '"acuracy"'))
    assert str(caught.value) == (
        'grid.toml:10:1: `metric` in [success]: found "acuracy"; did you mean `accuracy`? Allowed: accuracy, loss'
    )
    results = nnsweep.run(sweepfile.loads(grid, overrides=['does="well","new"']), figures=False, jobs=1)
    assert results.metrics == ["accuracy", "loss"]
    failures = {outcome.failure for outcome in results._outcomes.values()} - {None}
    assert failures == {
        "mine:declared returned no number: `acuracy`, which its `metrics` do not name; "
        "allowed: a dict that gives each name a number, or a list of one number per epoch"
    }


def test_a_parameter_without_a_value():
    with pytest.raises(SpecError) as caught:
        sweepfile.loads('name = "bare"\ntrainer = "mine:bare"')
    message = "parameter `alpha` has no value, and the trainer no default"
    assert str(caught.value) == f"grid.toml:1:1: {message}"
    sweep = sweepfile.loads('name = "bare"\ntrainer = "mine:bare"\n[axes]\nalpha = [2, 3.0]')
    results = nnsweep.run(sweep, jobs=1, figures=False)
    assert results.trials["square"].tolist() == [4, 9]


def test_a_trainer_that_cannot_be_had_is_told_with_its_place(tmp_path, capsys):
    (tmp_path / "grid.toml").write_text(GRID.replace("mine:train", "mine:trian"), encoding="utf-8")
    message = 'trainer `mine:trian`: mine has no `trian`; did you mean "train"?'
    assert call(capsys, "grid.toml") == (2, "", f"Error: grid.toml:3:1: {message}\n")


def test_the_schema_knows_the_parameters():
    schema = json_schema(load("mine:train"))
    assert schema["$defs"]["values"]["properties"].keys() == {"does", "width", "epochs", "seed"}
    assert schema["$defs"]["parameter_width"]["description"] == "units"
    assert "enum" not in schema["$defs"]["SuccessTable"]["properties"]["metric"]
    declared = json_schema(load("mine:declared"))
    assert declared["$defs"]["SuccessTable"]["properties"]["metric"]["enum"] == ["accuracy", "loss"]


def test_the_reference_knows_them_too():
    text = markdown(load("mine:train"))
    assert "| `width` | a whole number; a list of these | `2` | units |" in text
    assert text.endswith("## Metrics\n\nThose that its trials return.")
    assert markdown(load("mine:declared")).endswith("| `loss` | Mean loss. |")


def test_a_worker_that_finds_another_source_trains_nothing(module):
    version = load("mine:train").version
    make_ready("mine:train", version)
    with pytest.raises(NnsweepError) as caught:
        make_ready("mine:train", f"{version}0")
    assert str(caught.value) == "trainer `mine:train`: its source has changed since the run began; run again"


def test_a_source_that_changes_under_a_run_ends_it(module):
    trainer = load("mine:train")
    stacks = make_plan(expand(sweepfile.loads(GRID), trainer), to_numbers(()), trainer, 2).stacks
    module(MODULE + "\nchanged = True\n")
    with pytest.raises(NnsweepError, match=r"^trainer `mine:train`: its source has changed since"):
        list(dispatch("mine:train", stacks, at(2)))


@pytest.mark.parametrize(("at_stake", "writes"), [(1e9, 1), (0.0, 20)])
def test_cheap_trials_are_stored_together(monkeypatch, at_stake, writes):
    written = []
    write = Store.write_grid
    monkeypatch.setattr(
        Store,
        "write_grid",
        lambda store, run, trainer, *rest: written.append(write(store, run, trainer, *rest)),
    )
    monkeypatch.setattr(writer, "AT_STAKE", at_stake)
    results = nnsweep.run(sweepfile.loads(GRID, overrides=["seed={count=20}"]), figures=False, jobs=1)
    assert (results.trained, len(written)) == (20, writes)
    with Store.open(results.folder / "trials.db") as store:
        assert len(store.ids()) == 20


def test_a_trial_trains_alone_as_in_its_sweep():
    results = nnsweep.run(sweepfile.loads(GRID), figures=False, jobs=1)
    for trial in results._trials:
        (again,) = train_stack("mine:train", [trial.params]).outcomes
        assert again.metrics == results._outcomes[trial.id].metrics


def test_options_of_any_type_may_be_annotated():
    def train(**options: Any):
        return {"sum": options["a"] + options["b"]}

    trainer = FunctionTrainer("mine:train", train)
    assert trainer.identity({"a": 2.0, "b": 0.5}) == {"a": 2, "b": 0.5}
    (outcome,) = trainer.train([{"a": 2, "b": 0.5}])
    assert outcome.metrics == {"sum": 2.5}
