"""Signs of why a network does not learn, each on networks in which it is plain to see."""

from __future__ import annotations

import numpy as np
import pytest

from nnsweep.nn import Dataset, Method, Network, Training, trace, train, train_stack
from nnsweep.nn.activations import ACTIVATIONS, OUTPUTS
from nnsweep.nn.diagnostics import DIAGNOSTICS, FLAT, NEARLY_ALL, OBSERVED_EVERY, SCREENED
from tests.helpers.nn_strategies import dataset, network, training


def signs(
    parameters,
    activation="relu",
    output="identity",
    loss="squared_error",
    inputs=((-1.0,), (0.5,), (1.0,)),
    targets=None,
):
    """Of a network that learns at a rate of nought, given weights and biases layer by layer."""
    layers = tuple((np.array(w, dtype=float), np.array(b, dtype=float)) for w, b in parameters)
    widths = (layers[0][0].shape[1], *(len(b) for _, b in layers))
    inputs = np.array(inputs)
    targets = np.eye(widths[-1])[np.zeros(len(inputs), dtype=int)] if targets is None else np.array(targets)
    data = Dataset(inputs, targets, inputs, targets)
    given = Training(Network(widths, activation, output, loss), layers, data, learning_rate=0.0)
    return last(train_stack([given], 1, Method(batch_size=0), ("error",), [1])[0])


def last(trained):
    """The signs at the last epoch they were asked for."""
    return {name: values[-1].item() for name, values in trained.diagnostics.items()}


def listed(trained):
    return {name: values.tolist() for name, values in trained.diagnostics.items()}


def test_relu_units_that_no_sample_reaches_are_dead():
    # z = x + 2, x − 2, −x − 2 and −x − 0.75: the first is always on, the next two never, the last at one sample of 3.
    found = signs([([[1], [1], [-1], [-1]], [2, -2, -2, -0.75]), ([[1, 1, 1, 1]], [0])])
    assert found["dead"] == 0.5
    assert "saturated" not in found


def test_units_of_every_hidden_layer_count():
    below, above = ([[1], [1], [1]], [2, 2, -2]), ([[-1, 0, 0]], [0])
    assert signs([below, above, ([[1]], [0])])["dead"] == 0.5


@pytest.mark.parametrize("activation", ["leaky_relu", "identity"])
def test_what_always_has_a_slope_is_never_dead(activation):
    assert signs([([[1], [1]], [-9, 9]), ([[1, 1]], [0])], activation)["dead"] == 0


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_units_far_from_nought_are_saturated(activation):
    # sigmoid′(6) = 0.0025 is below a hundredth of its greatest, 0.25; so is tanh′(5) = 0.0002 of 1.
    found = signs([([[1], [1], [0]], [0, 8, -8]), ([[1, 1, 1]], [0])], activation)
    assert found["saturated"] == pytest.approx(2 / 3)
    assert "dead" not in found


def test_a_unit_is_saturated_from_nearly_all_samples_on():
    flat_at = lambda count: [[20.0]] * count + [[0.0]] * (SCREENED - count)  # noqa: E731
    least = int(np.ceil(NEARLY_ALL * SCREENED))
    one = [([[1]], [0]), ([[1]], [0])]
    assert signs(one, "tanh", inputs=flat_at(least))["saturated"] == 1
    assert signs(one, "tanh", inputs=flat_at(least - 1))["saturated"] == 0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_steepest_slope_of_what_flattens_out(name):
    activation = ACTIVATIONS[name]
    z = np.linspace(-30, 30, 6001)
    a, slope = np.empty_like(z), np.empty_like(z)
    activation.function(z, a)
    activation.derivative(z, a, slope)
    assert (np.diff(a) >= 0).all()
    flattens = slope.max() > 0 and slope[0] < FLAT and slope[-1] < FLAT
    assert activation.steepest == (slope.max() if flattens else None)


def test_a_network_without_hidden_layers_has_no_units():
    assert set(signs([([[2.0]], [1.0])])) == {"output_range", "changed"}


@pytest.mark.parametrize(
    ("output", "expected"), [("identity", 6.0), ("step", 1.0), ("sigmoid", 1 / (1 + np.exp(-4)) - 1 / (1 + np.exp(2)))]
)
def test_how_far_the_output_goes(output, expected):
    assert signs([([[3.0]], [1.0])], output=output)["output_range"] == pytest.approx(expected)


def test_a_constant_output_has_no_range():
    assert signs([([[1]], [-9]), ([[5]], [0.5])], output="step")["output_range"] == 0


def test_the_range_of_an_output_is_a_share_of_its_targets():
    line = [([[3.0]], [1.0])]  # −2, 2.5 and 4 at the three samples: a range of 6
    assert signs(line, targets=[[100.0], [150.0], [400.0]])["output_range"] == pytest.approx(6 / 300)
    assert signs(line, targets=[[0.001], [0.0], [0.001]])["output_range"] == pytest.approx(6000)
    assert signs(line, targets=[[7.0], [7.0], [7.0]])["output_range"] == pytest.approx(6)
    two = [([[3.0], [1.0]], [1.0, 0.0])]  # ranges of 6 and of 2
    targets = [[0.0, 0.0], [60.0, 4.0], [30.0, 2.0]]
    assert signs(two, targets=targets)["output_range"] == pytest.approx(2 / 4)


