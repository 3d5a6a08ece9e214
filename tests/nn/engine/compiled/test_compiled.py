"""The compiled engine: the bits of NumPy's, whatever a step does and whatever becomes of the numbers."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from nnsweep.computing import computing
from nnsweep.nn import (
    ACTIVATIONS,
    DERIVATIVES_AT,
    OPTIMIZERS,
    REDUCTIONS,
    UPDATES,
    Method,
    Network,
    StackTraining,
    train_stack,
)
from nnsweep.nn.engine.choose import stack_engine
from nnsweep.nn.engine.compiled import accepts, engine, source
from nnsweep.nn.engine.compiled.accepts import MISSING, differs, has_numba, refusal
from nnsweep.nn.engine.compiled.engine import Compiled
from nnsweep.nn.engine.rows import Rows
from tests.helpers import slow
from tests.helpers.nn_strategies import assert_same_bits, dataset, training

pytestmark = pytest.mark.skipif(not has_numba(), reason="numba is not installed")

FORUM = Network((2, 4, 1), "relu", "step")
SMALL = Network((2, 2, 1), "relu", "identity", "squared_error")
EXACT = "relu", "relu_inclusive", "leaky_relu", "step", "identity"


def stack(network, size=40, rate=0.05):
    """Trainings on two data sets, more than one block of them."""
    inputs, outputs = network.widths[0], network.widths[-1]
    data = [dataset(seed, inputs=inputs, outputs=outputs, train=11, test=20) for seed in range(2)]
    own = {"momentum": 0.5, "beta1": 0.7, "beta2": 0.9, "epsilon": 1e-3}
    return [
        replace(training(seed, network, data[seed % 2], rate * (1 + seed)), seed=seed, hyperparameters=own)
        for seed in range(size)
    ]


def both(trainings, method, epochs=6, metrics=("error",), threads=1):
    """Train by NumPy and by compiled code, and compare every bit of what comes of it."""
    assert stack_engine(trainings[0].network, method, 11) is Rows
    plain = train_stack(trainings, epochs, method, metrics, range(1, epochs + 1))
    with computing("compiled", threads):
        assert stack_engine(trainings[0].network, method, 11) is Compiled
        fast = train_stack(trainings, epochs, method, metrics, range(1, epochs + 1))
    for one, other in zip(fast, plain, strict=True):
        assert_same_bits(one, other)
    return plain


@pytest.mark.parametrize("order", ["fixed", "reshuffled"])
def test_history_and_diagnostics_have_the_bits_of_numpy(order):
    trainings = stack(FORUM) + stack(replace(FORUM, widths=(2, 2, 1)))
    found = both(trainings, Method(update="sequential", order=order), metrics=("error", "accuracy", "train_error"))
    assert len({tuple(each.history["error"]) for each in found}) > 20


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_trainings_that_diverge_have_the_bits_of_numpy():
    found = both(stack(SMALL, rate=0.2), Method(batch_size=3), 30, ("mean_squared_error",))
    assert 5 < sum(each.diverged_at is not None for each in found) < 38


def test_portable_functions_have_the_bits_of_numpy():
    smooth = replace(SMALL, activation="tanh", output="sigmoid", math="portable")
    found = both(stack(smooth), Method(update="sequential"), metrics=("mean_squared_error", "accuracy"))
    assert len({each.history["mean_squared_error"][-1] for each in found}) == 40


def test_threads_change_nothing(monkeypatch):
    monkeypatch.setattr(engine, "THREAD", 1)
    both(stack(FORUM, 100), Method(), threads=3)


def test_parts_of_a_stack_in_threads_change_nothing(monkeypatch):
    monkeypatch.setattr(sys.modules["nnsweep.nn.train"], "LEAST", 7)
    trainings = stack(FORUM, 30) + stack(replace(FORUM, widths=(2, 2, 1)), 30)
    found = both(trainings, Method(update="sequential"), metrics=("error", "accuracy", "train_error"), threads=2)
    assert [each.parameters[0][1].size for each in found] == [4] * 30 + [2] * 30


def test_long_epochs_are_taken_in_several_calls(monkeypatch):
    monkeypatch.setattr(engine, "CALL", 1)
    both(stack(FORUM), Method(update="sequential"))


@pytest.mark.parametrize("seed", [0, 1, 2, slow(3), slow(4), slow(5), slow(6), slow(7)])
def test_steps_of_any_kind_have_the_bits_of_numpy(seed):
    """`differs` compares steps of networks with numbers of all sizes, and NaN."""
    kinds = list(product(ACTIVATIONS, OPTIMIZERS, [1, 4, 6], REDUCTIONS, UPDATES, DERIVATIVES_AT, [True, False]))
    random = np.random.default_rng(seed)
    activation, optimizer, batch, reduction, update, at, bias = kinds[random.integers(len(kinds))]
    network = replace(SMALL, activation=activation, bias=bias, math="portable")
    weight = str(random.choice(["none", "balanced"]))
    assert differs(network, Method(optimizer, batch, "fixed", reduction, update, at, weight), batch) == ""


def test_a_state_of_one_engine_continues_in_the_other():
    trainings, method = stack(FORUM), Method("adam", 3)
    with computing("compiled"):
        first = StackTraining(trainings, method)
        first.train([1, 2])
        states = first.states()
        first.train([3, 4])
    second = StackTraining(trainings, method, states=states)
    second.train([3, 4])
    for one, other in zip(first.trained(), second.trained(), strict=True):
        assert_same_bits(one, other)


def test_what_is_refused_says_why(monkeypatch):
    assert refusal(FORUM, Method(), 1) == ""
    portable = replace(SMALL, activation="tanh", output="sigmoid", math="portable")
    assert refusal(portable, Method(), 1) == ""
    for network, what in [(replace(FORUM, activation="tanh"), "tanh"), (replace(SMALL, output="sigmoid"), "sigmoid")]:
        said = f"`{what}` is not among the functions that NumPy rounds alike on all processors"
        assert refusal(network, Method(), 1) == said
    monkeypatch.setattr(accepts, "LONGEST", 50)
    # Forward 24 and 5 activations, delta 2, the top layer 9, to the layer below 4 and 8, that layer 20.
    assert refusal(FORUM, Method(), 1) == "a step has 72 operations, and more than 50 compile too long"
    monkeypatch.setattr(accepts, "has_numba", lambda: False)
    assert refusal(FORUM, Method(), 1) == MISSING


def test_compiled_code_that_differs_from_numpy_is_not_used(monkeypatch):
    """The check is made on this machine: here the compiled leak is one rounding larger than NumPy's."""
    wrong = source.FUNCTIONS.replace("0.1", "0.10000000000000002")
    assert wrong != source.FUNCTIONS
    monkeypatch.setattr(source, "FUNCTIONS", wrong)
    network = replace(SMALL, activation="leaky_relu", widths=(3, 1, 1))
    assert differs(network, Method(), 1) == "compiled code computes other numbers than NumPy on this machine"
    with computing("compiled"):
        assert stack_engine(network, Method(), 11) is Rows


def test_every_activation_is_known_or_refused():
    for name in ACTIVATIONS:
        assert (refusal(replace(SMALL, activation=name), Method(), 1) == "") == (name in EXACT)
        assert refusal(replace(SMALL, activation=name, math="portable"), Method(), 1) == ""
