"""What every activation, loss, optimiser, initialisation and metric must hold to: a new one is tested by its entry."""

from __future__ import annotations

from dataclasses import replace
from inspect import getdoc

import numpy as np
import pytest

from nnsweep.nn import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    OUTPUTS,
    Dataset,
    Initial,
    Method,
    Network,
    check_gradient,
    draw_parameters,
    hyperparameters,
    train,
    train_stack,
)
from nnsweep.nn.arithmetic import PORTABLE, with_math
from tests.helpers.nn_strategies import PAIRS, assert_same_bits, dataset, network, training

Z = np.array([-3.0, -1.0, -0.3, 0.2, 0.7, 2.5])
WIDE = np.linspace(-40, 40, 4001)
EXTREMES = np.array([-1e308, -1000.0, 0.0, 1000.0, 1e308])
FORMS = OUTPUTS | {f"{name}, portable": with_math(each, PORTABLE) for name, each in OUTPUTS.items() if each.portable}
"""Every activation, natively and as portable arithmetic computes it."""
ELEMENTWISE = [name for name, each in FORMS.items() if each.elementwise]
GRADIENTS = [(output, loss) for output, loss in PAIRS if LOSSES[loss].is_gradient]


def value(entry, z):
    out = np.empty_like(z)
    entry.function(z, out)
    return out


def slope(entry, z):
    out = np.empty_like(z)
    entry.derivative(z, value(entry, z), out)
    return out


def test_every_activation_of_hidden_layers_may_be_an_output():
    assert all(OUTPUTS[name] is each for name, each in ACTIVATIONS.items())
    assert all(each.elementwise and each.derivative for each in ACTIVATIONS.values())


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_activation_tells_its_formula(name):
    assert getdoc(OUTPUTS[name].function).startswith("f(z)")
    if OUTPUTS[name].derivative:
        assert getdoc(OUTPUTS[name].derivative).startswith("f′(z)")


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_derivative_is_the_slope(name):
    entry, h = FORMS[name], 1e-6
    numeric = (value(entry, Z + h) - value(entry, Z - h)) / (2 * h)
    np.testing.assert_allclose(slope(entry, Z), numeric, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_activation_never_falls_and_stays_in_its_bounds(name):
    entry = FORMS[name]
    values, slopes = value(entry, WIDE), slope(entry, WIDE)
    assert (np.diff(values) >= 0).all()
    assert (values >= entry.lowest).all()
    assert (values <= entry.highest).all()
    assert entry.flat == (not slopes.any())
    if entry.piecewise_linear:
        assert np.abs(slopes).max() <= 1
    if entry.steepest is not None:
        assert slopes.max() == pytest.approx(entry.steepest, rel=1e-3)
        assert slopes[[0, -1]].max() < 0.01 * entry.steepest


@pytest.mark.parametrize("name", FORMS)
def test_no_argument_overflows(name):
    entry = FORMS[name]
    assert np.isfinite(value(entry, EXTREMES)).all()
    if entry.derivative:
        assert np.isfinite(slope(entry, EXTREMES)).all()


@pytest.mark.parametrize("name", FORMS)
def test_an_activation_takes_single_precision_and_may_write_over_its_argument(name):
    entry = FORMS[name]
    z = Z.astype(np.float32)
    expected = value(entry, Z)
    a = value(entry, z)
    assert a.dtype == np.float32
    np.testing.assert_allclose(a, expected, rtol=1e-5, atol=1e-6)
    if entry.derivative:
        expected = slope(entry, Z)
        entry.derivative(z, a, z)
        np.testing.assert_allclose(z, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name, each in FORMS.items() if each.inverse])
def test_an_inverse_finds_what_gives_a_value(name):
    entry = FORMS[name]
    a = value(entry, Z)
    np.testing.assert_allclose(value(entry, entry.inverse(a)), a, rtol=1e-12)


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name not in ("relu", "identity")])
def test_a_portable_activation_is_the_native_one_up_to_rounding(name):
    portable = with_math(OUTPUTS[name], PORTABLE)
    mixed = np.random.default_rng(0).uniform(-40, 40, (300, 4))
    z = np.concatenate([WIDE, [np.inf, -np.inf, np.nan]]) if portable.elementwise else mixed
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(value(portable, z), value(OUTPUTS[name], z), rtol=1e-15, atol=3e-16)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_a_portable_loss_is_the_native_one_up_to_rounding(output, loss):
    z = np.random.default_rng(0).uniform(-40, 40, (50, 4))
    y, t = value(OUTPUTS[output], z), np.eye(4)[np.arange(50) % 4]
    found = with_math(LOSSES[loss], PORTABLE).value(z, y, t)
    np.testing.assert_allclose(found, LOSSES[loss].value(z, y, t), rtol=2e-15, atol=1e-16)


