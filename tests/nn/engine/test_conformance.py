"""What every engine must hold to, however it computes a step. A new one is one more row of ENGINES."""

from __future__ import annotations

import pickle
from dataclasses import replace
from doctest import DocTestParser, DocTestRunner
from itertools import product

import numpy as np
import pytest

from nnsweep.nn import (
    ARITHMETIC,
    DERIVATIVES_AT,
    ENGINES,
    OPTIMIZERS,
    REDUCTIONS,
    UPDATES,
    Method,
    Network,
    choose_engine,
)
from nnsweep.nn.engine import rows
from nnsweep.nn.engine.compiled.accepts import has_numba
from nnsweep.nn.engine.compiled.engine import Compiled
from nnsweep.nn.engine.compiled.translate import TranslationError
from nnsweep.nn.engine.rows_layer import RowsLayer
from tests.helpers import PROJECT
from tests.helpers.nn_strategies import dataset, training

SAMPLES = 12
SMALL = Network((2, 3, 1), "leaky_relu", "identity", "squared_error")
"""A network that fits every engine."""
SMOOTH = replace(SMALL, activation="tanh", output="sigmoid")
"""One that fits those of NumPy."""
needs_numba = pytest.mark.skipif(not has_numba(), reason="numba is not installed")


@pytest.fixture(params=[*ENGINES, pytest.param("compiled", marks=needs_numba)])
def engine(request):
    return (ENGINES | {"compiled": Compiled})[request.param]


def stack(network=SMALL, size=4):
    """Trainings that differ in everything in which they may, on two data sets."""
    data = [dataset(seed, inputs=network.widths[0], outputs=network.widths[-1], train=SAMPLES) for seed in range(2)]
    own = [{}, {"momentum": 0.5, "beta1": 0.7, "beta2": 0.9, "epsilon": 1e-3}]
    return [
        replace(training(seed, network, data[seed % 2], 0.02 * (1 + seed)), seed=seed, hyperparameters=own[seed % 2])
        for seed in range(size)
    ]


def made(engine, trainings, method):
    datasets = list({id(each.dataset): each.dataset for each in trainings}.values())
    places = [next(k for k, data in enumerate(datasets) if data is each.dataset) for each in trainings]
    try:
        return engine(trainings, datasets, np.array(places), method)
    except TranslationError as error:  # which networks are taken is tested with the compiled engine
        pytest.skip(f"no compiled code for `{error}`: NumPy trains it")


def order(epoch, trainings):
    """An order of an epoch's samples for each trial, that fills up batches of 5."""
    draws = [np.random.default_rng([epoch, each.seed]).permutation(SAMPLES) for each in trainings]
    return np.array([[*draw, *[0] * (-SAMPLES % 5)] for draw in draws])


def numbers(engine, k):
    """All parameters of the k-th network."""
    return np.concatenate([np.concatenate([w[0].ravel(), b[0]]) for w, b in engine.read(slice(k, k + 1))])


def test_a_network_starts_with_its_parameters(engine):
    trainings = stack()
    found = made(engine, trainings, Method())
    for k, each in enumerate(trainings):
        expected = np.concatenate([np.concatenate([w.ravel(), b]) for w, b in each.parameters])
        np.testing.assert_array_equal(numbers(found, k), expected)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [1, 5, 0])
