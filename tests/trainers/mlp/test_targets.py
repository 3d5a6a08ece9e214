"""Targets of any kind through the built-in trainer: right numbers, or a message before anything is trained."""

from __future__ import annotations

import numpy as np
import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.data.field import read
from nnsweep.folder.open import StoredSweep
from nnsweep.questions.trial import inspection
from nnsweep.trainers import load
from nnsweep.trainers.mlp.parameters import MlpParameters
from nnsweep.trials.expand import expand
from tests.helpers import call

MLP = load("mlp")
GRID = """
name = "a"
[fixed]
data = {{ csv = "a.csv", target = "y"{classes} }}
split = "all"
{lines}
[axes]
seed = {{ count = 3 }}
"""
UNTAUGHT = 'alpha = 1e-300\ninit = "normal"\ninit_std = 0.0\n'
"""All weights are 0, or as good as 0 after training."""
STEP = 'output = "step"\nloss = "straight_through"\n'
SOFTMAX = 'output = "softmax"\nloss = "categorical_cross_entropy"\n'
SIGMOID = 'output = "sigmoid"\nloss = "binary_cross_entropy"\n'
IDENTITY = 'output = "identity"\nloss = "squared_error"'
LABELS = {"1 and 2": (1, 2), "-1 and 1": (-1, 1), "0 and 2": (0, 2), "3.5 and 7.25": (3.5, 7.25)}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(targets, name="a.csv"):
    """Write a CSV file of targets, beside inputs that tell those below their middle from those above."""
    rows = [
        f"{0.5 if target > np.mean(targets) else -0.5},{place % 7 / 7},{target:g}"
        for place, target in enumerate(targets)
    ]
    with open(name, "w", encoding="utf-8") as file:
        file.write("\n".join(["x,z,y", *rows, ""]))


def loads(lines, classes=False):
    return sweepfile.loads(GRID.format(lines=lines, classes=", classes = true" if classes else ""))


def run(lines, classes=False):
    return nnsweep.run(loads(lines, classes), jobs=1, figures=False)


def refusals(lines, classes=False):
    with pytest.raises(nnsweep.SpecError) as caught:
        loads(lines, classes)
    return str(caught.value).splitlines()


def as_classes(values, otherwise):
    return (
        f"targets of data `a.csv: y` are {values}; if they name classes, write `classes = true` in the table of the "
        f"data; if they are amounts, write {otherwise}"
    )


AMOUNTS = '`output = "identity"` and `loss = "squared_error"`'
OF_AMOUNTS = '`metrics = ["mean_absolute_error", "r2"]`'


@pytest.mark.parametrize("values", LABELS)
def test_a_step_is_refused_labels_that_it_cannot_give(values):
    write(np.repeat(LABELS[values], 10))
    refused = f"grid.toml:4:1: `step` gives 0 or 1; {as_classes(values, AMOUNTS)}"
    assert refusals(STEP) == [refused]


def test_ten_digits_in_a_column_are_refused(here, capsys):
    write(np.tile(np.arange(10), 4))
    lines = STEP
    refused = f"`step` gives 0 or 1; {as_classes('10 values from 0 to 9', AMOUNTS)}"
    assert refusals(lines) == [f"grid.toml:4:1: {refused}"]
    (here / "grid.toml").write_text(GRID.format(lines=lines, classes=""))
    assert call(capsys, "grid.toml") == (2, "", f"Error: grid.toml:4:1: {refused}\n")
    assert not (here / "results").exists()


BOUNDED = {
    "sigmoid": ("`sigmoid` gives 0 to 1", "squared_error", (-0.5, 1)),
    "tanh": ("`tanh` gives -1 to 1", "squared_error", (1, 2)),
    "relu": ("`relu` gives 0 and more", "squared_error", (-1, 1)),
    "relu_inclusive": ("`relu_inclusive` gives 0 and more", "straight_through", (-1, 1)),
    "softmax": ("`softmax` gives shares of classes, which sum to 1", "categorical_cross_entropy", (1, 2)),
}


