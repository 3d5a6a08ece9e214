"""What a step calls in place of a function: the same bits, whatever the numbers and however many."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnsweep.nn.activations import OUTPUTS
from nnsweep.nn.engine.direct import DIRECT, direct
from nnsweep.nn.engine.program import add_up, copy

FUNCTIONS: dict[str, Callable[..., Any]] = {
    f"{name} {field}": function
    for name, each in OUTPUTS.items()
    for field, function in (("function", each.function), ("derivative", each.derivative))
    if function is not None
}
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-308, -1e-308, 1e308, -1e308, 0.1, -0.1, 710.0]


def numbers(rows: int) -> np.ndarray:
    """Make z (2, rows, 14), with special values in the last row of each."""
    z = np.random.default_rng(rows).normal(0, 3, (2, rows, len(SPECIAL)))
    z[:, -1] = SPECIAL
    return z


@pytest.mark.parametrize("rows", [1, 3, 200])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_calls_have_the_bits_of_the_function(name, rows):
    function, z = FUNCTIONS[name], numbers(rows)
    expected, found = np.full_like(z, 7.0), np.full_like(z, 9.0)
    operands = (z, np.tanh(z)) if name.endswith("derivative") else (z,)
    with np.errstate(all="ignore"):
        function(*operands, expected)
        for each, arguments in direct([(function, (*operands, found))]):
            each(*arguments)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", [name for name, each in OUTPUTS.items() if not each.needs_z])
@pytest.mark.parametrize("rows", [1, 200])
def test_an_activation_may_overwrite_what_its_slope_does_not_need(name, rows):
    each, z = OUTPUTS[name], numbers(rows)
    assert each.derivative is not None
    a, expected, found, place = np.empty_like(z), np.empty_like(z), np.empty_like(z), z.copy()
    with np.errstate(all="ignore"):
        each.function(z, a)
        each.derivative(z, a, expected)
        for function, arguments in direct([(each.function, (place, place)), (each.derivative, (place, place, found))]):
            function(*arguments)
    assert place.tobytes() == a.tobytes()
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("samples", [2, 3, 40])
@pytest.mark.parametrize("trials", [1, 2, 14])
def test_samples_are_added_up_in_their_order(samples, trials):
    by_sample = np.random.default_rng(samples).normal(0, 3, (3, samples, trials))
    by_sample[1] = -0.0
    by_sample[2, :, -1] = np.resize(SPECIAL, samples)
    expected, found = by_sample[:, 0].copy(), np.full((3, trials), 7.0)
    with np.errstate(all="ignore"):
        for k in range(1, samples):
            expected = expected + by_sample[:, k]
        for function, arguments in direct([(add_up, (*by_sample.swapaxes(0, 1), found))]):
            function(*arguments)
    assert found.tobytes() == expected.tobytes()


def test_every_function_of_the_table_is_one_of_a_step():
    assert {function for function in DIRECT if function not in FUNCTIONS.values()} == {add_up, copy}
