"""The tables of the portable functions, made again with mpmath."""

from __future__ import annotations

import mpmath
import pytest

from nnsweep.nn.portable import tables


@pytest.fixture(autouse=True)
def _precision():
    with mpmath.workprec(300):
        yield


def split(values):
    nearest = [float(value) for value in values]
    return nearest, [float(value - mpmath.mpf(each)) for value, each in zip(values, nearest, strict=True)]


@pytest.mark.parametrize(
    ("table", "value", "entries"),
    [
        (tables.exp_table, lambda j: mpmath.mpf(2) ** (mpmath.mpf(j) / 128), 128),
        (tables.tanh_table, lambda j: mpmath.tanh(mpmath.mpf(j) / 64), 1281),
    ],
)
def test_a_table_has_the_nearest_number_and_what_is_left(table, value, entries):
    nearest, rest = table()
    assert (nearest.tolist(), rest.tolist()) == split([value(j) for j in range(entries)])


def test_the_table_of_logarithms():
    inverses, coarse, rests = tables.log_table()
    assert ((inverses * 2**20) % 1 == 0).all(), "a product with half of the bits of a number is exact"
    assert ((coarse * 2**42) % 1 == 0).all(), "a sum with a multiple of log 2 is exact"
    assert (inverses == 1).sum() == 1
    for inverse, large, rest in zip(inverses.tolist(), coarse.tolist(), rests.tolist(), strict=True):
        assert rest == float(-mpmath.log(inverse) - mpmath.mpf(large))
        assert abs(rest) <= 2**-43


def test_the_constants():
    coarse, rest = tables.logarithm_of_two()
    assert (coarse * 2**42) % 1 == 0
    assert rest == float(mpmath.log(2) - mpmath.mpf(coarse))
    inverse, coarse, rest = tables.exp_constants()
    assert inverse == float(128 / mpmath.log(2))
    assert (coarse * 2**42) % 1 == 0
    assert rest == float(mpmath.log(2) / 128 - mpmath.mpf(coarse))