@pytest.mark.parametrize("output", BOUNDED)
def test_an_output_is_refused_targets_outside_its_range(output):
    gives, loss, labels = BOUNDED[output]
    write(np.repeat(labels, 5))
    values = f"{labels[0]:g} and {labels[1]:g}"
    assert refusals(f'output = "{output}"\nloss = "{loss}"') == [
        f"grid.toml:4:1: {gives}; {as_classes(values, AMOUNTS)}"
    ]


def test_cross_entropy_is_refused_labels_1_and_2():
    write([1, 2, 2, 1])
    refused = f"grid.toml:4:1: `sigmoid` gives 0 to 1; {as_classes('1 and 2', AMOUNTS)}"
    assert refusals('output = "sigmoid"\nloss = "binary_cross_entropy"') == [refused]


WITHIN = {
    "sigmoid": (0, 0.25, 1),
    "tanh": (-1, 0.5, 1),
    "relu": (0, 3, 2),
    "leaky_relu": (-3, 0, 3),
    "identity": (-3, 0, 3),
}


@pytest.mark.parametrize("output", WITHIN)
def test_targets_within_an_outputs_range_are_learnt(output):
    write(WITHIN[output])
    found = run(f'output = "{output}"\nloss = "squared_error"\nmetrics = ["mean_squared_error", "r2"]')
    assert found.trials["status"].tolist() == ["ok"] * 3


CLASS_METRICS = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "roc_auc", "train_accuracy")


@pytest.mark.parametrize("metric", CLASS_METRICS)
def test_metrics_of_classes_are_refused_for_labels_that_are_not_declared(metric):
    write(np.tile([0, 1, 2], 10))
    refused = f"grid.toml:6:1: `{metric}` is a metric of classes; {as_classes('0, 1 and 2', OF_AMOUNTS)}"
    assert refusals(f'metrics = ["error", "{metric}"]\n{IDENTITY}') == [refused]


def test_metrics_of_classes_are_refused_for_amounts():
    write(np.linspace(25, 346, 442))
    targets = "targets of data `a.csv: y` are 442 values from 25 to 346"
    assert refusals(f'metrics = ["accuracy", "f1", "r2"]\n{IDENTITY}') == [
        f"grid.toml:6:1: `accuracy` and `f1` are metrics of classes; {targets}; write {OF_AMOUNTS}"
    ]
    assert refusals('output = "sigmoid"\nloss = "squared_error"') == [
        f"grid.toml:4:1: `sigmoid` gives 0 to 1; {targets}; write {AMOUNTS}"
    ]


@pytest.mark.parametrize("metrics", [["error"], ["error", "mean_squared_error"]], ids=str)
@pytest.mark.parametrize("values", LABELS)
def test_labels_declared_as_classes_have_the_error_of_0_and_1(values, metrics):
    """A network that learns nothing answers 0 everywhere or 1 everywhere: half of the samples are wrong."""
    write(np.repeat(LABELS[values], 10))
    found = run(f"{STEP}{UNTAUGHT}metrics = {metrics}", classes=True)
    assert found.trials["error"].tolist() == [0.5] * 3


@pytest.mark.parametrize("metrics", [["error"], ["error", "mean_squared_error"]], ids=str)
@pytest.mark.parametrize("values", LABELS)
def test_labels_learnt_as_amounts_have_the_error_of_amounts(values, metrics):
    """A network whose output stays 0 is wrong by the labels themselves."""
    low, high = LABELS[values]
    write(np.repeat((low, high), 10))
    found = run(f"{IDENTITY}\n{UNTAUGHT}metrics = {metrics}")
    assert found.trials["error"].tolist() == [(abs(low) + abs(high)) / 2] * 3