def test_of_several_outputs_the_widest_counts():
    found = signs([([[0], [3], [1]], [0, 0, 0])], output="softmax", loss="categorical_cross_entropy")
    x = np.array([-1, 0.5, 1])
    shares = np.exp([0 * x, 3 * x, x])
    shares /= shares.sum(axis=0)
    assert found["output_range"] == pytest.approx(np.ptp(shares, axis=1).max(), rel=1e-5)


def test_a_network_without_rate_changes_nothing():
    assert signs([([[1]], [1]), ([[1]], [0])])["changed"] == 0


def test_steps_that_were_not_observed_show_in_the_weights():
    """A perceptron that errs at a sample between two observed steps alone did not stay as it was."""
    count, targets = OBSERVED_EVERY, np.ones((OBSERVED_EVERY, 1))
    targets[1] = 0
    data = Dataset(np.ones((count, 1)), targets, np.ones((count, 1)), targets)
    given = Training(Network((1, 1)), ((np.array([[1000.0]]), np.array([0.0])),), data, learning_rate=0.1)
    assert last(train_stack([given], 4, Method(), ("error",), [4])[0])["changed"] == 0.5 / 4


def test_a_step_that_errs_changes_a_weight_and_others_do_not():
    """A perceptron that is right at every sample but the first, of as many as are between two observed steps."""
    count = OBSERVED_EVERY
    targets = np.ones((count, 1))
    for first, changed in ((0.0, 1.0), (1.0, 0.0)):
        targets[0] = first
        data = Dataset(np.ones((count, 1)), targets, np.ones((count, 1)), targets)
        layers = ((np.array([[1000.0]]), np.array([0.0])),)
        given = Training(Network((1, 1)), layers, data, learning_rate=0.1)
        assert last(train_stack([given], 4, Method(), ("error",), [4])[0])["changed"] == changed


@pytest.mark.parametrize("widths", [(2, 3, 1), (2, 90, 1)], ids=["rows", "matrices"])
@pytest.mark.parametrize("batch_size", [1, 5])
def test_alone_or_in_a_stack_the_signs_are_the_same(widths, batch_size):
    net = network(widths, "relu", "sigmoid", "squared_error")
    given = [training(seed, net, dataset(seed % 2), scale=3.0) for seed in range(7)]
    method = Method(batch_size=batch_size)
    together = train_stack(given, 30, method, ("error",), [10, 30])
    for each, found in zip(given, together, strict=True):
        (alone,) = train_stack([each], 30, method, ("error",), [10, 30])
        assert alone.diagnosed_at == (10, 30)
        assert listed(alone) == listed(found)
        assert alone.diagnostics.keys() == DIAGNOSTICS.keys() - {"saturated"}
        (shorter,) = train_stack([each], 10, method, ("error",), [10])
        assert last(shorter) == {name: values[0] for name, values in found.diagnostics.items()}


def test_widths_that_share_a_stack_have_signs_of_their_own():
    given = [training(seed, network((2, width, 1)), dataset(3), scale=2.0) for seed, width in enumerate((2, 4, 3, 4))]
    together = train_stack(given, 6, Method(), ("error",), [6])
    alone = [train_stack([each], 6, Method(), ("error",), [6])[0] for each in given]
    assert list(map(listed, together)) == list(map(listed, alone))


def test_observing_changes_no_bit_of_the_training():
    given = training(1, network((2, 3, 1)), dataset(2))
    (watched,) = train_stack([given], 8, Method(), ("error",), [4, 8])
    plain = train(given, 8)
    assert all(
        (a == b).all()
        for x, y in zip(watched.parameters, plain.parameters, strict=True)
        for a, b in zip(x, y, strict=True)
    )
    assert plain.diagnostics == {}


def test_every_output_that_has_units_of_its_own_rises():
    """The range of an elementwise output is taken from the ends of its preactivation alone."""
    z = np.linspace(-50, 50, 1001)
    for entry in OUTPUTS.values():
        if entry.elementwise:
            y = np.empty_like(z)
            entry.function(z, y)
            assert (np.diff(y) >= 0).all()


@pytest.mark.parametrize("place", [3, 500, 998])
def test_a_unit_that_one_sample_of_many_reaches_is_not_dead(place):
    inputs = np.random.default_rng(1).uniform(-1, 1, (1000, 2))
    inputs[place] = 2.0, 0.5
    one, other = ([[1, 0], [-1, 0]], [-1.5, -1.5]), ([[1, 1]], [0])
    assert signs([one, other], inputs=inputs)["dead"] == 0.5


def test_what_is_beyond_single_precision_is_no_constant():
    found = signs([([[1e25], [-1e25]], [0, 0]), ([[1e25, -1e25]], [0])], inputs=[[1.0], [-1.0]])
    assert found["output_range"] > 1e38


@pytest.mark.parametrize(("output", "loss"), [("step", "straight_through"), ("identity", "squared_error")])
def test_samples_beyond_single_precision_warn_of_nothing(output, loss):
    layers = [([[1], [1]], [0, 0]), ([[1, 1]], [0])]
    assert signs(layers, output=output, loss=loss, inputs=[[1e300], [1.0], [-1e39]])["output_range"] > 0
    inputs, targets = np.array([[1e300], [1.0]]), np.array([[1.0], [0.0]])
    data = Dataset(inputs, targets, inputs, targets)
    given = tuple((np.array(w, dtype=float), np.array(b, dtype=float)) for w, b in layers)
    _, values = trace(Training(Network((1, 2, 1), "relu", output, loss), given, data, learning_rate=0.1), 1)
    assert len(values) == 3
