"""Training: the rule against the textbook, one neuron and one sample at a time, and stacks against single trials."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep.nn import (
    ACTIVATIONS,
    CLASS_WEIGHTS,
    DERIVATIVES_AT,
    METRICS,
    OPTIMIZERS,
    ORDERS,
    REDUCTIONS,
    UPDATES,
    Method,
    Network,
    StackTraining,
    Training,
    stack_key,
    train,
    train_stack,
)
from nnsweep.nn.engine.rows import ROWS_UP_TO
from tests.helpers.nn_reference import Reference, assert_met
from tests.helpers.nn_strategies import PAIRS, assert_same_bits, dataset, network, training

WIDE = (2, 90, 1)
DEEP = (2, 4, 3, 1)


@pytest.mark.parametrize("widths", [(2, 3, 1), (2, 3, 2), (1, 1, 1), (2, 1), (3, 2), DEEP, WIDE], ids=str)
@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_training_is_the_textbook_rule(widths, update, activation):
    for output, loss in PAIRS:
        data = dataset(1, inputs=widths[0], outputs=widths[-1])
        given_training = training(2, network(widths, activation, output, loss), data, 0.02, scale=0.3)
        found = train(given_training, epochs=2, method=Method(update=update))
        assert_met(found, Reference(given_training, Method(update=update)).train([range(12)] * 2), f"{output} {loss}")


@st.composite
def stacks(draw):
    """Trainings of one network, but for its width, that all go by one method, and what is measured of them."""
    output, loss = draw(st.sampled_from(PAIRS))
    outputs = draw(st.integers(2, 3)) if output == "softmax" else draw(st.integers(1, 2))
    options = {
        "bias": draw(st.booleans()),
        "batch_norm": draw(st.booleans()),
        "dropout": draw(st.booleans()),
    }
    method = Method(**{name: draw(st.sampled_from(values)) for name, values in METHODS.items()})
    deep = draw(st.sampled_from([(), (3,), (30,)]))
    one_hot = draw(st.booleans())
    shared = [dataset(seed, outputs=outputs, one_hot=one_hot) for seed in range(draw(st.integers(1, 3)))]
    stack = []
    for seed, width in enumerate(draw(st.lists(st.integers(1, 6), min_size=1, max_size=9))):
        net = Network((2, width, *deep, outputs), draw(st.sampled_from(["relu", "tanh"])), output, loss, **options)
        rate = draw(st.floats(0.001, 1))
        own = {"momentum": rate / 2, "beta1": 1 - rate / 5}
        hyper = {"hyperparameters": own, "dropout_rate": rate / 2, "seed": seed}
        data = draw(st.sampled_from(shared))
        stack.append(replace(training(seed, net, data, rate), **hyper))
    classes = one_hot or outputs == 1
    measured = [name for name, metric in METRICS.items() if classes or "multilabel" in metric.targets]
    return stack, method, draw(st.lists(st.sampled_from(["train_loss", *measured]), min_size=1, unique=True))


METHODS = {
    "optimizer": list(OPTIMIZERS),
    "batch_size": [1, 2, 5, 12, 0],
    "order": list(ORDERS),
    "reduction": list(REDUCTIONS),
    "update": UPDATES,
    "derivative_at": DERIVATIVES_AT,
    "class_weight": list(CLASS_WEIGHTS),
}


@given(stacks())
def test_a_stack_gives_each_trial_the_bits_it_has_alone(drawn):
    stack, method, measured = drawn
    together: dict[object, list[Training]] = {}
    for each in stack:
        together.setdefault(stack_key(each.network, method, 12), []).append(each)
    for members in together.values():
        for one, found in zip(members, train_stack(members, 2, method, measured, (1, 2)), strict=True):
            assert_same_bits(train_stack([one], 2, method, measured, (1, 2))[0], found)


@pytest.mark.parametrize("widths", [WIDE, DEEP, (2, 60, 60, 2), (3, 2)], ids=str)
@pytest.mark.parametrize("size", [2, 3, 17])
def test_stacks_of_one_shape_in_both_layouts(widths, size):
    data = [dataset(seed, inputs=widths[0], outputs=widths[-1]) for seed in range(2)]
    net = network(widths, "tanh", "sigmoid", "binary_cross_entropy")
    stack = [training(seed, net, data[seed % 2]) for seed in range(size)]
    for each, other in zip(stack, train_stack(stack, 2, diagnosed_at=(2,)), strict=True):
        assert_same_bits(train_stack([each], 2, diagnosed_at=(2,))[0], other)


@pytest.mark.parametrize("left_out", [0, 1])
def test_a_full_grid_of_data_sets_has_the_bits_of_each_alone(left_out):
    """The samples of such a grid are laid out by copies, those of other stacks by indices."""
    shared = [dataset(seed) for seed in range(3)]
    grid = [(width, data, rate) for width in (2, 4) for rate in range(4) for data in shared]
    stack = [
        training(seed, network((2, width, 1), output="step", loss="straight_through"), data, 0.01 + rate)
        for seed, (width, data, rate) in enumerate(grid[left_out:])
    ]
    for together, alone in zip(train_stack(stack, 3), stack, strict=True):
        assert_same_bits(together, train(alone, 3))


def test_fewer_epochs_are_a_prefix_of_more():
    given_training = training(0, network((2, 4, 1)), dataset(0))
    long, short = train(given_training, 5), train(given_training, 3)
    np.testing.assert_array_equal(long.history["error"][:3], short.history["error"])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("widths", [(2, 3, 1), WIDE], ids=str)
def test_a_diverging_trial_leaves_its_neighbours_alone(widths, optimizer):
    net, method = network(widths, "identity", "identity", "squared_error"), Method(optimizer)
    data = dataset(0)
    calm, wild = training(1, net, data, 0.001), training(2, net, data, 1e200)
    stacked = train_stack([calm, wild, calm], 4, method)
    assert_same_bits(stacked[0], train(calm, 4, method))
    assert_same_bits(stacked[2], stacked[0])
    assert stacked[0].diverged_at is None
    found = stacked[1].diverged_at
    assert found is not None
    assert np.isnan(stacked[1].history["error"][found - 1 :]).all()
    assert np.isfinite(stacked[1].history["error"][: found - 1]).all()


@pytest.mark.parametrize("widths", [(2, 3, 1), WIDE], ids=str)
def test_numpy_has_a_short_buffer_while_steps_are_taken_and_its_own_afterwards(widths):
    stack, before, found = StackTraining([training(0, network(widths), dataset(0))]), np.getbufsize(), []
    stack.run_observed(1, lambda step: found.append(np.getbufsize()) or step())
    assert set(found) == {1024}
    assert np.getbufsize() == before
    with pytest.raises(ZeroDivisionError):
        stack.run_observed(1, lambda step: 1 // 0)
    assert np.getbufsize() == before


def key(widths, **method):
    return stack_key(network(widths), Method(**method), samples=12)


def test_what_shares_a_stack():
    assert key((2, 2, 1)) == key((2, 4, 1))
    assert key((2, 2, 1)) != key((2, 2, 2))
    assert key((2, 2, 1)) != key((2, 2, 2, 1))
    widest = next(h for h in range(1, 1000) if network((2, h, 1)).size > ROWS_UP_TO)
    assert key((2, widest, 1)) != key((2, 2, 1))
    assert key((2, 2, 1), optimizer="adam") != key((2, 4, 1), optimizer="adam")
    assert key((2, 2, 1), batch_size=4) != key((2, 4, 1), batch_size=4)
    assert key((2, 2, 1), optimizer="adam") == key((2, 2, 1), optimizer="adam")
    assert key((2, 2, 1), batch_size=12) != key((2, 2, 1), batch_size=4)
