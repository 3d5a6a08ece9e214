"""Every metric against its formula, one network and one sample at a time."""

from dataclasses import replace
from math import exp, isnan, log

import numpy as np
import pytest

from nnsweep.nn import LOSSES, METRICS, TRAIN, Dataset, Network, higher_is_better, train, train_stack
from tests.helpers.nn_reference import FUNCTIONS
from tests.helpers.nn_strategies import PAIRS, dataset, training

CASES = [(1, output, loss) for output, loss in PAIRS if output != "softmax"] + [(3, *pair) for pair in PAIRS]


def in_class(values):
    """The class that the values of one sample speak for."""
    return values[0] > 0.5 if len(values) == 1 else max(range(len(values)), key=lambda o: values[o])


def loss_of(loss, z, y, t):
    """One sample's."""
    match loss:
        case "squared_error":
            return sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / 2
        case "straight_through":
            return sum(abs(a - b) for a, b in zip(y, t, strict=True))
        case "binary_cross_entropy":
            return -sum(log(1 / (1 + exp(-a))) if b else log(1 / (1 + exp(a))) for a, b in zip(z, t, strict=True))
        case "categorical_cross_entropy":
            return -sum(b * log(exp(a) / sum(exp(each) for each in z)) for a, b in zip(z, t, strict=True))


MEANS = {  # of one sample
    "error": lambda z, y, t, loss: sum(abs(a - b) for a, b in zip(y, t, strict=True)) / len(t),
    "mean_absolute_error": lambda z, y, t, loss: sum(abs(a - b) for a, b in zip(y, t, strict=True)) / len(t),
    "mean_squared_error": lambda z, y, t, loss: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / len(t),
    "accuracy": lambda z, y, t, loss: in_class(y) == in_class(t),
    "loss": lambda z, y, t, loss: loss_of(loss, z, y, t),
}


def says(net, parameters, x):
    """The last preactivation and the output for one sample, of a network without hidden layers."""
    ((w, b),) = parameters
    z = w @ x + b
    return z, FUNCTIONS[net.output](z)


def targets(data, outputs):
    """One class a sample, which is what every loss has a meaning for."""
    one_hot = np.eye(outputs)
    return replace(
        data,
        train_targets=one_hot[np.arange(len(data.train_targets)) % outputs] if outputs > 1 else data.train_targets,
        test_targets=one_hot[np.arange(len(data.test_targets)) % outputs] if outputs > 1 else data.test_targets,
    )


@pytest.mark.parametrize("prefix", ["", TRAIN])
@pytest.mark.parametrize("name", MEANS)
@pytest.mark.parametrize(("outputs", "output", "loss"), CASES)
def test_a_metric_is_the_mean_of_its_formula(name, outputs, output, loss, prefix):
    net, data = Network((2, outputs), "tanh", output, loss), targets(dataset(5, outputs=outputs), outputs)
    trained = train(training(3, net, data, 0.1), 1, metrics=[prefix + name, "error"])
    xs, ts = (data.train_inputs, data.train_targets) if prefix else (data.test_inputs, data.test_targets)
    expected = [MEANS[name](*says(net, trained.parameters, x), t, loss) for x, t in zip(xs, ts, strict=True)]
    np.testing.assert_allclose(trained.history[prefix + name], [np.mean(expected)], rtol=1e-12)


def measured(name, y, t, loss="squared_error"):
    """Measure one network, given its outputs (N, O) or (N,), as a number."""
    y, t = (np.array(values, dtype=float).reshape(len(values), -1) for values in (y, t))
    return float(METRICS[name].value(y[None], y[None], t, loss)[0])


def test_half_is_not_yet_the_class_and_the_first_of_equals_is():
    assert measured("accuracy", [0.5, 0.6], [0, 1]) == 1
    assert measured("accuracy", [[0.5, 0.5], [0.2, 0.2]], [[1, 0], [0, 1]]) == 0.5


