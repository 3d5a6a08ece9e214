"""The orders in which sums are added up are NumPy's."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from nnsweep.nn.engine.compiled import sums


def fma(a, b, c):
    """The product and the sum, rounded once: fractions are exact, and `float` rounds to the nearest."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 15, 16, 23, 31, 64, 127, 128])
def test_a_mean_over_samples_is_added_up_as_numpy_does(count):
    random = np.random.default_rng(count)
    for values in random.lognormal(sigma=5, size=(20, count)):
        total = eval(sums.pairwise([f"v[{k}]" for k in range(count)]), {"v": values})
        assert total == np.stack([values, values]).sum(axis=1)[0]


@pytest.mark.parametrize("count", [5, 128, 129, 200, 272, 1000, 3001])
def test_a_sum_of_an_array_is_numpys_and_no_function_calls_itself(count):
    values = np.random.default_rng(count).lognormal(sigma=5, size=count)
    call = sums.of_array("values", 0, count)
    written = sums.functions(call)
    for function in written.split("@njit")[1:]:
        name = function.partition("(")[0].split()[-1]
        assert function.count(f"{name}(") == 1
    names = {"njit": lambda function: function, "values": values}
    exec(written, names)
    assert eval(call, names) == values.sum()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 9, 11])
@pytest.mark.parametrize("order", [sums.written, sums.chain, sums.by_lanes])
def test_every_product_is_added_once(order, count):
    random = np.random.default_rng(count)
    w, x = random.integers(1, 100, size=(2, count)).tolist()
    names = [f"w[{k}]" for k in range(count)], [f"x[{k}]" for k in range(count)]
    assert eval(order(*names), {"w": w, "x": x, "fma": fma}) == np.dot(w, x)
