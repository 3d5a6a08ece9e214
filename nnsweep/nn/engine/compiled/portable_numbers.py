"""The portable functions number by number, for kernels: the operations of `nnsweep.nn.portable.functions` in order.

Only kernels import this module, because it needs numba.
"""

from __future__ import annotations

from typing import Any

import numba  # pyright: ignore[reportMissingImports]
import numpy as np
from llvmlite import ir  # pyright: ignore[reportMissingImports]
from numba.core import types  # pyright: ignore[reportMissingImports]
from numba.extending import intrinsic  # pyright: ignore[reportMissingImports]

from nnsweep.nn.portable import tables

njit = numba.njit(error_model="numpy")

MAGIC = 1.5 * 2.0**52
MAGIC_BITS = int(np.array(MAGIC).view(np.int64))
INVERSE, COARSE, REST = tables.exp_constants()
POWERS, LOST = tables.exp_table()
TANH, TANH_RESTS = tables.tanh_table()
LARGEST, STEPS = float(tables.TANH_LARGEST), float(tables.TANH_STEPS)
LAST = len(TANH) - 1
LOG_INVERSES, COARSE_LOGS, LOG_RESTS = tables.log_table()
LOG_COARSE, LOG_REST = (float(each) for each in tables.logarithm_of_two())
LOG_FIRST, LOG_SHIFT, LOG_LAST = int(tables.LOG_FIRST), int(tables.LOG_SHIFT), tables.LOG_ENTRIES - 1
UPPER_HALF = -(2**27)


def _bits(context: Any, number: Any) -> Any:
    """Give the bits of a float64 as a whole number."""
    return types.int64(types.float64), lambda c, builder, s, given: builder.bitcast(given[0], ir.IntType(64))


def _number(context: Any, bits: Any) -> Any:
    """Give the float64 that has some bits."""
    return types.float64(types.int64), lambda c, builder, s, given: builder.bitcast(given[0], ir.DoubleType())


bits: Any = intrinsic(_bits)
number: Any = intrinsic(_number)


@njit
def exp(x: float) -> float:
    """exp x = 2^e · 2^(j/128) · exp r."""
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    t = x * INVERSE + MAGIC
    n = bits(t)
    k = t - MAGIC
    r = x - k * COARSE
    r = r - k * REST
    j = n & 127
    p = r * (1 / 120) + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 1 / 2
    p = p * (r * r) + r
    p = p * POWERS[j] + LOST[j]
    p = p + POWERS[j]
    n = (n - j - MAGIC_BITS) >> 7
    half = n >> 1
    return p * number((half + 1023) << 52) * number((n - half + 1023) << 52)


@njit
def sigmoid(x: float) -> float:
    """1 / (1 + exp(−x)) where x ≥ 0, exp x / (1 + exp x) elsewhere."""
    e = exp(-abs(x))
    return (e if x < 0 else 1.0) / (1.0 + e)


@njit
def tanh(x: float) -> float:
    """tanh(c + h) from a table of tanh c."""
    size = abs(x)
    size = LARGEST if size > LARGEST else size
    near = size * STEPS + MAGIC
    j = bits(near) & 2047
    j = LAST if j > LAST else j
    h = size - (near - MAGIC) * (1 / STEPS)
    square = h * h
    cubic = square * (-17 / 315) + 2 / 15
    cubic = cubic * square - 1 / 3
    cubic = cubic * square
    cubic = cubic * h
    t = h + cubic
    value = TANH[j]
    divisor = value * t + 1.0
    product = (value + t) * value
    product = product * t
    tail = (cubic - product / divisor) + TANH_RESTS[j]
    total = value + h
    total = total + (((value - total) + h) + tail)
    return np.copysign(total, x)


@njit
def log1p(x: float) -> float:
    """log(1 + x) = log s + lost / s of 0 ≤ x ≤ 1, where log s = e log 2 + log c + log(1 + r)."""
    s = x + 1.0
    part = s - 1.0
    lost = (1.0 - (s - part)) + (x - part)
    lost = lost / s
    place = bits(s) - LOG_FIRST
    e = place >> 52
    place = (place >> LOG_SHIFT) & LOG_LAST
    m = number(bits(s) - (e << 52))
    k = number(e + MAGIC_BITS) - MAGIC
    upper = number(bits(m) & UPPER_HALF)
    inverse = LOG_INVERSES[place]
    m = (m - upper) * inverse
    upper = upper * inverse - 1.0
    r = upper + m
    upper = (upper - r) + m
    p = r * (1 / 7) - 1 / 6
    p = p * r + 1 / 5
    p = p * r - 1 / 4
    p = p * r + 1 / 3
    p = p * r - 1 / 2
    p = p * (r * r)
    total = k * LOG_COARSE + COARSE_LOGS[place]
    k = k * LOG_REST + LOG_RESTS[place]
    k = ((k + upper) + p) + lost
    large = total + r
    return large + (((total - large) + r) + k)