def test_ten_classes_have_ten_columns():
    write(np.tile(np.arange(10), 20))
    found = run(f'{SIGMOID}{UNTAUGHT}metrics = ["error", "accuracy"]', classes=True)
    assert found.trials["error"].tolist() == [0.5] * 3
    assert found.trials["accuracy"].tolist() == [0.1] * 3  # of equal outputs the first is the class


def test_two_classes_of_a_softmax_learn_as_one_sigmoid_does():
    """From weights of 0, the two outputs of a softmax move apart at equal rates: the difference at twice."""
    write(np.repeat((1, 2), 20))
    names = ["accuracy", "roc_auc", "f1", "log_loss", "loss", "error", "mean_squared_error", "train_precision"]
    rest = f'metrics = {names}\nepochs = 5\nhidden = []\nbatch_size = "all"\ninit = "normal"\ninit_std = 0.0\n'
    one = run(f"{SOFTMAX}{rest}alpha = 0.1", classes=True).trials
    other = run(f"{SIGMOID}{rest}alpha = 0.2", classes=True).trials
    assert 0 < one["loss"][0] < np.log(2)
    for name in names:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-12)


def test_two_classes_of_a_softmax_can_be_looked_at(here):
    write(np.repeat((1, 2), 20))
    lines = f'{SOFTMAX}metrics = ["accuracy"]'
    found = run(lines, classes=True)
    trial = found.trial(seed=1)
    assert trial.replay().differs is None
    assert trial.model().test[1].tolist() == [[1, 0]] * 20 + [[0, 1]] * 20
    texts = trial.figure("boundary").axes[0].get_legend().get_texts()
    assert [text.get_text() for text in texts][:2] == ["class 0", "class 1"]
    shown = inspection.show(StoredSweep.grown(loads(lines, classes=True), here / "results"), trial.trial)
    assert [len(sample["output"]) for sample in shown.details["test"]] == [2] * 16
    ((model),) = inspection.check_gradients(loads(lines, classes=True))
    assert model.passed


OF_LABELS = "error, loss, mean_squared_error, mean_absolute_error, r2"
BOTH = {"inputs": [[0.0], [1.0], [2.0]], "targets": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]}
"""Sum and carry of 0, 1 and 2."""


def problems(**settings):
    return MLP.problems(MLP.resolve(dict(MlpParameters(split="all", **settings))))


def named(source):
    return f"targets of data `{read(source)}`"


def test_several_labels_of_a_sample_are_no_classes():
    labels = f"{named(BOTH)} a sample has none or several 1s"
    assert problems(data=BOTH, output="sigmoid", loss="binary_cross_entropy", metrics=["error"]) == []
    assert problems(data=BOTH, output="step", metrics=["accuracy", "error"]) == [
        ("metrics", f"`accuracy` is a metric of classes; in {labels}; allowed: {OF_LABELS}")
    ]
    assert problems(data=BOTH, output="softmax", loss="categorical_cross_entropy") == [
        (
            "data",
            f"`softmax` gives shares of classes, which sum to 1; in {labels}; "
            'allowed: `output = "sigmoid"` and `loss = "binary_cross_entropy"`',
        )
    ]


def test_shares_of_classes_are_targets_of_a_softmax():
    shares = {"inputs": [[0.0], [1.0]], "targets": [[0.25, 0.75], [1.0, 0.0]]}
    assert problems(data=shares, output="softmax", loss="categorical_cross_entropy", metrics=["loss"]) == []
    wrong = {"inputs": [[0.0], [1.0]], "targets": [[-0.25, 1.25], [1.0, 0.0]]}
    ((place, said),) = problems(data=wrong, output="softmax", loss="categorical_cross_entropy")
    assert place == "data"
    assert said == (
        f"`softmax` gives shares of classes, which sum to 1; {named(wrong)} are -0.25, 0, 1 and 1.25; "
        f"if they name classes, give each a column of 0 and 1; if they are amounts, write {AMOUNTS}"
    )


