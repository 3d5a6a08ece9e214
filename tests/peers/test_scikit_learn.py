"""The same initial parameters and batches, trained by scikit-learn's multilayer perceptrons."""

import numpy as np
import pytest

from nnsweep.nn import CLASS_WEIGHTS, Dataset, Method, Network, Training, train
from tests.helpers.peer_trainings import CLOSE, EPOCHS, OWN, SAMPLES, training

pytest.importorskip("sklearn", reason="nnsweep[peers] is not installed")
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.utils.class_weight import compute_sample_weight

NAMES = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
SOLVERS = {"sgd": "sgd", "momentum": "sgd", "adam": "adam"}
KINDS = {
    "squared_error": (MLPRegressor, "identity", 2),
    "binary_cross_entropy": (MLPClassifier, "sigmoid", 1),
    "categorical_cross_entropy": (MLPClassifier, "softmax", 3),
}


def peer(given, method):
    """Make a model, set its parameters, and fit it: a warm start keeps them."""
    model = KINDS[given.network.loss][0](
        hidden_layer_sizes=given.network.widths[1:-1],
        activation=NAMES[given.network.activation],
        solver=SOLVERS[method.optimizer],
        alpha=0.0,
        batch_size=method.batch_size or SAMPLES,
        learning_rate_init=given.learning_rate,
        max_iter=1,
        shuffle=False,
        warm_start=True,
        momentum=OWN["momentum"] if method.optimizer == "momentum" else 0.0,
        nesterovs_momentum=False,
        beta_1=OWN["beta1"],
        beta_2=OWN["beta2"],
        epsilon=OWN["epsilon"],
        n_iter_no_change=10**6,
    )
    x, t = given.dataset.train_inputs, given.dataset.train_targets
    labels = t.argmax(axis=1) if given.network.output == "softmax" else t.ravel() if t.shape[1] == 1 else t
    model.fit(x, labels)
    model.coefs_ = [weights.T.copy() for weights, _ in given.parameters]
    model.intercepts_ = [biases.copy() for _, biases in given.parameters]
    return model.set_params(max_iter=EPOCHS[method.batch_size]).fit(x, labels)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("batch", EPOCHS)
@pytest.mark.parametrize("optimizer", SOLVERS)
@pytest.mark.parametrize("activation", NAMES)
@pytest.mark.parametrize("loss", KINDS)
@pytest.mark.parametrize("hidden", [(5,), (5, 4)], ids=str)
def test_every_parameter_is_scikit_learns(hidden, loss, activation, optimizer, batch, layout):
    _, output, outputs = KINDS[loss]
    given, method = training((3, *hidden, outputs), activation, output, loss), Method(optimizer, batch)
    trained, model = train(given, [EPOCHS[batch]], method), peer(given, method)
    for level, (weights, biases) in enumerate(trained.parameters):
        assert np.abs(weights - given.parameters[level][0]).max() > 1e-3
        np.testing.assert_allclose(weights.T, model.coefs_[level], **CLOSE)
        np.testing.assert_allclose(biases, model.intercepts_[level], **CLOSE)


def test_balanced_weights_are_scikit_learns():
    labels = np.random.default_rng(0).choice(4, p=[0.7, 0.2, 0.06, 0.04], size=300)
    expected = compute_sample_weight("balanced", labels)
    np.testing.assert_allclose(CLASS_WEIGHTS["balanced"](np.eye(4)[labels]), expected, rtol=1e-14)
    np.testing.assert_allclose(
        CLASS_WEIGHTS["balanced"]((labels > 0)[:, None] * 1.0),
        compute_sample_weight("balanced", labels > 0),
        rtol=1e-14,
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("loss", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_balanced_training_is_logistic_regression_with_balanced_classes(loss):
    """Without hidden layers and penalty, both find the one minimum of the weighted loss."""
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 2))
    output, outputs = ("sigmoid", 1) if loss.startswith("binary") else ("softmax", 3)
    labels = (x @ [1.0, -0.5] + random.normal(size=200) > 1.2).astype(int)
    if outputs == 3:
        labels += (x @ [0.3, 1.0] + random.normal(size=200) > 1.0).astype(int)
    t = labels[:, None].astype(float) if outputs == 1 else np.eye(3)[labels]
    net = Network((2, outputs), "tanh", output, loss)
    start = ((np.zeros((outputs, 2)), np.zeros(outputs)),)
    given = Training(net, start, Dataset(x, t, x, t), 1.0)
    ((weights, biases),) = train(given, [6000], Method(batch_size=0, class_weight="balanced")).parameters
    model = LogisticRegression(C=np.inf, class_weight="balanced", tol=1e-10, max_iter=10_000).fit(x, labels)
    found = np.column_stack([weights, biases])
    np.testing.assert_allclose(found, np.column_stack([model.coef_, model.intercept_]), rtol=1e-5, atol=1e-6)
    ((plain, _),) = train(given, [6000], Method(batch_size=0)).parameters
    assert np.abs(plain - model.coef_).max() > 0.01  # and not the minimum of the loss without weights
