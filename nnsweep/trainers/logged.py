"""What a function logs while it trains: as rows that it gave, as bytes for the store, as a history."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, groupby
from operator import index, itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.data.users import described
from nnsweep.trainers.protocol import EPOCH

History = dict[str, Sequence[float]]
Row = tuple[int | None, Mapping[str, Any]]
"""A step, or None for the next one, and numbers by name."""
LARGEST_STEP = 2**53
"""All whole numbers up to this can be stored as float64."""
NEXT = -(2**63)
"""Stands in a packed row for the step after the one before."""
ITEM = 8
"""Bytes of a number."""


class Part(NamedTuple):
    """A part of what a trial logs: its number, from 0 on, and its content."""

    number: int
    data: bytes


@dataclass(frozen=True, eq=False)
class Block:
    """Rows of the same names: steps (rows,), and values (rows, names)."""

    names: tuple[str, ...]
    steps: NDArray[np.int64]
    values: NDArray[np.float64]


def whole(step: Any) -> int | None:
    """Read a step; None for what is none."""
    number: Any = int(step) if isinstance(step, float) and step.is_integer() else step
    try:
        found = index(number)
    except TypeError:
        return None
    return found if 0 <= found <= LARGEST_STEP else None


def blocks_of(rows: Sequence[Row], last: int) -> list[Block]:
    """Put rows into blocks. A row without a step has the one after that of the row before it, first of all `last`.

    Raises:
        OverflowError: a step is negative, or it or a number is too large.
    """
    steps = _checked(_steps([step for step, _ in rows], last))
    values = [values for _, values in rows]
    if values and len(set(map(len, values))) == 1:
        with suppress(KeyError):  # other names
            return [_block(tuple(values[0]), steps, values)]
    blocks, start = [], 0
    for names, group in groupby(values, key=tuple):
        same = list(group)
        blocks.append(_block(names, steps[start : start + len(same)], same))
        start += len(same)
    return blocks


def packer(count: int) -> struct.Struct:
    """Give what packs a row of so many numbers: its step, or `NEXT`, and the numbers."""
    return struct.Struct(f"<q{count}d")


def unpacked(names: tuple[str, ...], data: bytearray) -> list[Row]:
    """List the rows that were packed."""
    rows = packer(len(names)).iter_unpack(data)
    return [(None if step == NEXT else step, dict(zip(names, values, strict=True))) for step, *values in rows]


def block_of_run(names: tuple[str, ...], data: bytearray, last: int) -> Block:
    """Put packed rows of the same names into a block. Steps are as in `blocks_of`.

    Raises:
        OverflowError: a step is negative or too large.
    """
    rows = np.frombuffer(data, [("step", "<i8"), ("values", "<f8", (len(names),))])
    steps = rows["step"]
    if (steps == NEXT).any():
        steps = _steps([None if step == NEXT else step for step in steps.tolist()], last)
    return Block(names, _checked(steps), rows["values"])


def _packed(kind: str, numbers: Sequence[Any]) -> NDArray[Any]:
    """Make an array of Python numbers. `struct` takes less than half the time of NumPy to read them."""
    try:
        return np.frombuffer(struct.pack(f"<{len(numbers)}{kind}", *numbers), f"<{kind}")
    except struct.error:
        raise OverflowError from None


def _checked(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(steps) and not (steps.min() >= 0 and steps.max() <= LARGEST_STEP):
        raise OverflowError
    return steps


def _block(names: tuple[Any, ...], steps: NDArray[np.int64], rows: Sequence[Mapping[str, Any]]) -> Block:
    columns = [_packed("d", list(map(itemgetter(name), rows))) for name in names]
    known = tuple(name if isinstance(name, str) else described(name) for name in names)
    return Block(known, steps, np.stack(columns, axis=1))


def _steps(given: list[int | None], last: int) -> NDArray[np.int64]:
    with suppress(OverflowError):  # some are None, or too large
        return _packed("q", given)
    if given.count(None) == len(given):
        return np.arange(last + 1, last + 1 + len(given), dtype="<i8")
    steps = []
    for step in given:
        last = last + 1 if step is None else step
        steps.append(last)
    return _packed("q", steps)


def to_bytes(blocks: Sequence[Block]) -> bytes:
    """Write blocks: a line of JSON that gives the names and the number of rows of each, then all numbers."""
    header = json.dumps([[block.names, len(block.steps)] for block in blocks], separators=(",", ":"))
    parts = (array.tobytes() for block in blocks for array in (block.steps, block.values))
    return b"".join([header.encode(), b"\n", *parts])


def from_bytes(data: bytes) -> list[Block]:
    """Read what `to_bytes` wrote.

    Raises:
        ValueError, TypeError, RecursionError: it did not write it.
    """
    header, _, body = data.partition(b"\n")
    return list(_read_blocks(json.loads(header), body))


def _read_blocks(header: Any, body: bytes) -> Iterator[Block]:
    place = 0
    for names, rows in header:
        if type(rows) is not int or rows < 1 or not all(isinstance(name, str) for name in names):
            raise ValueError("no block")
        steps = np.frombuffer(body, "<i8", rows, place)
        values = np.frombuffer(body, "<f8", rows * len(names), place + rows * ITEM)
        place += rows * ITEM * (1 + len(names))
        yield Block(tuple(names), steps, values.reshape(rows, len(names)))
    if place != len(body):
        raise ValueError("no blocks")


def history_of(blocks: Sequence[Block]) -> History:
    """Make a history: for each step, in ascending order, the last number that was logged under each name, else NaN.

    Steps that are not 1, 2, … are its list `epoch`.
    """
    if not blocks:
        return {}
    steps = np.unique(np.concatenate([block.steps for block in blocks]))
    lists = {name: np.full(len(steps), np.nan) for name in dict.fromkeys(chain(*(block.names for block in blocks)))}
    for block in blocks:
        places = np.searchsorted(steps, block.steps)
        for column, name in enumerate(block.names):
            lists[name][places] = block.values[:, column]
    found: History = {name: values.tolist() for name, values in lists.items()}
    counted = steps[0] == 1 and steps[-1] == len(steps)
    return found if counted else found | {EPOCH: steps.tolist()}
