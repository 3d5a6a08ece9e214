"""A training step as a flat list of NumPy calls on arrays allocated once.

At the sizes of a sweep a call costs more than the arithmetic in it. So the rule for one step is written down once per
stack, as (function, operands) pairs whose last operand is the result, and then only executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Call = tuple[Callable[..., Any], tuple[Array, ...]]

ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector register."""


def aligned_zeros(size: int) -> Array:
    """Allocate a float64 array (size,) whose first element starts a cache line."""
    spare = ALIGNMENT // 8
    raw = np.zeros(size + spare)
    start = (-raw.ctypes.data // 8) % spare
    return raw[start : start + size]


def fuse(calls: Iterable[Call]) -> list[Call]:
    """Join neighbouring calls of one ufunc whose operands all lie one behind the other in memory."""
    fused: list[Call] = []
    for call in calls:
        joined = _join(fused[-1], call) if fused else None
        if joined:
            fused[-1] = joined
        else:
            fused.append(call)
    return fused


def _join(first: Call, second: Call) -> Call | None:
    function, operands = first
    if function is not second[0] or not isinstance(function, np.ufunc):
        return None
    if any(np.shares_memory(operands[-1], operand) for operand in second[1][:-1]):
        return None  # the second reads what the first writes
    pairs = list(zip(operands, second[1], strict=True))
    if not all(_adjacent(a, b) for a, b in pairs):
        return None
    return function, tuple(_span(a, b) for a, b in pairs)


def _address(array: Array) -> int:
    return array.__array_interface__["data"][0]


def _adjacent(a: Array, b: Array) -> bool:
    return a.base is not None and a.base is b.base and _address(a) + a.nbytes == _address(b)


def _span(a: Array, b: Array) -> Array:
    assert a.base is not None
    start = (_address(a) - _address(a.base)) // a.itemsize
    return a.base[start : start + a.size + b.size]