def test_log_loss_needs_probabilities():
    found = {output: problems(data="xor", output=output, loss=loss, metrics=["log_loss"]) for output, loss in PAIRS}
    assert found["sigmoid"] == found["softmax"] == []
    assert found["step"] == [
        ("metrics", "`log_loss` needs probabilities; found output `step`; allowed: `sigmoid` or `softmax`")
    ]
    three = {"inputs": [[0.0], [1.0], [2.0]], "targets": np.eye(3).tolist()}
    assert problems(data=three, output="sigmoid", loss="binary_cross_entropy", metrics=["train_log_loss"]) == [
        (
            "metrics",
            "`train_log_loss` needs probabilities; found output `sigmoid` for 3 classes; allowed: `softmax`",
        )
    ]


PAIRS = [
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "categorical_cross_entropy"),
    ("step", "straight_through"),
]


def test_a_metric_that_no_split_gives_a_value_is_refused():
    one = {"inputs": [[0.0], [1.0]], "targets": [1.0, 1.0]}
    assert problems(data=one, metrics=["accuracy", "roc_auc"]) == [
        ("metrics", f"`roc_auc` has no value: {named(one)} have no sample of one of the classes")
    ]
    single = {"inputs": [[0.0]], "targets": [1.0]}
    assert problems(data=single, metrics=["r2"]) == [("metrics", f"`r2` has no value: {named(single)} have 1 sample")]


def test_a_metric_that_some_splits_leave_without_a_value_is_missing_there():
    """Of five samples of which one is of class 1, a test set of two has no such sample more often than not."""
    write([0, 0, 0, 0, 1])
    grid = GRID.replace('split = "all"', "train_size = 3\ntest_size = 2").format(
        lines='metrics = ["roc_auc", "accuracy"]', classes=""
    )
    found = nnsweep.run(sweepfile.loads(grid, overrides=["seed={count=40}"]), jobs=1, figures=False).trials
    order = [np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))).permutation(5) for seed in range(40)]
    has_both = [4 in each[3:] for each in order]
    assert 5 < sum(has_both) < 30
    assert found["roc_auc"].notna().tolist() == has_both
    assert found["accuracy"].notna().all()
    assert (found["status"] == "ok").all()


def test_classes_are_balanced_where_targets_are_classes():
    assert problems(data="xor", class_weight="balanced") == []
    amounts = {"inputs": [[0.0], [1.0]], "targets": [1.0, 2.0]}
    assert problems(data=amounts, output="identity", loss="squared_error", class_weight="balanced") == [
        (
            "class_weight",
            f'`class_weight = "balanced"` is for classes; {named(amounts)} are 1 and 2; if they name classes, '
            'give each a column of 0 and 1; if they are amounts, write `class_weight = "none"`',
        )
    ]


@pytest.mark.slow
def test_balanced_classes_find_what_is_rare():
    """One in 25 samples is of class 1, and the classes lie so near that always answering 0 is hard to beat."""
    random = np.random.default_rng(0)
    targets = (np.arange(5000) % 25 == 0).astype(int)
    rows = random.normal(size=5000) + 1.5 * targets
    with open("a.csv", "w", encoding="utf-8") as file:
        file.write("\n".join(["x,y", *(f"{x:.6f},{y}" for x, y in zip(rows, targets, strict=True)), ""]))
    metrics = '["accuracy", "recall", "roc_auc"]'
    lines = f'{SIGMOID}hidden = []\nbatch_size = "all"\nepochs = 500\nalpha = 1.0\nmetrics = {metrics}\n'
    plain = run(lines).trials
    balanced = run(f'{lines}class_weight = "balanced"').trials
    # At its best for balanced classes, the boundary lies at 0.75, half way: Φ(0.75) of each class is right.
    assert balanced["recall"].median() == pytest.approx(0.77, abs=0.08)
    assert balanced["accuracy"].median() == pytest.approx(0.77, abs=0.08)
    assert plain["recall"].median() < 0.2
    assert plain["accuracy"].median() == pytest.approx(0.96, abs=0.005)
    np.testing.assert_allclose(plain["roc_auc"], balanced["roc_auc"], rtol=1e-12)  # one input: the order is the same
    assert run(lines).trained == 0


