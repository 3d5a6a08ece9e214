"""Functions with the same bits on every processor: against exact values, at every kind of argument."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from nnsweep.nn import portable
from nnsweep.nn.portable.functions import BLOCK
from tests.helpers import slow

NUMBERS = [300, slow(5_000)]
TRUE = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}
FOUND = {name: getattr(portable, name) for name in TRUE}
AT_MOST = {"exp": 0.76, "log": 0.53, "log1p": 0.7, "tanh": 0.53, "sigmoid": 2.5}
"""Units in the last place."""


def powers(random, low, high, count):
    return 2.0 ** random.uniform(low, high, count)


def signed(random, low, high, count):
    return powers(random, low, high, count) * random.choice([-1.0, 1.0], count)


def subnormal(random, count):
    return random.integers(1, 2**52, count).view(np.float64)


ARGUMENTS = {
    "exp": [
        lambda random, count: random.uniform(-745, 709.78, count),
        lambda random, count: random.uniform(-745.2, -707, count),
        lambda random, count: signed(random, -60, 1, count),
        lambda random, count: np.log(2) * random.integers(-1070, 1023, count),
    ],
    "log": [
        lambda random, count: powers(random, -1022, 1023.9, count),
        lambda random, count: random.uniform(0.5, 2, count),
        lambda random, count: 1 + signed(random, -52, -6, count),
        subnormal,
    ],
    "log1p": [
        lambda random, count: powers(random, -1000, 0, count),
        lambda random, count: powers(random, -56, -50, count),
        lambda random, count: random.uniform(-0.999, 100, count),
    ],
    "tanh": [
        lambda random, count: random.uniform(-21, 21, count),
        lambda random, count: signed(random, -12, 1, count),
        lambda random, count: signed(random, -1060, -10, count),
    ],
    "sigmoid": [
        lambda random, count: random.uniform(-744, 40, count),
        lambda random, count: signed(random, -60, 4, count),
    ],
}


def units_off(found: float, true: mpmath.mpf) -> float:
    """How far a number is from the true value, in units in the last place of the float64 nearest to it."""
    return abs(float((mpmath.mpf(found) - true) / mpmath.mpf(float(np.spacing(abs(float(true)))))))


@pytest.mark.parametrize("count", NUMBERS)
@pytest.mark.parametrize("name", TRUE)
def test_a_value_is_near_the_true_one(name, count):
    random = np.random.default_rng(0)
    x = np.concatenate([draw(random, count) for draw in ARGUMENTS[name]])
    with mpmath.workprec(140):
        off = [
            units_off(y, TRUE[name](mpmath.mpf(a))) for a, y in zip(x.tolist(), FOUND[name](x).tolist(), strict=True)
        ]
    print(f"{name}: {len(off):,} arguments, off by at most {max(off):.3f} at {x[int(np.argmax(off))]!r}")
    assert max(off) < AT_MOST[name]


ENDS = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324, -5e-324])
SIGMOID_OF_ENDS = [0.5, 0.5, 1, 0, np.nan, 1, 0, 0.5, 0.5]


@pytest.mark.parametrize("name", TRUE)
def test_the_ends_of_the_numbers(name):
    with np.errstate(all="ignore"):
        expected = SIGMOID_OF_ENDS if name == "sigmoid" else getattr(np, name)(ENDS)
        found = FOUND[name](ENDS)
    np.testing.assert_array_equal(found, expected)
    if name == "tanh":
        np.testing.assert_array_equal(np.signbit(found), np.signbit(ENDS))


def test_where_exp_overflows_and_vanishes():
    largest, smallest = 709.782712893384, -745.1332191019411
    x = np.array([largest, np.nextafter(largest, np.inf), smallest, np.nextafter(smallest, -np.inf)])
    with np.errstate(over="ignore"):
        found = FOUND["exp"](x).tolist()
    assert found == [float(mpmath.exp(largest)), np.inf, 5e-324, 0.0]


def test_infinity_and_nan_of_a_logarithm_warn_of_nothing():
    assert FOUND["log"](np.array([0.0, np.inf])).tolist() == [-np.inf, np.inf]
    assert np.isnan(FOUND["log"](np.array([-1.0, np.nan]))).all()


@pytest.mark.parametrize("name", TRUE)
def test_a_number_has_its_bits_in_any_array(name):
    """Alone, among others in more than a block, where a neighbour is not ordinary, and in any memory."""
    random = np.random.default_rng(1)
    x = np.abs(random.normal(size=2 * BLOCK + 5))
    whole = FOUND[name](x)
    alone = np.array([FOUND[name](x[k : k + 1])[0] for k in range(40)])
    assert alone.tobytes() == whole[:40].tobytes()
    odd = FOUND[name](np.concatenate([x[:40], [np.nan, 5e-324, 700.0, 1e-310]]))
    assert odd[:40].tobytes() == whole[:40].tobytes()
    apart = np.zeros((len(x), 2))
    FOUND[name](x, apart[:, 1])
    assert apart[:, 1].tobytes() == whole.tobytes()
    assert FOUND[name](x, x) is x
    assert x.tobytes() == whole.tobytes()


def test_single_precision_is_that_of_double_precision_rounded():
    x = np.linspace(-3, 3, 50, dtype=np.float32).reshape(5, 10)
    out = np.empty_like(x)
    portable.tanh(x, out)
    np.testing.assert_array_equal(out, portable.tanh(x.astype(np.float64)).astype(np.float32))
