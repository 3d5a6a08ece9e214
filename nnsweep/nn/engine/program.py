"""A training step as a flat list of NumPy calls on arrays allocated once.

At the sizes of a sweep a call costs more than the arithmetic in it. So the rule for one step is written down once per
stack, as (function, operands) pairs whose last operand is the result, and then only executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds
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


def execute(calls: Iterable[Call]) -> None:
    """Make the calls, one after the other."""
    for function, operands in calls:
        function(*operands)


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
    if not all(adjacent(a, b) for a, b in pairs):
        return None
    return function, tuple(_span(a, b) for a, b in pairs)


def _address(array: Array) -> int:
    return array.__array_interface__["data"][0]


def adjacent(a: Array, b: Array) -> bool:
    """Whether b lies right behind a, in one piece of memory."""
    return a.base is not None and a.base is b.base and _address(a) + a.nbytes == _address(b)


def _span(a: Array, b: Array) -> Array:
    assert a.base is not None
    start = (_address(a) - _address(a.base)) // a.itemsize
    return a.base[start : start + a.size + b.size]


@dataclass(frozen=True)
class Loan:
    """Memory that some calls of a step use as scratch, although other calls own it.

    That is right as long as its owners do not need the value that the scratch destroys: they must write it anew before
    they read it.
    """

    memory: Array
    calls: Sequence[Call]


def assert_loans(program: Sequence[Call], loans: Iterable[Loan]) -> None:
    """Make sure that no call of a step reads what a loan has destroyed; the step is repeated over and over.

    Raises:
        AssertionError: a call reads lent memory before its owner has written it anew, or while it is lent.
    """
    place_of = {id(call): place for place, call in enumerate(program)}
    bounds = [[byte_bounds(operand) for operand in operands] for _, operands in program]
    for loan in loans:
        places = [place_of[id(call)] for call in loan.calls]
        first, last = min(places), max(places)
        assert len(places) == last - first + 1, "other calls stand between those that use lent memory"
        _assert_rewritten(program, bounds, [*range(last + 1, len(program)), *range(first)], byte_bounds(loan.memory))


def _assert_rewritten(
    program: Sequence[Call], bounds: Sequence[Sequence[tuple[int, int]]], places: Iterable[int], lent: tuple[int, int]
) -> None:
    """Walk through calls until all of the lent bytes are written anew; `pending` are those that are not."""
    pending = [lent]
    for place in places:
        operands = program[place][1]
        if not operands:
            continue
        for low, high in bounds[place][:-1]:
            read = any(low < end and start < high for start, end in pending)
            assert not read, f"{program[place][0]} reads lent memory before it is written anew"
        if operands[-1].flags.c_contiguous:
            low, high = bounds[place][-1]
            pending = [part for start, end in pending for part in ((start, min(end, low)), (max(start, high), end))
                       if part[0] < part[1]]  # fmt: skip
        if not pending:
            return
