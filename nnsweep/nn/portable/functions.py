"""exp, log, log1p, tanh and the sigmoid with the same bits on every processor.

NumPy's own functions are the C library's on one processor and vector code on another, and their last bits differ.
These take only what IEEE 754 fixes to the last bit: + − × ÷, comparisons, and whole numbers. Each operation is one
NumPy call, so that no two are fused into one rounding. The order of the operations is part of the definition: code that
repeats it, number by number, has the same bits. `x.view(int64)` are the bits of a float64 as a whole number.

An argument is taken apart into the nearest entry of a table and a small rest, for which a few terms of a series are
enough (Tang 1989). Where a sum decides the last bit, what its rounding lost is kept (Dekker 1971). So exp, log and tanh
are off by at most 0.53 units in the last place (0.76 where exp is subnormal), log1p by at most 0.7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.portable import tables

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

BLOCK = 4096
"""Numbers that are computed at a time: few enough for all that a function needs to stay in the cache."""


def _constants(*numbers: float) -> tuple[Any, ...]:
    """Make 0-d arrays of numbers: a ufunc would convert a Python number on every call."""
    return tuple(np.array(number) for number in numbers)


MAGIC, ONE, ZERO = _constants(1.5 * 2.0**52, 1.0, 0.0)  # the last bits of x + MAGIC are the whole number nearest to x
MAGIC_BITS = MAGIC.view(np.int64)
SMALLEST, LARGEST = np.finfo(np.float64).smallest_normal, np.finfo(np.float64).max

EXP_SERIES = _constants(1 / 120, 1 / 24, 1 / 6, 1 / 2)
LOG_SERIES = _constants(1 / 7, -1 / 6, 1 / 5, -1 / 4, 1 / 3, -1 / 2)
TANH_SERIES = _constants(-17 / 315, 2 / 15, -1 / 3)
EXPONENT_PLACE, POWER_PLACE, LOG_PLACE, LOG_FIRST = _constants(52, 45, tables.LOG_SHIFT, tables.LOG_FIRST)
EXP_ENTRY, LOG_ENTRY, TANH_ENTRY = _constants(tables.EXP_ENTRIES - 1, tables.LOG_ENTRIES - 1, 2047)
UPPER_HALF = np.array(-(2**27))  # the first 26 of the 53 bits of a float64
TANH_STEPS, TANH_STEP, TANH_LARGEST = _constants(tables.TANH_STEPS, 1 / tables.TANH_STEPS, tables.TANH_LARGEST)


def blockwise(compute: Callable[[Array, Array], None]) -> Callable[..., Array]:
    """Make a function of arrays of any shape from `compute(x, out)`, which gets some neighbouring numbers, (n,).

    Like a ufunc, it takes `out`, which may be the argument itself, and returns the result.
    """

    @wraps(compute)
    def function(x: Array, out: Array | None = None) -> Array:
        source = np.ascontiguousarray(x, dtype=np.float64).reshape(-1)
        fits = out is not None and out.flags.c_contiguous and out.dtype == np.float64
        found: Array = out if out is not None and fits else np.empty(np.shape(x))
        target = found.reshape(-1)
        for start in range(0, source.size, BLOCK):
            compute(source[start : start + BLOCK], target[start : start + BLOCK])
        if out is None or fits:
            return found
        np.copyto(out, found, casting="same_kind")
        return out

    return function


def _series(x: Array, coefficients: Sequence[Array]) -> Array:
    """((c₀ x + c₁) x + c₂) x + …, to the last coefficient, which is added."""
    first, second, *others = coefficients
    found = x * first
    found += second
    for each in others:
        found *= x
        found += each
    return found


@cache
def _exp_constants() -> tuple[Array, ...]:
    return _constants(*tables.exp_constants())


@blockwise
def exp(x: Array, out: Array) -> None:
    """exp x = 2^e · 2^(j/128) · exp r, where 128 e + j is the whole number nearest to 128 x / log 2."""
    inverse, coarse, rest = _exp_constants()
    powers, lost = tables.exp_table()
    ordinary = x.min() > -708 and x.max() < 709  # false for NaN
    if not ordinary:
        x = np.minimum(np.maximum(x, -746.0), 710.0)
    shifted = x * inverse
    shifted += MAGIC
    n = shifted.view(np.int64)  # 128 e + j, after the leading bits of MAGIC
    k = shifted - MAGIC
    r = k * coarse
    np.subtract(x, r, r)
    k *= rest
    r -= k
    j = n & EXP_ENTRY
    p = _series(r, EXP_SERIES)
    np.multiply(r, r, k)
    p *= k
    p += r
    power = powers.take(j)
    p *= power
    p += lost.take(j)
    p += power
    n -= j
    if ordinary:
        n <<= POWER_PLACE  # e in the place of the exponent; the leading bits fall off
        np.add(p.view(np.int64), n, out.view(np.int64))
    else:  # in two steps: 2^e may lie outside the range of float64, and the last rounding is that to the result
        n -= MAGIC_BITS
        n >>= 7
        half = n >> 1
        p *= _power_of_two(half)
        np.multiply(p, _power_of_two(n - half), out)


def _power_of_two(n: Whole) -> Array:
    return ((n + 1023) << EXPONENT_PLACE).view(np.float64)


@blockwise
def log(x: Array, out: Array) -> None:
    """log x: −∞ of 0, NaN of what is less."""
    _log(x, out)


def _log(x: Array, out: Array, more: Array = ZERO) -> None:
    """log x + more, as `_normal_log`, of any x."""
    if x.min() >= SMALLEST and x.max() <= LARGEST:
        _normal_log(x, out, more=more)
        return
    positive, subnormal = (x > 0) & (x <= LARGEST), (x > 0) & (x < SMALLEST)
    other = np.where(x == 0, -np.inf, np.where(x > LARGEST, np.inf, np.nan))
    normal = np.where(positive, x, ONE) * np.where(subnormal, 2.0**54, ONE)
    _normal_log(normal, out, np.where(subnormal, -54, 0), more)
    np.copyto(out, other, where=~positive)


def _normal_log(x: Array, out: Array, exponent: Whole | int = 0, more: Array = ZERO) -> None:
    """log(x · 2^exponent) + more = e log 2 + log c + log(1 + r), where x · 2^exponent = 2^e · c · (1 + r).

    x is normal, and `more` at most one unit in the last place of 1.
    """
    coarse, rest = _log_constants()
    inverses, coarse_logs, rests = tables.log_table()
    bits = x.view(np.int64)
    place = bits - LOG_FIRST
    e = place >> EXPONENT_PLACE
    place >>= LOG_PLACE
    place &= LOG_ENTRY
    m = (bits - (e << EXPONENT_PLACE)).view(np.float64)
    e += MAGIC_BITS + exponent
    k = e.view(np.float64)
    k -= MAGIC
    upper = (m.view(np.int64) & UPPER_HALF).view(np.float64)  # its product with 1/c is exact, and that of the rest
    m -= upper
    inverse = inverses.take(place)
    m *= inverse
    upper *= inverse
    upper -= ONE
    r = upper + m
    upper -= r
    upper += m  # what the rounding of r lost
    p = _series(r, LOG_SERIES)
    p *= r * r
    total = k * coarse
    total += coarse_logs.take(place)
    k *= rest
    k += rests.take(place)
    k += upper
    k += p
    k += more
    _exact_sum(total, r, k, out)


@cache
def _log_constants() -> tuple[Array, ...]:
    return _constants(*tables.logarithm_of_two())


def _exact_sum(large: Array, small: Array, rest: Array, out: Array) -> None:
    """large + small + rest, rounded about once; `large` is 0 or at least as large as `small`, and is destroyed."""
    total = large + small
    large -= total
    large += small  # what the rounding of the total lost
    large += rest
    np.add(total, large, out)


@blockwise
def log1p(x: Array, out: Array) -> None:
    """log(1 + x) = log s + lost / s, where s is 1 + x rounded, and `lost` what its rounding lost; x is finite."""
    s = x + ONE
    part = s - ONE
    lost = s - part
    np.subtract(ONE, lost, lost)
    lost += x - part
    lost /= s
    _log(s, out, lost)


@blockwise
def tanh(x: Array, out: Array) -> None:
    """tanh(c + h) = T + t − t T (T + t) / (1 + T t), where T = tanh c, c = j/64 and t = tanh h."""
    values, rests = tables.tanh_table()
    h = np.abs(x)
    np.minimum(h, TANH_LARGEST, out=h)
    near = h * TANH_STEPS
    near += MAGIC
    j = near.view(np.int64) & TANH_ENTRY
    near -= MAGIC
    near *= TANH_STEP
    h -= near
    square = h * h
    cubic = _series(square, TANH_SERIES)
    cubic *= square
    cubic *= h
    t = h + cubic
    value = values.take(j, mode="clip")  # NaN has any j
    divisor = value * t
    divisor += ONE
    product = value + t
    product *= value
    product *= t
    product /= divisor
    cubic -= product
    cubic += rests.take(j, mode="clip")
    _exact_sum(value, h, cubic, h)
    np.copysign(h, x, out)


@blockwise
def sigmoid(x: Array, out: Array) -> None:
    """1 / (1 + exp(−x)) where x ≥ 0, exp x / (1 + exp x) elsewhere: nothing overflows, and no digit is lost."""
    e, below = np.abs(x), np.less(x, ZERO)
    np.negative(e, e)
    exp(e, e)
    numerator = np.where(below, e, ONE)
    e += ONE
    np.divide(numerator, e, out)
