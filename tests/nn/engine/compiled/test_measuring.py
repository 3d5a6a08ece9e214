"""What kernels measure has the bits of what NumPy measures, and what they do not measure NumPy does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnsweep.computing import computing
from nnsweep.nn import Dataset, Method, Network, StackTraining
from nnsweep.nn.engine.compiled import accepts, kernels, measure_source
from nnsweep.nn.engine.compiled.accepts import has_numba, start_seconds
from nnsweep.nn.engine.compiled.measuring import measurement_of
from tests.helpers import slow
from tests.helpers.nn_strategies import assert_same_bits, training

needs_numba = pytest.mark.skipif(not has_numba(), reason="numba is not installed")
LINEAR = Network((2, 3, 1), "relu", "identity", "squared_error")
AMOUNTS = "loss", "error", "mean_squared_error", "train_loss", "validation_mean_absolute_error"


def data(network, samples, classes=False):
    """Two data sets, of which the test samples are `samples`."""
    random, outputs = np.random.default_rng(0), network.widths[-1]

    def draw(count):
        chosen = np.arange(count) % max(2, outputs)
        targets = (chosen[:, None] if outputs == 1 else np.eye(outputs)[chosen]).astype(float)
        inputs = random.normal(size=(count, network.widths[0]))
        return inputs, targets if classes else targets + random.normal(size=targets.shape)

    return [Dataset(*draw(5), *draw(samples), validation=draw(9)) for _ in "ab"]


def both(network, samples, metrics, method=None, rate=0.02, measured=True):
    """Train and measure by NumPy and by compiled code, and compare every bit of what comes of it."""
    sets, method = data(network, samples, any("accuracy" in name for name in metrics)), method or Method()
    trainings = [replace(training(k, network, sets[k % 2], rate), seed=k) for k in range(40)]
    plain = StackTraining(trainings, method, metrics, diagnose=True)
    with computing("compiled"):
        fast = StackTraining(trainings, method, metrics, diagnose=True)
        assert fast.engine.name == "compiled"
        assert fast.engine_measures == measured
        for each in (fast, plain):
            each.train([1, 3, 4], [3])
            each.train([6, 7], [7])
    for one, other in zip(fast.trained(), plain.trained(), strict=True):
        assert one.epochs == (1, 3, 4, 6, 7)
        assert_same_bits(one, other)
    return plain.trained()


@needs_numba
@pytest.mark.parametrize("samples", [4, slow(33), slow(1000)])
def test_amounts(samples):
    found = both(LINEAR, samples, AMOUNTS)
    assert len({each.history["loss"][-1] for each in found}) == 40


@needs_numba
@pytest.mark.parametrize("hidden", [slow(1), slow(2), slow(4), slow(5), slow(6), slow(8), slow(11)])
def test_widths(hidden):
    both(replace(LINEAR, widths=(2, hidden, 1)), 12, ("loss",))


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("samples", [5, 100])
def test_several_outputs_and_layers(samples):
    both(replace(LINEAR, widths=(3, 4, 3, 2), activation="leaky_relu"), samples, ("train_accuracy", "loss", "accuracy"))


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("method", [Method("adam", 2, "reshuffled"), Method("momentum", 3)])
def test_orders_and_batches(method):
    both(replace(LINEAR, bias=False), 8, ("loss", "accuracy"), method)


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("network", [LINEAR, Network((2, 3, 1))])
def test_what_overflows_is_not_finite(network):
    found = both(network, 8, ("error", "accuracy"), rate=40.0)
    assert network is not LINEAR or any(each.diverged_at for each in found)


@needs_numba
@pytest.mark.slow
def test_portable_functions():
    both(replace(LINEAR, activation="tanh", output="sigmoid", math="portable"), 33, ("loss", "accuracy"))


@needs_numba
@pytest.mark.slow
@pytest.mark.parametrize("samples", [4, 200])
def test_portable_cross_entropy(samples):
    network = replace(LINEAR, activation="sigmoid", output="sigmoid", loss="binary_cross_entropy", math="portable")
    found = both(network, samples, ("loss", "accuracy"), rate=0.5)
    assert len({each.history["loss"][-1] for each in found}) == 40


@needs_numba
@pytest.mark.slow
def test_a_kernel_that_measures_is_kept_for_its_steps(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kernels.compiled.cache_clear()
    network = replace(LINEAR, widths=(1, 1, 1))
    before = start_seconds(network, Method(), 1)
    both(network, 4, ("error",))
    assert start_seconds(network, Method(), 1) < 0.1 < before


@needs_numba
def test_what_kernels_do_not_measure_numpy_does():
    found = both(LINEAR, 4, ("error", "f1", "accuracy"), measured=False)
    assert len(found) == 40


@needs_numba
@pytest.mark.slow
def test_a_measurement_that_differs_from_numpy_is_not_used(monkeypatch):
    """The check is made on this machine: here the compiled loss is another one."""
    monkeypatch.setattr(
        measure_source, "LOSS_TERMS", {("squared_error", "native"): "0.5000000000000001 * abs({y} - {t})"}
    )
    accepts.difference.cache_clear()
    both(replace(LINEAR, widths=(3, 1, 1)), 4, ("loss",), measured=False)


def test_what_can_be_measured():
    sets = data(LINEAR, 4, classes=True)
    assert measurement_of(LINEAR, ("loss", "accuracy"), sets) is not None
    assert measurement_of(LINEAR, ("loss", "accuracy"), data(LINEAR, 4)) is None  # accuracy has no meaning
    assert measurement_of(LINEAR, ("loss",), data(LINEAR, 4)) is not None
    assert measurement_of(LINEAR, ("loss",), [*sets, *data(LINEAR, 5)]) is None
    assert measurement_of(LINEAR, ("loss",), [replace(each, units=(np.zeros(1), np.ones(1))) for each in sets]) is None
    assert measurement_of(LINEAR, ("loss", "r2"), sets) is None
    assert measurement_of(replace(LINEAR, output="sigmoid"), ("loss",), sets) is None
    counted = measurement_of(Network((2, 3, 1)), ("error", "train_error"), sets)
    assert counted is not None
    assert [part.counted for part in counted.parts] == [True, True]
