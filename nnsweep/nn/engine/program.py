"""A training step as a flat list of NumPy calls on arrays allocated once.

At the sizes of a sweep a call costs more than the arithmetic in it. So the rule for one step is written down once per
stack, as (function, operands) pairs whose last operand is the result, and then only executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Array = NDArray[np.float64]
Call = tuple[Callable[..., Any], tuple[Array, ...]]

Pieces = list[tuple[int, int]]

ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector register."""


SHORT, LEAST_ROWS = 256, 4
"""Rows up to this many numbers, and at least so many rows, take less time in one call with one more axis: it costs as
much as two calls, and then about 0.1 µs for each row."""


def aligned_zeros(size: int) -> Array:
    """Allocate a float64 array (size,) whose first element starts a cache line."""
    spare = ALIGNMENT // 8
    raw = np.zeros(size + spare)
    start = (-raw.ctypes.data // 8) % spare
    return raw[start : start + size]


def copy(source: Array, target: Array) -> None:
    """Copy, with the result last as in every call of a step."""
    np.copyto(target, source)


def add_up(*operands: Array) -> None:
    """Add arrays of one shape up in their order, with the result last as in every call of a step."""
    first, *others, total = operands
    np.copyto(total, first)
    for each in others:
        np.add(total, each, total)


def execute(calls: Iterable[Call]) -> None:
    """Make the calls, one after the other."""
    for function, operands in calls:
        function(*operands)


def fuse(calls: Iterable[Call]) -> list[Call]:
    """Join neighbouring calls of one ufunc: rows one behind the other, and short rows at even distances in memory."""
    fused: list[Call] = []
    for call in calls:
        joined = _join(fused[-1], call) if fused else None
        if joined:
            fused[-1] = joined
        else:
            fused.append(call)
    return _join_short(fused)


def _join_short(calls: list[Call]) -> list[Call]:
    """Join calls on short rows by a further axis, for outputs and then for inputs of a layer."""
    while True:
        fewer = _join_even(calls)
        if len(fewer) == len(calls):
            return calls
        calls = fewer


def _join(first: Call, second: Call) -> Call | None:
    """Join two calls whose operands are adjacent rows."""
    function, operands = first
    if function is not second[0] or not isinstance(function, np.ufunc):
        return None
    if any(np.shares_memory(operands[-1], operand) for operand in second[1][:-1]):
        return None  # the second reads what the first writes
    pairs = list(zip(operands, second[1], strict=True))
    if not all(adjacent(a, b) for a, b in pairs):
        return None
    return function, tuple(_span(a, b) for a, b in pairs)


def _join_even(calls: Sequence[Call]) -> list[Call]:
    """Join each longest run of calls on short rows of one shape that are evenly apart."""
    found: list[Call] = []
    start = 0
    while start < len(calls):
        end = start + 1
        while end < len(calls) and _continues(calls[start:end], calls[end]):
            end += 1
        worth = end - start >= (LEAST_ROWS if calls[start][1][-1].ndim == 1 else 2)
        joined = _stacked(calls[start:end]) if worth else None
        found.append(joined or calls[start])
        start = end if joined else start + 1
    return found


def _continues(run: Sequence[Call], call: Call) -> bool:
    """Whether a call has the function, the shapes and the distances of a run of calls."""
    function, operands = run[-1]
    if function is not call[0] or not isinstance(function, np.ufunc) or operands[-1].shape[-1] > SHORT:
        return False
    if any(a.shape != b.shape or a.strides != b.strides for a, b in zip(operands, call[1], strict=True)):
        return False
    same_memory = all(_owner(a) is _owner(b) for a, b in zip(operands, call[1], strict=True))
    return same_memory and (len(run) == 1 or _distances(run[-1], call) == _distances(run[0], run[1]))


def _distances(first: Call, second: Call) -> list[int]:
    return [_address(b) - _address(a) for a, b in zip(first[1], second[1], strict=True)]


def _stacked(run: Sequence[Call]) -> Call | None:
    """Make one call of a run; None if one of its calls reads, or writes again, what another one has written."""
    function = run[0][0]
    *read, written = [evenly_apart(arrays) for arrays in zip(*(operands for _, operands in run), strict=True)]
    if written.strides[0] == 0:
        return None
    for array in read:
        in_place = _address(array) == _address(written) and array.strides == written.strides
        if not in_place and np.shares_memory(array, written):
            return None
    return function, (*read, written)


def evenly_apart(arrays: Sequence[Array]) -> Array:
    """View N arrays of one shape (…), which lie evenly apart in one piece of memory, as one (N, …); N is at least 2."""
    first, second = arrays[:2]
    distance = _address(second) - _address(first)
    return as_strided(first, (len(arrays), *first.shape), (distance, *first.strides), writeable=first.flags.writeable)


def _owner(array: Any) -> Any:
    while getattr(array, "base", None) is not None:
        array = array.base
    return array


def _address(array: Array) -> int:
    return array.__array_interface__["data"][0]


def adjacent(a: Array, b: Array) -> bool:
    """Whether b lies right behind a, in one piece of memory."""
    return a.base is not None and a.base is b.base and _address(a) + a.nbytes == _address(b)


def _span(a: Array, b: Array) -> Array:
    assert a.base is not None
    start = (_address(a) - _address(a.base)) // a.itemsize
    return a.base[start : start + a.size + b.size]


def moved(calls: Iterable[Call], old: Array, new: Array) -> list[Call]:
    """Have calls use one piece of memory, `new`, where they use another, `old`, as long as that."""
    first = _address(old)

    def instead(operand: Array) -> Array:
        start = _address(operand) - first
        if not 0 <= start < old.nbytes:
            return operand
        return as_strided(new[start // new.itemsize :], operand.shape, operand.strides)

    return [(function, tuple(instead(operand) for operand in operands)) for function, operands in calls]


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
    loans = list(loans)
    pieces = [[_pieces(operand) for operand in operands] for _, operands in program] if loans else []
    for loan in loans:
        places = [place_of[id(call)] for call in loan.calls]
        first, last = min(places), max(places)
        assert len(places) == last - first + 1, "other calls stand between those that use lent memory"
        _assert_rewritten(program, pieces, [*range(last + 1, len(program)), *range(first)], _pieces(loan.memory))


def _pieces(array: Array) -> Pieces:
    """List the pieces of memory of an array, each without a gap: where they start and end."""
    axes = sorted((stride, n) for stride, n in zip(array.strides, array.shape, strict=True) if stride and n > 1)
    length = array.itemsize
    while axes and axes[0][0] == length:
        length *= axes.pop(0)[1]
    starts = np.array([_address(array)])
    for stride, n in axes:
        starts = np.add.outer(starts, stride * np.arange(n)).ravel()
    return [(start, start + length) for start in starts.tolist()]


def _assert_rewritten(
    program: Sequence[Call], pieces: Sequence[Sequence[Pieces]], places: Iterable[int], lent: Pieces
) -> None:
    """Walk through calls until all of the lent bytes are written anew; `pending` are those that are not."""
    pending = lent
    for place in places:
        if not pieces[place]:
            continue
        *read, written = pieces[place]
        for low, high in (piece for operand in read for piece in operand):
            found = any(low < end and start < high for start, end in pending)
            assert not found, f"{program[place][0]} reads lent memory before it is written anew"
        for low, high in written:
            pending = [part for start, end in pending for part in ((start, min(end, low)), (max(start, high), end))
                       if part[0] < part[1]]  # fmt: skip
        if not pending:
            return