def test_a_sweep_that_balances_nothing_keeps_its_ids():
    """The trials of a sweep that was stored before classes could be balanced are found again."""
    (trial,) = expand(sweepfile.loads('name = "a"\n[fixed]\ndata = "xor"\nsplit = "all"'), MLP)
    assert "class_weight" not in trial.params_json
    (same,) = expand(sweepfile.loads('name = "a"\n[fixed]\ndata = "xor"\nsplit = "all"\nclass_weight = "none"'), MLP)
    (other,) = expand(
        sweepfile.loads('name = "a"\n[fixed]\ndata = "xor"\nsplit = "all"\nclass_weight = "balanced"'), MLP
    )
    assert trial.id == same.id != other.id


def test_the_gradient_check_names_balanced_classes():
    sweep = sweepfile.loads(
        'name = "a"\n[fixed]\ndata = { inputs = [[0], [1], [2]], targets = [0, 0, 1] }\nsplit = "all"\n'
        f'{SIGMOID}class_weight = "balanced"\nactivation = "tanh"'
    )
    (found,) = inspection.check_gradients(sweep)
    assert found.model == "1-4-1, tanh, sigmoid, binary_cross_entropy, batches of 1, classes balanced"
    assert found.passed


@pytest.mark.parametrize("values", ["1 and 2", "0 and 2", "-1 and 1"])
def test_numbers_that_look_like_classes_are_told(here, capsys, values):
    """By default they are amounts: nothing is refused, and nobody is to take them for classes unawares."""
    write(np.repeat(LABELS[values], 10))
    (here / "grid.toml").write_text(GRID.format(lines="", classes=""))
    note = (
        f"a.csv: y: {values} are learnt as amounts; write `classes = true` in its table if they name classes, "
        "and `classes = false` if not"
    )
    for verb in (["run", "--no-figures"], ["plan"]):
        assert call(capsys, *verb, "grid.toml")[1].splitlines().count(note) == 1
    for classes in ("true", "false"):
        (here / "grid.toml").write_text(GRID.format(lines="", classes=f", classes = {classes}"))
        assert "amounts" not in call(capsys, "grid.toml", "--no-figures")[1]


def test_targets_of_one_value_are_told(here, capsys):
    write(np.full(40, 3))
    (here / "grid.toml").write_text(GRID.format(lines="", classes=""))
    note = "a.csv: y: every target is 3: there is nothing to learn"
    assert call(capsys, "plan", "grid.toml")[1].splitlines().count(note) == 1


def test_amounts_of_many_units_are_told(here, capsys):
    write(np.arange(40) * 10)
    (here / "grid.toml").write_text(GRID.format(lines="", classes=""))
    note = (
        "a.csv: y: 40 values from 0 to 390 are learnt in their units, in which trainings may diverge; "
        "`scale_target = true` scales them"
    )
    for verb in (["run", "--no-figures"], ["plan"]):
        assert call(capsys, *verb, "grid.toml")[1].splitlines().count(note) == 1
    assert "units" not in call(capsys, "grid.toml", "--set", "scale_target=true", "--no-figures")[1]


def test_numbers_that_do_not_look_like_classes_need_no_word(here, capsys):
    for targets in (np.repeat((3.5, 7.25), 10), np.arange(40) % 11, np.linspace(0, 1, 40)):
        write(targets)
        (here / "grid.toml").write_text(GRID.format(lines="", classes=""))
        assert "amounts" not in call(capsys, "grid.toml", "--no-figures")[1]
