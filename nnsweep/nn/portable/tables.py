"""The tables of the portable functions, from integers alone, so that every machine makes the same.

A number v is held as the integer v · 2^BITS. Python divides integers exactly and rounds once, so that a table has the
float64 nearest to each value, and what is left of the value in a second one.
"""

from __future__ import annotations

from functools import cache
from math import isqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BITS = 200
ONE = 1 << BITS

EXP_ENTRIES = 128
"""2^(j/128) for j = 0 … 127."""
TANH_STEPS, TANH_LARGEST = 64, 20
"""tanh(j/64) for j = 0 … 1280: up to 20, beyond which tanh rounds to 1."""
LOG_ENTRIES = 128
"""Each power of two is cut into 128 pieces for the logarithm."""
LOG_FIRST = 0x3FE6100000000000
"""The bits of the float64 at which the first piece begins, 0.69. Piece 79 then has 1 in it."""
LOG_SHIFT = 45
"""The pieces of the logarithm are 2^45 float64s long."""
COARSE = 42
"""Parts of sums that must be exact are multiples of 2^−42."""


def _rounded(value: int, bits: int) -> int:
    """Round a value to a multiple of 2^−bits."""
    unit = ONE >> bits
    return (value + unit // 2) // unit * unit


def _integer(number: float) -> int:
    numerator, denominator = number.as_integer_ratio()
    return numerator * (ONE // denominator)


def _split(values: list[int]) -> tuple[Array, Array]:
    """Give the nearest float64 of each value, and what is left of it."""
    nearest = [value / ONE for value in values]
    return np.array(nearest), np.array([(v - _integer(n)) / ONE for v, n in zip(values, nearest, strict=True)])


def _logarithm(numerator: int, denominator: int) -> int:
    """log(n / d) = 2 artanh((n − d) / (n + d))."""
    up, down = numerator - denominator, numerator + denominator
    power, total, k = ONE * up // down, 0, 1
    while power not in (0, -1):
        total += power // k
        power, k = power * up * up // (down * down), k + 2
    return 2 * total


@cache
def logarithm_of_two() -> tuple[float, float]:
    """log 2 as a multiple of 2^−42, whose products with exponents are exact, and the rest."""
    value = _logarithm(2, 1)
    coarse = _rounded(value, COARSE)
    return coarse / ONE, (value - coarse) / ONE


@cache
def exp_constants() -> tuple[float, float, float]:
    """128 / log 2; log 2 / 128 as a multiple of 2^−42; and the rest."""
    value = _logarithm(2, 1) // EXP_ENTRIES
    coarse = _rounded(value, COARSE)
    return ONE / value, coarse / ONE, (value - coarse) / ONE


@cache
def exp_table() -> tuple[Array, Array]:
    """2^(j/128) and what is left of it, (128,) each."""
    root = 2 * ONE
    for _ in range(7):
        root = isqrt(root << BITS)
    values, power = [], ONE
    for _ in range(EXP_ENTRIES):
        values.append(power)
        power = power * root >> BITS
    return _split(values)


@cache
def tanh_table() -> tuple[Array, Array]:
    """tanh(j/64) and what is left of it, (1281,) each: (1 − q) / (1 + q) with q = exp(−2j/64)."""
    step, term, k = 0, ONE, 0
    while term not in (0, -1):
        step, k = step + term, k + 1
        term = term * -2 // (TANH_STEPS * k)
    values, power = [], ONE
    for _ in range(TANH_STEPS * TANH_LARGEST + 1):
        values.append(ONE * (ONE - power) // (ONE + power))
        power = power * step >> BITS
    return _split(values)


@cache
def log_table() -> tuple[Array, Array, Array]:
    """1/c as a multiple of 2^−20, c the middle of a piece; log c as a multiple of 2^−42; and the rest, (128,) each."""
    edges = (LOG_FIRST + (np.arange(LOG_ENTRIES + 1, dtype=np.int64) << LOG_SHIFT)).view(np.float64)
    middles = np.where((edges[:-1] < 1) & (edges[1:] > 1), 1.0, (edges[:-1] + edges[1:]) / 2)
    inverses = np.rint(2**20 / middles) / 2**20
    values = [-_logarithm(int(inverse * 2**20), 2**20) for inverse in inverses.tolist()]
    coarse = [_rounded(value, COARSE) for value in values]
    rest = [(value - each) / ONE for value, each in zip(values, coarse, strict=True)]
    return inverses, np.array([each / ONE for each in coarse]), np.array(rest)
