"""The accuracy of many classes: what single precision counts is what double precision's outputs give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.nn import ACTIVATIONS, METRICS, Dataset, Network
from nnsweep.nn.activations import sigmoid
from nnsweep.nn.evaluate import evaluator
from nnsweep.nn.forward import forward
from nnsweep.nn.gaps import Gaps, norms, sizes_of
from nnsweep.nn.right_shares import RightShares
from tests.helpers.nn_strategies import dataset, training

WITH_SINGLE = [name for name, each in ACTIVATIONS.items() if each.single]
LOSS = {"softmax": "categorical_cross_entropy", "identity": "squared_error"}


def grouped(trainings):
    layers = zip(*(t.parameters for t in trainings), strict=True)
    return [(np.array([w for w, _ in layer]), np.array([b for _, b in layer])) for layer in layers]


def measured(net, group, data):
    """The accuracy as networks of the shape are measured, and as it is computed from their outputs."""
    count = len(group[0][0])
    with np.errstate(all="ignore"):
        found = evaluator(net, [(slice(0, count), data)], ["accuracy"])(group)[0]
        z, y = forward(net, group, data.test_inputs)
        return found, METRICS["accuracy"].value(z, y, data.test_targets, net.loss)


def test_they_are_counted_in_single_precision():
    """Or the tests below would compare double precision with itself."""
    assert WITH_SINGLE == ["relu", "relu_inclusive", "leaky_relu", "sigmoid", "tanh", "identity"]
    net = Network((2, 3, 3), "tanh", "softmax", LOSS["softmax"])
    assert RightShares.fits(net, ["accuracy"])
    assert not RightShares.fits(net, ["accuracy", "loss"])
    assert not RightShares.fits(Network((2, 3, 3), "step", "softmax", LOSS["softmax"]), ["accuracy"])
    assert not RightShares.fits(Network((2, 3, 3), "tanh", "sigmoid", "squared_error"), ["accuracy"])


@given(
    seed=st.integers(0, 10**6),
    widths=st.sampled_from([(2, 3), (2, 4, 3), (3, 9, 7, 5, 2), (20, 12, 10)]),
    activation=st.sampled_from(WITH_SINGLE),
    output=st.sampled_from(sorted(LOSS)),
    exponent=st.floats(-9, 9),
)
def test_counts_are_those_of_the_outputs(seed, widths, activation, output, exponent):
    net = Network(widths, activation, output, LOSS[output])
    data = dataset(seed, inputs=widths[0], outputs=widths[-1], test=300, one_hot=True)
    group = grouped([training(seed + k, net, data, scale=10**exponent) for k in range(3)])
    np.testing.assert_array_equal(*measured(net, group, data))


@pytest.mark.parametrize("activation", WITH_SINGLE)
def test_most_samples_of_an_ordinary_network_are_beyond_doubt(activation):
    """Six layers of Xavier's weights; a bound that multiplies absolute weights would be useless here."""
    net = Network((30, *[60] * 5, 10), activation, "softmax", LOSS["softmax"])
    data = dataset(1, inputs=30, outputs=10, test=500, one_hot=True)
    random = np.random.default_rng(2)
    group = [(random.normal(0, i**-0.5, (1, o, i)), random.normal(0, 0.1, (1, o))) for o, i in net.shapes]
    columns = data.test_inputs.T.astype(np.float32, order="C")
    single, classes = [(w.astype(np.float32), b.astype(np.float32)) for w, b in group], data.test_targets.argmax(axis=1)
    found = list(Gaps(net, 1, np.float32)(single, sizes_of(group), [columns], norms(data.test_inputs.T), classes))
    gaps = np.concatenate([gap for _, gap, _ in found], axis=1)
    errors = np.concatenate([np.broadcast_to(error, gap.shape) for _, gap, error in found], axis=1)
    z, _ = forward(net, group, data.test_inputs)
    own = np.take_along_axis(z, data.test_targets.argmax(axis=1)[None, :, None], axis=2)[..., 0]
    others = np.where(data.test_targets == 1, -np.inf, z).max(axis=2)
    assert (np.abs(gaps - (own - others)) <= errors).all()
    assert (np.abs(gaps) > errors).mean() > 0.8