def test_every_engine_takes_the_same_steps(batch_size, optimizer):
    """Up to rounding, in every combination of what a step may do."""
    for bias, reduction, update, at in product([True, False], REDUCTIONS, UPDATES, DERIVATIVES_AT):
        method, trainings = (
            Method(optimizer, batch_size, "fixed", reduction, update, at),
            stack(replace(SMOOTH, bias=bias)),
        )
        first, *others = (made(each, trainings, method) for each in ENGINES.values())
        for each in (first, *others):
            each.run_steps(None)
            each.run_steps(None)
        for other, k in product(others, range(len(trainings))):
            np.testing.assert_allclose(numbers(other, k), numbers(first, k), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_engine_has_the_same_bits_in_portable_arithmetic(optimizer):
    for batch_size, bias, update in product([1, 5, 0], [True, False], UPDATES):
        method = Method(optimizer, batch_size, update=update)
        trainings = stack(replace(SMALL, bias=bias, math="portable"))
        found = [made(each, trainings, method) for each in ENGINES.values()]
        for each in found:
            each.run_steps(None)
            each.run_steps(None)
        for k in range(len(trainings)):
            assert len({numbers(each, k).tobytes() for each in found}) == 1


@pytest.mark.parametrize("math", ARITHMETIC)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_trial_has_the_bits_that_it_has_alone(engine, optimizer, math):
    trainings, method = stack(replace(SMALL, math=math), size=7), Method(optimizer, 5)
    together = made(engine, trainings, method)
    together.run_steps(order(0, trainings))
    for k, each in enumerate(trainings):
        alone = made(engine, [each], method)
        alone.run_steps(order(0, [each]))
        assert numbers(alone, 0).tobytes() == numbers(together, k).tobytes()


def test_the_order_of_the_data_is_an_order_like_others(engine):
    trainings, method = stack(), Method(batch_size=4)
    plain, told = made(engine, trainings, method), made(engine, trainings, method)
    plain.run_steps(None)
    told.run_steps(np.tile(np.arange(SAMPLES), (len(trainings), 1)))
    for k in range(len(trainings)):
        assert numbers(plain, k).tobytes() == numbers(told, k).tobytes()


def test_an_order_may_be_part_of_an_epoch(engine):
    trainings, method = stack(), Method(batch_size=4)
    whole, parts = made(engine, trainings, method), made(engine, trainings, method)
    samples = np.tile(np.arange(SAMPLES), (len(trainings), 1))
    whole.run_steps(samples)
    parts.run_steps(samples[:, :4])
    parts.run_steps(samples[:, 4:])
    for k in range(len(trainings)):
        assert numbers(whole, k).tobytes() == numbers(parts, k).tobytes()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_saved_goes_on_elsewhere(engine, optimizer):
    """Two of four go on in another order, in another stack."""
    trainings, method = stack(), Method(optimizer, 5)
    first = made(engine, trainings, method)
    first.run_steps(order(0, trainings))
    saved = pickle.loads(pickle.dumps(first.states()))
    first.run_steps(order(1, trainings))
    chosen = [2, 0]
    other = made(engine, [trainings[k] for k in chosen], method)
    other.restore([saved[k] for k in chosen])
    other.run_steps(order(1, [trainings[k] for k in chosen]))
    for place, k in enumerate(chosen):
        assert numbers(other, place).tobytes() == numbers(first, k).tobytes()


def test_saved_states_are_copies(engine):
    trainings, method = stack(), Method("adam", 5)
    found = made(engine, trainings, method)
    found.run_steps(None)
    saved = found.states()
    before = pickle.dumps(saved)
    found.run_steps(None)
    assert pickle.dumps(saved) == before


def test_an_observer_takes_the_steps_it_asks_for(engine):
    trainings, seen = stack(), []
    found, plain = made(engine, trainings, Method(batch_size=5)), made(engine, trainings, Method(batch_size=5))

    def observer(step):
        before = found.copy_parameters()
        step()
        seen.append(found.changed_since(before).tolist())

    found.run_steps(None, observer, (1, 3))
    plain.run_steps(None)
    assert seen == [[True] * 4] * 2
    for k in range(len(trainings)):
        assert numbers(found, k).tobytes() == numbers(plain, k).tobytes()


def test_what_did_not_change_is_told_apart(engine):
    trainings = [replace(each, learning_rate=0.0 if k == 1 else 0.1) for k, each in enumerate(stack())]
    found = made(engine, trainings, Method())
    before = found.copy_parameters()
    found.run_steps(None)
    assert found.changed_since(before).tolist() == [True, False, True, True]


def test_parameters_are_views_that_may_be_written_to(engine):
    trainings, method = stack(), Method(batch_size=5)
    found = made(engine, trainings, method)
    for layer in found.parameters():
        for array in layer:
            array[1] += 1.0
    found.parameters_changed()
    shifted = replace(trainings[1], parameters=tuple((w + 1.0, b + 1.0) for w, b in trainings[1].parameters))
    expected = made(engine, [trainings[0], shifted], method)
    for each in (found, expected):
        each.run_steps(None)
    for k in (0, 1):
        assert numbers(found, k).tobytes() == numbers(expected, k).tobytes()


def test_results_are_those_of_the_last_batch(engine):
    """The outputs of a step of rate 0 are those of the initial parameters."""
    trainings = [replace(each, learning_rate=0.0) for each in stack()]
    found = made(engine, trainings, Method(batch_size=4))
    z, y, t, weights = found.results()
    found.run_steps(None)
    assert weights is None
    for k, each in enumerate(trainings):
        a = each.dataset.train_inputs[-4:]
        (w1, b1), (w2, b2) = each.parameters
        hidden = a @ w1.T + b1
        expected = np.maximum(hidden, 0.1 * hidden) @ w2.T + b2
        np.testing.assert_allclose(z[k], expected, rtol=1e-12)
        np.testing.assert_array_equal(y[k], z[k])
        np.testing.assert_array_equal(t[k], each.dataset.train_targets[-4:])


def test_gradients_have_the_shape_of_parameters(engine):
    found = made(engine, stack(), Method())
    shapes = [[array.shape for array in layer] for layer in found.parameters()]
    assert [[array.shape for array in layer] for layer in found.gradients()] == shapes
    assert [sum(n for _, n in layer) for layer in shapes] == [9, 4]


def test_estimates_grow_with_the_network(engine):
    small, large = Network((2, 3, 1)), Network((2, 30, 30, 1))
    assert engine.numbers(small, 4) < engine.numbers(large, 4)
    assert 0 < engine.cost(small, 10, 100).training < engine.cost(large, 10, 100).training
    assert 0 < engine.cost(small, 10, 100).stack < engine.cost(large, 10, 100).stack


def test_a_choice_says_why():
    small, large = Network((2, 4, 1)), Network((2, 90, 1))
    for network, batch, engine, why in [
        (small, 1, "rows", "rows: 17 parameters × 1 samples in a batch, at most 128"),
        (large, 1, "matrices", "not rows: 361 parameters × 1 samples in a batch, more than 128"),
        (replace(small, output="softmax"), 1, "matrices", "not rows: softmax mixes the units of a layer"),
        (replace(small, batch_norm=True), 4, "matrices", "not rows: batch normalisation mixes the samples of a batch"),
        (replace(small, dropout=True), 1, "matrices", "not rows: dropout is drawn for whole layers"),
    ]:
        found = choose_engine(network, batch)
        assert found.engine is ENGINES[engine]
        assert found.why == (why if engine == "rows" else f"matrices: any network fits; {why}")


def test_the_page_shows_a_choice():
    page = (PROJECT / "docs" / "extending.md").read_text(encoding="utf-8")
    example = page.partition("## An engine")[2].partition("```python\n")[2].partition("```")[0]
    found = DocTestRunner().run(DocTestParser().get_doctest(example, {}, "extending", None, None))
    assert (found.failed, found.attempted) == (0, 2)


def test_a_network_that_no_engine_trains_is_refused(monkeypatch):
    monkeypatch.delitem(ENGINES, "matrices")
    why = "not rows: 17 parameters × 9 samples in a batch, more than 128"
    with pytest.raises(ValueError, match=f"^no engine trains this network; {why}$"):
        choose_engine(Network((2, 4, 1)), 9)


@pytest.mark.parametrize("bound", [0, 10**9])
def test_a_choice_does_not_depend_on_what_was_chosen_before(bound, monkeypatch):
    choose_engine(SMALL, 1)
    monkeypatch.setattr(rows, "ROWS_UP_TO", bound)
    assert choose_engine(SMALL, 1).engine.name == ("rows" if bound else "matrices")


@pytest.mark.parametrize("update", UPDATES)
def test_rows_that_lend_memory_which_is_still_needed_are_refused(monkeypatch, update):
    """Without the products of the backward pass, the descent would go down scratch of the forward pass."""
    monkeypatch.setattr(RowsLayer, "gradients", lambda layer: [])
    with pytest.raises(AssertionError, match="reads lent memory before it is written anew"):
        made(ENGINES["rows"], stack(), Method(update=update))


def test_rows_whose_bias_is_not_behind_their_weights_are_refused(monkeypatch):
    monkeypatch.setattr("nnsweep.nn.engine.rows_layer.adjacent", lambda a, b: False)
    with pytest.raises(AssertionError, match="the gradient of a bias is the delta"):
        made(ENGINES["rows"], stack(), Method())
