"""The trace of a training begins at the initial parameters, ends at the trained ones, and steps as training does."""

import numpy as np
import pytest

from nnsweep.nn import Method, trace, train
from tests.helpers.nn_strategies import dataset, network, training


def flat(parameters):
    return np.concatenate([np.concatenate([w.T.ravel(), b]) for w, b in parameters])


@pytest.mark.parametrize("widths", [(2, 3, 1), (2, 4, 3, 2), (2, 90, 1)], ids=str)
@pytest.mark.parametrize("batch_size", [1, 5])
def test_from_the_first_parameters_to_the_last(widths, batch_size):
    given = training(1, network(widths, "tanh", "sigmoid", "squared_error"), dataset(2, outputs=widths[-1]))
    method = Method(batch_size=batch_size)
    names, values = trace(given, 2, method)
    assert values.shape == (2 * -(-12 // batch_size) + 1, given.network.size)
    np.testing.assert_array_equal(values[0], flat(given.parameters))
    np.testing.assert_array_equal(values[-1], flat(train(given, 2, method).parameters))
    per_epoch = -(-12 // batch_size)
    np.testing.assert_array_equal(values[per_epoch], flat(train(given, 1, method).parameters))
    assert len(set(names)) == len(names) == given.network.size


def test_every_few_steps():
    given = training(1, network((2, 3, 1)), dataset(2))
    names, values = trace(given, 2)
    again, few = trace(given, 2, every=5)
    assert names == again
    np.testing.assert_array_equal(few, values[::5])


def test_names_say_which_number_it_is():
    given = training(1, network((2, 3, 1)), dataset(2))
    names, values = trace(given, 1)
    (weights, biases), (output, _) = given.parameters
    assert values[0, names.index("layer 1, weight[2, 1]")] == weights[2, 1]
    assert values[0, names.index("layer 1, bias[1]")] == biases[1]
    assert values[0, names.index("layer 2, weight[0, 2]")] == output[0, 2]