@pytest.mark.parametrize("apart", [0.0, 1e-9, -1e-9, 1e-12, -1e-12, 1e-15, -1e-15])
@pytest.mark.parametrize("output", sorted(LOSS))
def test_outputs_too_near_for_single_precision(output, apart):
    """Of equal outputs the first counts, and softmax makes equal what differs by less than a rounding."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(200, 2))
    data = Dataset(np.zeros((1, 2)), np.eye(3)[:1], inputs, np.eye(3)[random.integers(3, size=200)])
    weights = random.normal(size=2)
    group = [(np.array([[weights, weights, weights]]), np.array([[0.0, apart, -apart]]))]
    found, expected = measured(Network((2, 3), "relu", output, LOSS[output]), group, data)
    np.testing.assert_array_equal(found, expected)
    if abs(apart) > 1e-13 or apart == 0:
        first = 0 if apart == 0 else 1 if apart > 0 else 2
        np.testing.assert_array_equal(found, [data.test_targets[:, first].mean()])


@pytest.mark.parametrize("size", [1e-300, 1e-25, 1e25, 1e160, 1e300])
def test_weights_beyond_single_precision(size):
    data = dataset(0, outputs=3, test=50, one_hot=True)
    for activation in WITH_SINGLE:
        net = Network((2, 4, 3), activation, "softmax", LOSS["softmax"])
        group = [(w * size, b * size) for w, b in grouped([training(1, net, data)])]
        np.testing.assert_array_equal(*measured(net, group, data))


def test_networks_that_are_not_finite_have_no_accuracy():
    data = dataset(0, outputs=3, test=50, one_hot=True)
    net = Network((2, 4, 3), "relu", "softmax", LOSS["softmax"])
    group = grouped([training(seed, net, data) for seed in range(4)])
    group[0][0][1, 0, 0], group[1][1][2, 1] = np.nan, np.inf
    with np.errstate(all="ignore"):
        found = evaluator(net, [(slice(0, 1), data), (slice(1, 4), data)], ["accuracy"])(group)[0]
    assert np.isnan(found).tolist() == [False, True, True, False]
    expected = measured(net, [(w[[0, 3]], b[[0, 3]]) for w, b in group], data)[1]
    np.testing.assert_array_equal(found[[0, 3]], expected)


def assert_values_are_near(bits):
    """Values in single precision are within `value_error` roundings of 1 of double precision's, for these float32."""
    z = bits.astype(np.uint32).view(np.float32)
    z = z[np.isfinite(z)]
    for name, true in ("sigmoid", sigmoid), ("tanh", lambda z, out: np.tanh(z, out=out)):
        single, double = np.empty_like(z), np.empty(len(z))
        ACTIVATIONS[name].single(z, single)
        true(z.astype(np.float64), double)
        assert single.dtype == np.float32
        assert np.abs(single - double).max(initial=0) <= (ACTIVATIONS[name].value_error - 1) * 2**-24


def test_values_in_single_precision_are_near():
    assert_values_are_near(np.arange(0, 2**32, 99_991))


@pytest.mark.slow
def test_all_values_in_single_precision_are_near():
    """Every float32 of a size from 2⁻²⁶ to 2⁵, and each 101st of the others, at which values are 0, ½ or ±1 to 2⁻²⁶."""
    low, high = map(int, np.array([2.0**-26, 2.0**5], np.float32).view(np.uint32))
    for sign in (0, 2**31):
        for start in range(low, high, 2**17):
            assert_values_are_near(np.arange(sign + start, sign + min(start + 2**17, high)))
        assert_values_are_near(np.arange(sign, sign + low, 101))
        assert_values_are_near(np.arange(sign + high, sign + 2**31, 101))
