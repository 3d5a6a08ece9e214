"""Successes that take no skill: said by a run, in its report and by `diagnose`, with what a constant answer gives."""

from __future__ import annotations

import json

import numpy as np
import pytest

import nnsweep
from nnsweep import data, sweepfile
from nnsweep.design.sweep import Success, Sweep
from nnsweep.store import Store
from nnsweep.tables.constant import find_no_skill
from nnsweep.trainers import Outcome, load
from nnsweep.trainers.mlp.parameters import MlpParameters
from nnsweep.trainers.protocol import ConstantAnswer
from tests.helpers import call
from tests.helpers.fake_sweeps import ends_of

MLP = load("mlp")
RARE = """
name = "rare"
[fixed]
data = {{ csv = "rare.csv", target = "y" }}
split = "ordered"
train_size = 100
test_size = 50
hidden = []
epochs = 5
alpha = {alpha}
output = "sigmoid"
loss = "binary_cross_entropy"
metrics = ["accuracy", "roc_auc", "balanced_accuracy"]
[axes]
seed = {{ count = 10 }}
[success]
metric = "accuracy"
above = 0.9
"""
"""Of the 50 samples that test, two are "yes": always answering "no" has accuracy 0.96."""
NO_BETTER = (
    "10 of 10 successes are no better than one and the same answer for all samples: "
    "always answering the most frequent class has accuracy 0.96"
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    labels = ["yes" if place in (10, 50, 90, 110, 140) else "no" for place in range(150)]
    rows = [f"{x:.5f},{label}" for x, label in zip(random.normal(size=150), labels, strict=True)]
    (tmp_path / "rare.csv").write_text("\n".join(["x,y", *rows, ""]))
    return tmp_path


def test_a_run_its_report_and_diagnose_say_so(here, capsys):
    (here / "rare.toml").write_text(RARE.format(alpha=0.05))
    code, out, err = call(capsys, "rare.toml", "--jobs", "1")
    assert (code, err) == (0, "")
    assert NO_BETTER in out.splitlines()
    assert f"<strong>No skill</strong> {NO_BETTER}." in (here / "results/rare/report.html").read_text()
    for source in ("rare", "rare.toml"):
        assert NO_BETTER in call(capsys, "diagnose", source, "--no-figures")[1].splitlines()
    told = json.loads(call(capsys, "diagnose", "rare", "--json", "--no-figures")[1])["no_skill"]
    assert told == {
        "metric": "accuracy",
        "successes": 10,
        "constant": 0,
        "no_better": 10,
        "answer": {"answer": "the most frequent class", "value": 0.96},
    }


def test_outputs_that_hardly_vary_are_counted(here, capsys):
    """Nothing is learnt at such a rate, and initial weights of 0.001 give outputs of a half."""
    grid = RARE.format(alpha=1e-9).replace("above = 0.9", "above = 0.01")
    constant = 'init = "normal"\ninit_std = 0.001\nsplit = "ordered"'
    found = nnsweep.run(sweepfile.loads(grid.replace('split = "ordered"', constant)), jobs=1, figures=False)
    assert found.trials["accuracy"].max() <= 0.96
    assert f"{NO_BETTER}; 10 have a constant output" in str(found).splitlines()
    (here / "rare.csv").unlink()
    data.refresh()  # as in another process
    # Without the data nothing is known of constant answers, and all the same of the outputs.
    said = "10 of 10 successes have a constant output"
    assert said in call(capsys, "diagnose", "rare", "--no-figures")[1].splitlines()


def test_metrics_that_a_constant_answer_does_not_move_need_skill(here):
    grid = RARE.format(alpha=0.05).replace(
        'metric = "accuracy"\nabove = 0.9', 'metric = "balanced_accuracy"\nabove = 0.5'
    )
    found = nnsweep.run(sweepfile.loads(grid), jobs=1, figures=False)
    assert (found.trials["balanced_accuracy"] == 0.5).all()
    assert not found.trials["success"].any()
    assert "no better" not in str(found)


def test_parameters_of_all_cells_are_read_at_once(here, monkeypatch, capsys):
    """Each reading of a few trials looks through the ids of all."""
    grid = (
        RARE.format(alpha="0.05").replace("alpha = 0.05\n", "").replace("[axes]", "[axes]\nalpha = [0.05, 0.06, 0.07]")
    )
    nnsweep.run(sweepfile.loads(grid), jobs=1, figures=False)
    read = []
    asked = Store.asked
    monkeypatch.setattr(Store, "asked", lambda store, ids: read.append(ids := list(ids)) or asked(store, ids))
    assert NO_BETTER.replace("10", "30") in call(capsys, "diagnose", "rare", "--no-figures")[1].splitlines()
    assert [len(ids) for ids in read] == [3]


def test_nothing_is_said_of_successes_that_take_skill():
    found = nnsweep.run(sweepfile.loads(SOLVED), jobs=1, figures=False)
    assert found.trials["success"].all()
    assert "no better" not in str(found)
    assert found.diagnose().no_skill is None


SOLVED = """
name = "solved"
[fixed]
standardize = true
epochs = 20
hidden = 8
output = "sigmoid"
loss = "binary_cross_entropy"
metrics = ["accuracy"]
alpha = 0.05
[axes]
seed = { count = 4 }
[success]
metric = "accuracy"
above = 0.9
"""


def baseline(metrics, targets, **settings):
    """Of samples in order, of which the first half trains."""
    data = {"inputs": [[float(place)] for place in range(len(targets))], "targets": targets}
    half = len(targets) // 2
    sizes = {"split": "ordered", "train_size": half, "test_size": len(targets) - half}
    found = MLP.baseline(MLP.resolve(dict(MlpParameters(data=data, metrics=metrics, **sizes, **settings))))
    return {name: (each.answer, pytest.approx(each.value, abs=1e-12)) for name, each in found.items()}


def test_the_answer_of_two_classes():
    """0 is most frequent among those that train, and 1 among those that test."""
    found = baseline(["accuracy", "train_accuracy", "log_loss", "f1", "roc_auc"], [0, 0, 0, 1, 1, 1, 1, 0])
    assert found == {
        "accuracy": ("the most frequent class", 1 / 4),
        "train_accuracy": ("the most frequent class", 3 / 4),
        "log_loss": ("the shares of the classes", -(3 * np.log(0.25) + np.log(0.75)) / 4),
        "f1": ("the most frequent class", 0.0),
        "roc_auc": ("the most frequent class", 0.5),
    }


@pytest.mark.parametrize(
    ("output", "loss"), [("sigmoid", "binary_cross_entropy"), ("softmax", "categorical_cross_entropy")]
)
def test_the_answer_by_the_loss_of_training(output, loss):
    found = baseline(["loss"], [0, 0, 0, 1, 1, 1, 1, 0], output=output, loss=loss)
    assert found == {"loss": ("the shares of the classes", -(3 * np.log(0.25) + np.log(0.75)) / 4)}


def test_the_answer_of_three_classes():
    rows = np.eye(3)[[2, 2, 0, 1, 2, 0]].tolist()
    found = baseline(["accuracy", "mean_squared_error"], rows)
    assert found["accuracy"] == ("the most frequent class", 1 / 3)
    # ⅓, 0 and ⅔ for classes 1, 2 and 0: (1/9 + 1 + 4/9 + 1/9 + 0 + 1/9 + 4/9 + 0 + 4/9) / 9; class 2 has 4 / 9
    assert found["mean_squared_error"] == ("the shares of the classes", 8 / 27)


def test_the_answer_of_amounts():
    found = baseline(["error", "mean_squared_error", "r2"], [0, 0, 9, 1, 2, 3])
    assert found["error"] == ("the mean of the targets", (2 + 1 + 0) / 3)
    assert found["mean_squared_error"] == ("the mean of the targets", (4 + 1 + 0) / 3)
    assert found["r2"] == ("the mean of the targets", 1 - 5 / 2)
    assert baseline(["error"], [0, 0, 9, 0, 0, 3]) == {"error": ("the median of the targets", 1.0)}


def test_the_answer_of_labels():
    found = baseline(["error"], [[0, 0], [1, 0], [1, 1], [1, 1], [0, 0], [1, 1]])
    assert found == {"error": ("the most frequent labels", (1 + 1 + 1) / 6)}


def test_the_rate_is_that_of_each_trials_own_samples(here):
    """Of a shuffled split, every seed has another share of the rare class."""
    grid = sweepfile.loads(RARE.format(alpha=0.05).replace('"ordered"', '"shuffled"'))
    from nnsweep.trials.expand import expand

    labels = np.array([place in (10, 50, 90, 110, 140) for place in range(150)])
    for trial in expand(grid, MLP):
        seed = trial.params["seed"]
        order = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))).permutation(150)
        assert MLP.baseline(trial.params)["accuracy"].value == pytest.approx(1 - labels[order[100:]].mean())


