"""Every metric that scikit-learn has too, to 1e-12 of its value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnsweep.nn import METRICS
from nnsweep.trainers import load
from nnsweep.trainers.mlp.parameters import MlpParameters

pytest.importorskip("sklearn", reason="nnsweep[peers] is not installed")
from sklearn import metrics as peer
from sklearn.dummy import DummyClassifier, DummyRegressor


def positive(y):
    """The probability of class 1, of one column or of two."""
    return y[:, -1] if y.shape[1] <= 2 else y


def averaged(score, labels, said, t):
    """Of two classes, the score of class 1; of more, the mean over those that occur."""
    kind = "binary" if t.shape[1] <= 2 else "macro"
    return score(labels, said, average=kind, zero_division=0.0)


PEERS = {
    "error": lambda labels, said, y, t: peer.mean_absolute_error(t, y),
    "mean_absolute_error": lambda labels, said, y, t: peer.mean_absolute_error(t, y),
    "mean_squared_error": lambda labels, said, y, t: peer.mean_squared_error(t, y),
    "r2": lambda labels, said, y, t: peer.r2_score(t, y),
    "accuracy": lambda labels, said, y, t: peer.accuracy_score(labels, said),
    "balanced_accuracy": lambda labels, said, y, t: peer.balanced_accuracy_score(labels, said),
    "precision": lambda labels, said, y, t: averaged(peer.precision_score, labels, said, t),
    "recall": lambda labels, said, y, t: averaged(peer.recall_score, labels, said, t),
    "f1": lambda labels, said, y, t: averaged(peer.f1_score, labels, said, t),
    "roc_auc": lambda labels, said, y, t: peer.roc_auc_score(labels, positive(y), multi_class="ovr"),
    "log_loss": lambda labels, said, y, t: peer.log_loss(labels, positive(y), labels=range(max(t.shape[1], 2))),
}
OF_AMOUNTS = [name for name in PEERS if "amounts" in METRICS[name].targets]


def labelled(values):
    return (values[:, 0] > 0.5).astype(int) if values.shape[1] == 1 else values.argmax(axis=1)


@st.composite
def answers(draw):
    """Targets (N, O) of classes, and probabilities (N, O), many of them equal, some of them 0 and 1."""
    columns, samples = draw(st.integers(1, 4)), draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    coarse = draw(st.sampled_from([2, 10, 10**6]))
    if columns == 1:
        return random.integers(2, size=(samples, 1)).astype(float), random.integers(
            coarse + 1, size=(samples, 1)
        ) / coarse
    shares = random.integers(coarse + 1, size=(samples, columns)) + 1e-3
    return np.eye(columns)[random.integers(columns, size=samples)], shares / shares.sum(axis=1, keepdims=True)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
@pytest.mark.parametrize("name", PEERS)
@settings(max_examples=60)
@given(drawn=answers())
def test_metrics_of_classes_are_scikit_learns(name, drawn):
    t, y = drawn
    if METRICS[name].defined(t):
        found = METRICS[name].value(y[None], y[None], t, "squared_error")
        expected = PEERS[name](labelled(t), labelled(y), y, t)
        np.testing.assert_allclose(found, [expected], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", OF_AMOUNTS)
@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6), samples=st.integers(2, 50), outputs=st.integers(1, 3), size=st.sampled_from([1, 1e6])
)
def test_metrics_of_amounts_are_scikit_learns(name, seed, samples, outputs, size):
    random = np.random.default_rng(seed)
    t = size * random.normal(1, 1, (samples, outputs)).round(2)
    y = t + size * random.normal(0, 1, (samples, outputs))
    found = METRICS[name].value(y[None], y[None], t, "squared_error")
    np.testing.assert_allclose(found, [PEERS[name](None, None, y, t)], rtol=1e-12, atol=1e-12)


def test_every_metric_but_the_loss_of_training_has_a_peer():
    assert METRICS.keys() - PEERS.keys() == {"loss"}


@pytest.mark.parametrize("name", ["accuracy", "balanced_accuracy", "f1", "mean_squared_error", "r2"])
def test_constant_answers_are_those_of_scikit_learns_dummies(name):
    """The most frequent class, or the mean, of the training samples."""
    random = np.random.default_rng(0)
    labels, amounts = random.choice(3, p=[0.2, 0.7, 0.1], size=60), random.normal(size=60).round(3)
    of_classes = "amounts" not in METRICS[name].targets
    targets = np.eye(3)[labels].tolist() if of_classes else amounts.tolist()
    data = {"inputs": [[0.0]] * 60, "targets": targets}
    params = MlpParameters(data=data, split="ordered", train_size=40, test_size=20, metrics=[name])
    if of_classes:
        said = DummyClassifier(strategy="most_frequent").fit(labels[:40, None], labels[:40]).predict(labels[40:, None])
        expected = PEERS[name](labels[40:], said, None, np.eye(3)[labels[40:]])
    else:
        said = DummyRegressor().fit(amounts[:40, None], amounts[:40]).predict(amounts[40:, None])
        expected = PEERS[name](None, None, said, amounts[40:])
    found = load("mlp").baseline(load("mlp").resolve(dict(params)))[name]
    np.testing.assert_allclose(found.value, expected, rtol=1e-12)
