"""exp, log, log1p, tanh and the sigmoid with the same bits on every processor, within one unit in the last place.

NumPy's own functions are the C library's on one processor and vector code on another, and their last bits differ.
These take only what IEEE 754 fixes to the last bit: + − × ÷, comparisons, and whole numbers. Each operation is one
NumPy call, so that no two are fused into one rounding. The order of the operations is part of the definition: code that
repeats it, number by number, has the same bits. `x.view(int64)` are the bits of a float64 as a whole number.

An argument is taken apart into the nearest entry of a table and a small rest, for which a few terms of a series are
enough (Tang 1989). Where a sum decides the last bit, what its rounding lost is kept (Dekker 1971).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.portable import tables

Array = NDArray[np.float64]

BLOCK = 4096
"""Numbers that are computed at a time: few enough for all that a function needs to stay in the cache."""

MAGIC = np.array(1.5 * 2.0**52)
"""The last bits of x + MAGIC are the whole number nearest to x."""
MAGIC_BITS = MAGIC.view(np.int64)

SMALLEST, LARGEST = np.finfo(np.float64).smallest_normal, np.finfo(np.float64).max
ONE = np.array(1.0)


def blockwise(compute: Callable[[Array, Array], None]) -> Callable[..., Array]:
    """Make a function of arrays of any shape from `compute(x, out)`, which gets some neighbouring numbers, (n,).

    Like a ufunc, it takes `out`, which may be the argument itself, and returns the result.
    """

    @wraps(compute)
    def function(x: Array, out: Array | None = None) -> Array:
        x = np.asarray(x)
        found = out if out is not None and out.flags.c_contiguous and out.dtype == np.float64 else np.empty(x.shape)
        source, target = np.ascontiguousarray(x, dtype=np.float64).reshape(-1), found.reshape(-1)
        for start in range(0, source.size, BLOCK):
            compute(source[start : start + BLOCK], target[start : start + BLOCK])
        if out is None or out is found:
            return found
        np.copyto(out, found, casting="same_kind")
        return out

    return function


@blockwise
def exp(x: Array, out: Array) -> None:
    """exp x = 2^e · 2^(j/128) · exp r, where 128 e + j is the whole number nearest to 128 x / log 2."""
    inverse, coarse, rest = tables.exp_constants()
    powers, lost = tables.exp_table()
    ordinary = x.min() > -708 and x.max() < 709  # false for NaN
    if not ordinary:
        x = np.minimum(np.maximum(x, -746.0), 710.0)
    t = x * inverse
    t += MAGIC
    n = t.view(np.int64)  # 128 e + j, after the leading bits of MAGIC
    k = t - MAGIC
    r = x - k * coarse
    k *= rest
    r -= k
    j = n & 127
    p = r * (1 / 120)
    p += 1 / 24
    p *= r
    p += 1 / 6
    p *= r
    p += 1 / 2
    p *= r * r
    p += r
    power = powers.take(j)
    p *= power
    p += lost.take(j)
    p += power
    n -= j
    if ordinary:
        n <<= 45  # e in the place of the exponent; the leading bits fall off
        np.add(p.view(np.int64), n, out.view(np.int64))
    else:  # in two steps: 2^e may lie outside the range of float64, and the last rounding is that to the result
        n -= MAGIC_BITS
        n >>= 7
        half = n >> 1
        p *= _power_of_two(half)
        np.multiply(p, _power_of_two(n - half), out)


def _power_of_two(n: NDArray[np.int64]) -> Array:
    return ((n + 1023) << 52).view(np.float64)


def _normal_log(x: Array, out: Array, exponent: NDArray[np.int64] | int = 0, more: Array | float = 0.0) -> None:
    """log(x · 2^exponent) + more = e log 2 + log c + log(1 + r), where x = 2^e · c · (1 + r) is normal.

    `more` is at most one unit in the last place of 1.
    """
    coarse, rest = tables.logarithm_of_two()
    inverses, coarse_logs, rests = tables.log_table()
    bits = x.view(np.int64)
    place = bits - tables.LOG_FIRST
    e = place >> 52
    place >>= 45
    place &= 127
    m = (bits - (e << 52)).view(np.float64)
    e += MAGIC_BITS + exponent
    k = e.view(np.float64)
    k -= MAGIC
    upper = (m.view(np.int64) & -(2**27)).view(np.float64)  # half of the bits: products with 1/c are exact
    m -= upper
    inverse = inverses.take(place)
    m *= inverse
    upper *= inverse
    upper -= 1.0
    r = upper + m
    upper -= r
    upper += m  # what the rounding of r lost
    p = r * (1 / 7)
    p -= 1 / 6
    p *= r
    p += 1 / 5
    p *= r
    p -= 1 / 4
    p *= r
    p += 1 / 3
    p *= r
    p -= 1 / 2
    p *= r * r
    w = k * coarse
    w += coarse_logs.take(place)
    k *= rest
    k += rests.take(place)
    k += upper
    k += p
    k += more
    total = w + r
    w -= total
    w += r  # what the rounding of the total lost
    w += k
    np.add(total, w, out)


@blockwise
def log(x: Array, out: Array) -> None:
    """log x: −∞ of 0, NaN of what is less."""
    _log(x, out)


def _log(x: Array, out: Array, more: Array | float = 0.0) -> None:
    if x.min() >= SMALLEST and x.max() <= LARGEST:
        _normal_log(x, out, more=more)
        return
    positive, subnormal = (x > 0) & (x <= LARGEST), (x > 0) & (x < SMALLEST)
    other = np.where(x == 0, -np.inf, np.where(x > LARGEST, np.inf, np.nan))
    normal = np.where(positive, x, ONE) * np.where(subnormal, 2.0**54, ONE)
    _normal_log(normal, out, np.where(subnormal, -54, 0), more)
    np.copyto(out, other, where=~positive)


@blockwise
def log1p(x: Array, out: Array) -> None:
    """log(1 + x) = log s + lost / s, where s is 1 + x rounded, and `lost` what its rounding lost."""
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
    size = np.abs(x)
    np.minimum(size, float(tables.TANH_LARGEST), size)
    near = size * float(tables.TANH_STEPS)
    near += MAGIC
    j = near.view(np.int64) & 2047
    near -= MAGIC
    near *= 1 / tables.TANH_STEPS
    h = size
    h -= near
    square = h * h
    cubic = square * (-17 / 315)
    cubic += 2 / 15
    cubic *= square
    cubic -= 1 / 3
    cubic *= square
    cubic *= h
    t = h + cubic
    value = values.take(j, mode="clip")
    divisor = value * t
    divisor += ONE
    product = value + t
    product *= value
    product *= t
    product /= divisor
    cubic -= product
    cubic += rests.take(j, mode="clip")
    total = value + h
    value -= total
    value += h  # what the rounding of the total lost
    value += cubic
    total += value
    np.copysign(total, x, out)


@blockwise
def sigmoid(x: Array, out: Array) -> None:
    """1 / (1 + exp(−x)) where x ≥ 0, exp x / (1 + exp x) elsewhere: nothing overflows, and no digit is lost."""
    e, below = np.abs(x), x < 0
    np.negative(e, e)
    exp(e, e)
    numerator = np.where(below, e, ONE)
    e += ONE
    np.divide(numerator, e, out)