TWO = {  # said 1 of samples 1, 2, 3 and 5; wanted 1 of samples 2, 3 and 4
    "outputs": [0.1, 0.9, 0.8, 0.7, 0.4, 0.6],
    "targets": [0, 0, 1, 1, 1, 0],
    "accuracy": 3 / 6,
    "balanced_accuracy": (1 / 3 + 2 / 3) / 2,
    "precision": 2 / 4,
    "recall": 2 / 3,
    "f1": 4 / 7,
    # of the nine pairs: 0.8 > 0.1, 0.6; 0.7 > 0.1, 0.6; 0.4 > 0.1
    "roc_auc": 5 / 9,
    "log_loss": -(log(0.9) + log(0.1) + log(0.8) + log(0.7) + log(0.4) + log(0.4)) / 6,
}
EYE = np.eye(3).tolist()
THREE = {  # classes wanted: 0, 0, 1, 2; said: 0, 1, 1, 1
    "outputs": [[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.2, 0.5, 0.3]],
    "targets": [EYE[0], EYE[0], EYE[1], EYE[2]],
    "accuracy": 2 / 4,
    "balanced_accuracy": (1 / 2 + 1 + 0) / 3,
    "precision": (1 + 1 / 3 + 0) / 3,
    "recall": (1 / 2 + 1 + 0) / 3,
    "f1": (2 / 3 + 2 / 4 + 0) / 3,
    # class 0: 0.6 and 0.2 against 0.1 and 0.2; class 1: 0.8 against 0.3, 0.7 and 0.5; class 2: 0.3 against 0.1 thrice
    "roc_auc": ((2 + 1 + 1 / 2) / 4 + 1 + 1) / 3,
    "log_loss": -(log(0.6) + log(0.2) + log(0.8) + log(0.3)) / 4,
}
CLASS_METRICS = [name for name, metric in METRICS.items() if metric.targets == ("binary", "one_hot")]


@pytest.mark.parametrize("name", CLASS_METRICS)
@pytest.mark.parametrize("given", [TWO, THREE], ids=["two classes", "three classes"])
def test_metrics_of_classes_worked_out_by_hand(given, name):
    assert measured(name, given["outputs"], given["targets"]) == pytest.approx(given[name], abs=1e-15)


@pytest.mark.parametrize("name", CLASS_METRICS)
def test_two_columns_of_two_classes_are_one(name):
    """With 1 − p beside p, of which the second is the positive class."""
    y, t = ([[1 - value, value] for value in TWO[each]] for each in ("outputs", "targets"))
    assert measured(name, y, t) == pytest.approx(TWO[name], abs=1e-15)


def test_r2_worked_out_by_hand():
    # Of targets 3, −½, 2 and 7: Σ (y − t)² is ¼ + ¼ + 0 + 1, and Σ (t − 2.875)² is 29.1875.
    assert measured("r2", [2.5, 0, 2, 8], [3, -0.5, 2, 7]) == pytest.approx(1 - 1.5 / 29.1875, abs=1e-15)
    # The mean answer has 0, and one that is wrong by more has less.
    assert measured("r2", [2, 2, 2], [1, 2, 3]) == 0
    assert measured("r2", [3, 2, 1], [1, 2, 3]) == -3
    # Two outputs count alike, whatever their spread.
    assert measured("r2", [[1, 200], [2, 200], [3, 200]], [[1, 100], [2, 200], [3, 300]]) == 0.5


def test_r2_of_constant_targets_is_1_or_0():
    """Also of 0.1, whose mean over three is another number in the last digit."""
    assert measured("r2", [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]) == 1
    assert measured("r2", [0.1, 0.1, 0.2], [0.1, 0.1, 0.1]) == 0


def test_a_class_that_is_never_said_or_wanted():
    assert measured("precision", [0.1, 0.2], [0, 1]) == 0
    assert measured("recall", [0.9, 0.2], [0, 0]) == 0
    assert measured("f1", [0.1, 0.2], [0, 0]) == 0
    assert measured("balanced_accuracy", [0.9, 0.2, 0.3, 0.4], [0, 0, 0, 0]) == 3 / 4
    # Of three classes, the second occurs nowhere, and the third only as a wrong answer.
    y, t = [EYE[0], EYE[2]], [EYE[0], EYE[0]]
    assert measured("balanced_accuracy", y, t) == 1 / 2
    assert measured("precision", y, t) == (1 + 0) / 2
    assert measured("recall", y, t) == (1 / 2 + 0) / 2
    assert measured("f1", y, t) == (2 / 3 + 0) / 2


def test_log_loss_of_a_certain_mistake_is_bounded():
    assert measured("log_loss", [1.0, 0.0], [0, 1]) == pytest.approx(52 * log(2), abs=1e-12)
    assert measured("log_loss", [1.0, 0.0], [1, 0]) == pytest.approx(0, abs=1e-15)


DEFINED = {
    ("roc_auc", ((0,), (1,))): True,
    ("roc_auc", ((0,), (0,))): False,
    ("roc_auc", ((1,), (1,))): False,
    ("roc_auc", ((1, 0, 0), (0, 1, 0), (0, 0, 1))): True,
    ("roc_auc", ((1, 0, 0), (0, 1, 0), (0, 1, 0))): False,
    ("r2", ((3,), (4,))): True,
    ("r2", ((3,), (3,))): True,
    ("r2", ((3,),)): False,
}