@pytest.mark.parametrize("name", METRICS)
def test_a_portable_metric_is_the_native_one_up_to_rounding(name):
    z = np.random.default_rng(0).uniform(-9, 9, (3, 50, 4))
    y, t = value(OUTPUTS["softmax"], z), np.eye(4)[np.arange(50) % 4]
    found = with_math(METRICS[name], PORTABLE).value(z, y, t, "categorical_cross_entropy")
    np.testing.assert_allclose(found, METRICS[name].value(z, y, t, "categorical_cross_entropy"), rtol=3e-15)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_a_loss_has_a_formula_and_a_finite_value(output, loss):
    assert getdoc(LOSSES[loss].value)
    t = (np.arange(len(Z)) == 1).astype(float)
    found = LOSSES[loss].value(Z, value(OUTPUTS[output], Z), t)
    assert found.shape == Z.shape
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_goes_with_some_output_and_its_usual_one(name):
    assert set(LOSSES[name].outputs) <= OUTPUTS.keys()
    assert LOSSES[name].outputs
    assert LOSSES[name].usual_output in ("", *LOSSES[name].outputs)


@pytest.mark.parametrize(("output", "loss"), GRADIENTS)
def test_a_delta_is_the_slope_of_the_loss(output, loss):
    entry, t, h = LOSSES[loss], np.array([0.0, 1.0, 0.0, 0.0, 0.0, 0.0]), 1e-6

    def total(z):
        return entry.value(z, value(OUTPUTS[output], z), t).sum()

    delta = np.empty_like(Z)
    entry.difference(value(OUTPUTS[output], Z), t, delta)
    if entry.through_output:
        delta *= slope(OUTPUTS[output], Z)
    shifts = h * np.eye(len(Z))
    numeric = [(total(Z + each) - total(Z - each)) / (2 * h) for each in shifts]
    np.testing.assert_allclose(delta, numeric, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("widths", [(2, 3, 2), (2, 90, 2)], ids=["rows", "matrices"])
@pytest.mark.parametrize(("output", "loss"), GRADIENTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_network_learns_by_its_gradient(widths, activation, output, loss):
    data = dataset(3, outputs=2, one_hot=output == "softmax")
    given = training(5, network(widths, activation, output, loss), data)
    for batch_size in (1, 5):
        found = check_gradient(given, Method(batch_size=batch_size))
        assert found.passed, found


def columns(optimizer, shape, numbers=None):
    """The keywords of a rule: the defaults, or the given numbers of each."""
    names = [*OPTIMIZERS[optimizer].hyperparameters, *([] if OPTIMIZERS[optimizer].linear else ["learning_rate"])]
    defaults = {name: each.default for name, each in hyperparameters(OPTIMIZERS).items()} | {"learning_rate": 0.3}
    return {name: np.full(shape, (numbers or defaults).get(name, defaults[name])) for name in names}


def descend(name, p, gradient, steps):
    """Take steps down `gradient(p)` from p, which changes in place."""
    g, rate = np.zeros_like(p), 0.3 if OPTIMIZERS[name].linear else 1.0
    calls = OPTIMIZERS[name].rule(p, g, lambda array: array, **columns(name, p.shape[1:]))
    for _ in range(steps):
        g[:] = rate * gradient(p)
        for function, operands in calls:
            function(*operands)
    return p


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_descends_a_parabola(name):
    """½ k (p − 3)²; steep and flat, from both sides, up to a step of the learning rate, 0.3."""
    k, start = np.array([[0.5], [1.0], [2.0]]), np.array([-7.0, 2.0, 13.0])
    found = descend(name, np.tile(start, (3, 1)), lambda p: k * (p - 3), 3000)
    assert (np.abs(found - 3) < 0.05 * np.abs(start - 3) + 0.3).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_flat_start_is_no_reason_to_move(name):
    np.testing.assert_array_equal(descend(name, np.array([[1.0, -2.0]]), np.zeros_like, 3), [[1.0, -2.0]])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_tells_its_rule_and_its_hyperparameters(name):
    entry = OPTIMIZERS[name]
    assert getdoc(entry.rule)
    for each in entry.hyperparameters.values():
        assert each.description.endswith(".")
        assert each.ge is None or each.default >= each.ge
        assert each.gt is None or each.default > each.gt
        assert each.lt is None or each.default < each.lt
    assert not (entry.stateless and (entry.hyperparameters or not entry.linear))


def given_stack(optimizer, widths, size=4):
    """Trainings that differ in everything that may differ within a stack."""
    data = [dataset(seed, inputs=widths[0], outputs=widths[-1]) for seed in range(2)]
    net = network(widths, "tanh", "sigmoid", "squared_error")
    stack = [training(seed, net, data[seed % 2], 0.02 * (1 + seed)) for seed in range(size)]
    own = {name: each.default * 0.9 for name, each in OPTIMIZERS[optimizer].hyperparameters.items()}
    return [replace(each, hyperparameters=own if seed % 2 else {}) for seed, each in enumerate(stack)]


@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize("widths", [(2, 3, 1), (2, 90, 1)], ids=["rows", "matrices"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_trial_has_the_same_bits_alone_and_in_a_stack(optimizer, widths, batch_size):
    stack, method = given_stack(optimizer, widths), Method(optimizer, batch_size)
    for one, found in zip(stack, train_stack(stack, 3, method), strict=True):
        assert_same_bits(train(one, 3, method), found)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_hyperparameter_left_out_has_its_default(optimizer):
    given, method = given_stack(optimizer, (2, 3, 1))[0], Method(optimizer)
    written = {name: each.default for name, each in OPTIMIZERS[optimizer].hyperparameters.items()}
    assert_same_bits(train(given, 3, method), train(replace(given, hyperparameters=written), 3, method))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initialisation_is_drawn_from_the_seed_alone(name):
    assert getdoc(INITIALIZERS[name].draw)
    initial, net = Initial(name, biases=True), Network((20, 30, 10))
    one, again, other = (draw_parameters(net, initial, seed) for seed in (1, 1, 2))
    for layer, same, different in zip(one, again, other, strict=True):
        for a, b, c in zip(layer, same, different, strict=True):
            assert np.isfinite(a).all()
            np.testing.assert_array_equal(a, b)
            assert (a != c).any()
    assert [w.shape for w, _ in one] == [(30, 20), (10, 30)]


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_better_for_outputs_that_are_the_targets(name):
    entry, random = METRICS[name], np.random.default_rng(0)
    t = (random.uniform(size=(40, 1)) > 0.4).astype(float)
    y = np.stack([np.clip(t, 0.01, 0.99), np.clip(1 - t, 0.01, 0.99)])
    right, wrong = entry.value(np.log(y / (1 - y)), y, t, "binary_cross_entropy")
    assert right > wrong if entry.higher else right < wrong
    assert getdoc(entry.value)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_does_not_depend_on_the_other_networks(name):
    entry, random = METRICS[name], np.random.default_rng(0)
    t = np.eye(3)[np.arange(30) % 3] if "amounts" not in entry.targets else random.normal(size=(30, 3))
    z = random.normal(size=(7, 30, 3))
    y = np.exp(z) / np.exp(z).sum(axis=2, keepdims=True)
    together = entry.value(z, y, t, "squared_error")
    alone = [entry.value(z[g : g + 1], y[g : g + 1], t, "squared_error")[0] for g in range(7)]
    assert together.shape == (7,)
    assert together.tolist() == alone


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_of_outputs_that_are_not_finite_is_none(name):
    t = np.eye(3)[np.arange(30) % 3]
    z = np.full((1, 30, 3), np.nan)
    assert np.isnan(METRICS[name].value(z, z, t, "squared_error")).all()


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_measured_as_networks_learn(name):
    data = dataset(0, train=16)
    data = Dataset(data.train_inputs, np.arange(16)[:, None] % 2.0, data.test_inputs, np.arange(20)[:, None] % 2.0)
    net = Network((2, 3, 1), "tanh", "sigmoid", "binary_cross_entropy")
    found = train(replace(training(1, net, data), learning_rate=0.5), 3, metrics=[name, f"train_{name}"])
    assert {len(values) for values in found.history.values()} == {3}
    assert all(np.isfinite(values).all() for values in found.history.values())
