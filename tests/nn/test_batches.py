"""Batches: the orders, the shares, and every way of training in batches against the reference."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from nnsweep.nn import (
    CLASS_WEIGHTS,
    DERIVATIVES_AT,
    OPTIMIZERS,
    ORDERS,
    REDUCTIONS,
    UPDATES,
    Method,
    Network,
    batch_of,
    stream,
    train,
    train_stack,
)
from nnsweep.nn.batches import Orders
from nnsweep.nn.streams import BATCHES
from tests.helpers.nn_reference import SHARES, Reference, assert_met
from tests.helpers.nn_strategies import dataset, training

DRAWN = [name for name, draw in ORDERS.items() if draw]
SAMPLES = 12


def drawn(name, seeds=(0,), epochs=1, samples=SAMPLES, length=SAMPLES):
    """Orders (epochs, T, length)."""
    data = dataset(0, train=samples)
    stack = [replace(training(0, Network((2, 1)), data), seed=seed) for seed in seeds]
    source = Orders(Method(order=name), stack, length)
    return np.array([source.next_epoch().copy() for _ in range(epochs)])


def test_fixed_is_the_order_of_the_data():
    assert Orders(Method(order="fixed"), [training(0, Network((2, 1)), dataset(0))], SAMPLES).next_epoch() is None
    assert [name for name in ORDERS if name not in DRAWN] == ["fixed"]


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_orders_differ_between_epochs_and_seeds_and_nothing_else(name):
    found = drawn(name, seeds=(0, 1, 0), epochs=3)
    assert len({order.tobytes() for order in found[:, 0]}) == 3
    assert (found[:, 0] != found[:, 1]).any(axis=1).all()
    np.testing.assert_array_equal(found[:, 0], found[:, 2])
    np.testing.assert_array_equal(found[:, 1], drawn(name, seeds=(1,), epochs=3)[:, 0])


@pytest.mark.parametrize("name", DRAWN)
def test_what_fills_the_last_batch_leaves_the_order_alone(name):
    found = drawn(name, seeds=(4, 5), epochs=3, length=SAMPLES + 3)
    np.testing.assert_array_equal(found[..., :SAMPLES], drawn(name, seeds=(4, 5), epochs=3))
    assert not found[..., SAMPLES:].any()


def test_reshuffled_has_every_sample_once_in_any_order():
    found = drawn("reshuffled", epochs=2400, samples=4, length=4)[:, 0]
    orders_found, counts = np.unique(found, axis=0, return_counts=True)
    np.testing.assert_array_equal(orders_found, list(permutations(range(4))))
    np.testing.assert_allclose(counts, 100, atol=5 * np.sqrt(100))


def test_with_replacement_has_every_sample_as_often_in_the_long_run():
    found = drawn("with_replacement", epochs=1000, samples=10, length=10)
    counts = np.bincount(found.ravel())
    assert len(counts) == 10
    np.testing.assert_allclose(counts, 1000, atol=5 * np.sqrt(900))
    # An epoch has all ten with a chance of 10!/10¹⁰, 1 in 2756.
    assert sum(len(np.unique(order)) == 10 for order in found[:, 0]) < 5


@pytest.mark.parametrize(("asked", "taken"), [(1, 1), (5, 5), (12, 12), (13, 12), (0, 12)])
def test_a_batch_has_at_most_all_samples_and_nought_means_all(asked, taken):
    assert batch_of(Method(batch_size=asked), SAMPLES) == taken


def test_shares():
    assert REDUCTIONS.keys() == SHARES.keys()
    assert {name: share(5, 2) for name, share in REDUCTIONS.items()} == {
        "mean": 0.2,
        "sum": 1.0,
        "mean_over_inputs": 0.5,
    }


RATES = {"sgd": 0.05, "momentum": 0.02, "adagrad": 0.05, "adam": 0.02}
IN_ORDER = [range(SAMPLES)] * 2


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("widths", [(2, 2), (2, 3, 2), (2, 4, 3, 1), (2, 3, 3, 2, 2)], ids=str)
def test_training_is_the_references(widths, optimizer, layout):
    """For every combination of the tables; 5 does not divide 12, so the last batch has 2."""
    data = dataset(0, outputs=widths[-1])
    for bias, batch, reduction, update, at in product([True, False], [1, 5, 0], REDUCTIONS, UPDATES, DERIVATIVES_AT):
        method = Method(optimizer, batch, "fixed", reduction, update, at)
        given = training(1, Network(widths, "tanh", "sigmoid", "squared_error", bias), data, RATES[optimizer])
        given = replace(given, hyperparameters={"momentum": 0.6, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4})
        assert_met(train(given, 2, method), Reference(given, method).train(IN_ORDER), method)


@pytest.mark.parametrize("order", DRAWN)
@pytest.mark.parametrize("batch", [1, 5, 0])
def test_each_trial_of_a_stack_learns_in_its_own_order(order, batch, layout):
    net, method = Network((2, 3, 1), "tanh", "identity", "squared_error"), Method("momentum", batch, order)
    data = [dataset(0), dataset(1)]
    stack = [replace(training(1, net, data[seed % 2], 0.02), seed=seed) for seed in range(4)]
    for given, found in zip(stack, train_stack(stack, 3, method), strict=True):
        random = stream(given.seed, BATCHES)
        assert_met(found, Reference(given, method).train([ORDERS[order](random, SAMPLES) for _ in range(3)]))


@pytest.mark.parametrize("batch", [3, 5])
def test_softmax_in_batches(batch):
    net = Network((2, 4, 3), "leaky_relu", "softmax", "categorical_cross_entropy")
    given, method = training(1, net, dataset(0, outputs=3), 0.05), Method("adam", batch)
    assert_met(train(given, 2, method), Reference(given, method).train(IN_ORDER))


@pytest.mark.parametrize(
    ("outputs", "output", "loss"),
    [
        (1, "sigmoid", "binary_cross_entropy"),
        (1, "step", "straight_through"),
        (3, "softmax", "categorical_cross_entropy"),
    ],
)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("batch", [1, 5, 0])
def test_balanced_classes_count_alike(batch, order, outputs, output, loss, layout):
    """Trainings of one stack, whose data have other shares of the classes."""
    method, data = Method("sgd", batch, order, class_weight="balanced"), [rare(seed, outputs) for seed in (0, 1)]
    net = Network((2, 3, outputs), "tanh", output, loss)
    stack = [replace(training(1, net, data[seed % 2], 0.05), seed=seed) for seed in range(4)]
    for given, found in zip(stack, train_stack(stack, 3, method), strict=True):
        random, draw = stream(given.seed, BATCHES), ORDERS[order]
        epochs = [draw(random, SAMPLES) if draw else range(SAMPLES) for _ in range(3)]
        assert_met(found, Reference(given, method).train(epochs))
        alone = train(given, 3, method)
        assert all((a == b).all() for x, y in zip(alone.parameters, found.parameters, strict=True)
                   for a, b in zip(x, y, strict=True))  # fmt: skip


def rare(seed, outputs):
    """Samples of which few are of the last class."""
    data, count = dataset(seed, outputs=outputs, one_hot=True), 2 + seed
    labels = np.where(np.arange(SAMPLES) < count, max(outputs, 2) - 1, np.arange(SAMPLES) % max(outputs - 1, 1))
    return replace(data, train_targets=np.eye(outputs)[labels] if outputs > 1 else labels[:, None].astype(float))


def test_balanced_weights():
    weigh = CLASS_WEIGHTS["balanced"]
    # One of class 1 among four: 4 / (2 · 3) each of the others, 4 / (2 · 1) for it.
    np.testing.assert_allclose(weigh(np.array([[0.0], [0.0], [1.0], [0.0]])), [2 / 3, 2 / 3, 2, 2 / 3])
    # A class without samples weighs nothing, and is none of the k.
    np.testing.assert_allclose(weigh(np.eye(3)[[0, 0, 2]]), [3 / 4, 3 / 4, 3 / 2])
    assert weigh(np.ones((5, 1))).tolist() == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("batch", [1, 4, 0])
def test_classes_of_equal_size_are_balanced_already(batch, layout):
    data = dataset(0)
    data = replace(data, train_targets=np.arange(SAMPLES)[:, None] % 2.0)
    given = training(1, Network((2, 3, 1), "tanh", "sigmoid", "binary_cross_entropy"), data)
    plain, balanced = (train(given, 2, Method(batch_size=batch, class_weight=name)) for name in CLASS_WEIGHTS)
    assert plain.history["error"].tolist() == balanced.history["error"].tolist()


def test_metrics_do_not_weigh():
    """They are of outputs and targets alone."""
    given = training(1, Network((2, 1), "tanh", "sigmoid", "binary_cross_entropy"), rare(0, 1), 1e-300)
    plain, balanced = (
        train(given, 1, Method(class_weight=name), ["train_loss", "train_error", "train_log_loss"])
        for name in CLASS_WEIGHTS
    )
    assert plain.history == balanced.history
