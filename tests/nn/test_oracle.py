"""The forum's rule against twenty trials computed independently of the project."""

import numpy as np
import pytest

from nnsweep.nn import Dataset, Method, Network, Training, train, train_stack

TRAINED = 1000


def given(oracle, case):
    hidden = int(oracle[f"{case}_hidden"])
    first = oracle[f"{case}_W"], oracle[f"{case}_b"]
    second = oracle[f"{case}_w"][None, :], oracle[f"{case}_c"].reshape(1)
    data = Dataset.split(oracle["x"], oracle["t"], oracle[f"{case}_order"], TRAINED)
    return Training(Network((2, hidden, 1)), (first, second), data, float(oracle[f"{case}_alpha"]))


def assert_met(oracle, case, trained):
    (W, b), (w, c) = trained.parameters
    np.testing.assert_array_equal(trained.history["error"], oracle[f"{case}_errors"])
    for found, name in ((W, "W"), (b, "b"), (w[0], "w"), (c[0], "c")):
        np.testing.assert_allclose(found, oracle[f"{case}_{name}_end"], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", range(20))
def test_each_trial_alone(oracle, case):
    update = str(oracle[f"{case}_update"])
    assert_met(oracle, case, train(given(oracle, case), epochs=6, method=Method(update=update)))


@pytest.mark.parametrize("update", ["sequential", "simultaneous"])
def test_trials_of_two_and_four_neurons_in_one_stack(oracle, update):
    cases = [case for case in range(int(oracle["cases"])) if oracle[f"{case}_update"] == update]
    assert len(cases) == 10
    for case, trained in zip(
        cases, train_stack([given(oracle, c) for c in cases], 6, Method(update=update)), strict=True
    ):
        assert_met(oracle, case, trained)