class Known:
    """A trainer that knows what a constant answer gives."""

    def __init__(self, value):
        self.value = value

    def fingerprint(self, params):
        return "data"

    def baseline(self, params):
        return {} if self.value is None else {"score": ConstantAnswer("the mean", self.value)}


def found(values, ranges, answer, success):
    given = zip(values, ranges, strict=True)
    ends = ends_of([Outcome("ok", {"score": value}, diagnosis={"output_range": width}) for value, width in given])
    table = {"success": np.ones(len(values), dtype=bool)}
    told = find_no_skill(
        Sweep("s", "known", success=success), table, ends, Known(answer), lambda rows: [{} for _ in rows]
    )
    return None if told is None else str(told)


LOW = Success("score", below=0.5)


def test_what_is_said():
    better = "no better than one and the same answer for all samples: always answering the mean has score"
    assert found([0.1, 0.2], [1.0, 0.02], 0.6, LOW) is None
    assert found([0.1, 0.2], [1.0, 0.02], None, LOW) is None
    assert found([0.4, 0.3, 0.2], [1.0, 1.0, 0.0], 0.3, LOW) == (
        f"2 of 3 successes are {better} 0.3; 1 has a constant output"
    )
    assert found([0.2], [0.005], 0.1, LOW) == f"1 of 1 success is {better} 0.1; 1 has a constant output"
    assert found([0.2, 0.1], [0.0, 0.01], 0.6, LOW) == (
        "2 of 2 successes have a constant output; always answering the mean has score 0.6"
    )
    assert found([0.2, 0.1], [0.0, 0.011], None, LOW) == "1 of 2 successes has a constant output"
    assert found([0.9, 0.97], [1.0, 1.0], 0.95, Success("score", above=0.8)) == f"1 of 2 successes is {better} 0.95"


def test_a_metric_without_a_value_is_told(here):
    grid = RARE.format(alpha=0.05).replace('"ordered"', '"shuffled"').replace("test_size = 50", "test_size = 10")
    run = nnsweep.run(sweepfile.loads(grid), jobs=1, figures=False)
    without = int(run.trials["roc_auc"].isna().sum())
    assert 0 < without < 10
    assert f"`roc_auc` has no value in {without} of 10 trials, because of their samples" in str(run).splitlines()