@pytest.mark.parametrize(("name", "targets"), DEFINED)
def test_which_samples_leave_a_metric_without_a_value(name, targets):
    assert METRICS[name].defined(np.array(targets, dtype=float)) is DEFINED[name, targets]


def test_a_metric_without_a_value_is_missing_and_its_trial_has_not_diverged():
    inputs, targets = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([[0.0], [1.0], [1.0], [1.0]])
    data = Dataset(inputs, targets, inputs[2:], targets[2:])
    net = Network((1, 1), "tanh", "sigmoid", "binary_cross_entropy")
    trained = train(training(0, net, data), 3, metrics=["roc_auc", "train_roc_auc", "error"])
    assert list(trained.history) == ["train_roc_auc", "error"]
    assert trained.diverged_at is None
    assert trained.finite.tolist() == [True, True, True]
    alone = train(training(0, net, data), 3, metrics=["roc_auc"])
    assert (dict(alone.history), alone.diverged_at) == ({}, None)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_one_output_that_is_no_number_spoils_its_own_network_only(name, wrong):
    y = np.array([[[0.3, 0.7], [1.0, 0.0]], [[0.3, 0.7], [wrong, 0.0]]])
    calm, wild = METRICS[name].value(y, y, np.array([[1.0, 0.0], [0.0, 1.0]]), "squared_error")
    assert np.isfinite(calm)
    assert not np.isfinite(wild)


def test_accuracy_of_no_number_is_not_that_of_a_wrong_class():
    assert isnan(measured("accuracy", [np.nan], [0]))


LABELS = {"1 and 2": (1, 2), "-1 and 1": (-1, 1), "0 and 2": (0, 2), "3.5 and 7.25": (3.5, 7.25)}


@pytest.mark.parametrize("others", [[], ["mean_squared_error"], ["train_error"]], ids=str)
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_the_error_of_a_step_is_the_same_whatever_else_is_measured(labels, others):
    """The output is 0 for the first half of the samples and 1 for the others, whose labels are the second."""
    inputs, targets = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.repeat(labels, 2)[:, None].astype(float)
    data = Dataset(inputs, targets, inputs, targets)
    given = replace(training(0, Network((1, 1)), data, 1e-300), parameters=((np.array([[1.0]]), np.array([0.0])),))
    trained = train(given, 1, metrics=["error", *others])
    assert trained.history["error"].tolist() == [(abs(labels[0]) + abs(1 - labels[1])) / 2]


def test_trainings_of_one_stack_are_each_measured_by_their_own_targets():
    """Two data sets in one stack, of which one has targets that counting does not know."""
    inputs = np.array([[-1.0], [-2.0], [1.0], [2.0]])
    start = (np.array([[1.0]]), np.array([0.0]))
    stack = []
    for low, high in ((0, 1), (1, 2), (0, 1)):
        targets = np.array([[low], [high], [high], [high]], dtype=float)
        data = Dataset(inputs, targets, inputs, targets)
        stack.append(replace(training(0, Network((1, 1)), data, 1e-300), parameters=(start,)))
    assert [trained.history["error"].tolist() for trained in train_stack(stack, 1)] == [
        [1 / 4],
        [(1 + 2 + 1 + 1) / 4],
        [1 / 4],
    ]


@pytest.mark.parametrize("name", CLASS_METRICS)
def test_a_metric_of_classes_is_refused_where_targets_are_none(name):
    inputs, targets = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]])
    data = Dataset(inputs, targets, inputs, targets)
    with pytest.raises(ValueError, match=f"^metric '{name}' has no meaning for targets that are amounts: 1 and 2$"):
        train(training(0, Network((1, 1), "tanh", "identity", "squared_error"), data), 1, metrics=[name])


def test_which_way_a_metric_is_better():
    better = {name for name in METRICS if higher_is_better(name)}
    assert better == {"accuracy", "balanced_accuracy", "precision", "recall", "f1", "roc_auc", "r2"}
    assert better == {name for name in METRICS if higher_is_better(TRAIN + name)}
    others = "val_accuracy", "valid/f1", "test.recall", "eval-roc_auc_score", "validation_balanced_accuracy"
    assert all(map(higher_is_better, others))
    assert not any(map(higher_is_better, ("val_loss", "inaccuracy", "test_error", "accuracy_loss", "regret")))


def test_every_loss_and_metric_has_a_formula_here():
    assert {loss for _, _, loss in CASES} == set(LOSSES)
    assert METRICS.keys() == MEANS.keys() | TWO.keys() - {"outputs", "targets"} | {"r2"}
