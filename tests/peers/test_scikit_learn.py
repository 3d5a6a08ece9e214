"""The same initial parameters and batches, trained by scikit-learn's multilayer perceptrons."""

import numpy as np
import pytest

from nnsweep.nn import Method, train
from tests.peers.given import CLOSE, EPOCHS, SAMPLES, training

pytest.importorskip("sklearn", reason="nnsweep[peers] is not installed")
from sklearn.neural_network import MLPClassifier, MLPRegressor

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
        momentum=given.momentum if method.optimizer == "momentum" else 0.0,
        nesterovs_momentum=False,
        beta_1=given.beta1,
        beta_2=given.beta2,
        epsilon=given.epsilon,
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
