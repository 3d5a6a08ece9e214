"""The table `history`: the histories of trainings, packed, and shared by the checkpoints of one training."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from math import isfinite, nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.store import contents
from nnsweep.store.rows import encode
from nnsweep.store.shapes import Lists
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trainers.protocol import EPOCH, LONG, compact

History = Mapping[str, Sequence[float]]
TYPES = {"f": "d", "i": "q"}
"""What NumPy's kinds are called in `array`, and in the store."""
ITEM = 8
"""Bytes of a number."""


class Packed(NamedTuple):
    """A history as it is stored: a record of numbers for each epoch; or JSON, with no lists, where these are mixed."""

    lists: Lists | None
    data: bytes | str
    epochs: int


EMPTY = Packed((), b"", 0)


def pack_all(histories: Sequence[History]) -> list[Packed]:
    """Pack histories: those with the same names together, which takes a tenth of the time."""
    found = [EMPTY] * len(histories)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, history in enumerate(histories):
        groups[tuple(history)].append(row)
    groups.pop((), None)
    for names, rows in groups.items():
        alike = [histories[row] for row in rows]
        packed = _pack(names, alike) or [(_pack(names, [each]) or [_as_json(each)])[0] for each in alike]
        for row, each in zip(rows, packed, strict=True):
            found[row] = each
    return found


def _pack(names: tuple[str, ...], histories: Sequence[History]) -> list[Packed] | None:
    """Pack histories of the same lists; None if a list has numbers of several types, or another length than others."""
    lengths = [len(history[names[0]]) for history in histories]
    columns = []
    for name in names:
        values = [history[name] for history in histories]
        column = _column(values) if [*map(len, values)] == lengths else None
        if column is None:
            return None
        columns.append(column)
    lists = tuple((name, TYPES[column.dtype.kind]) for name, column in zip(names, columns, strict=True))
    data = np.stack([column.view("<i8") for column in columns], axis=1).tobytes()
    ends = np.cumsum(lengths) * (ITEM * len(names))
    starts = (ends - np.array(lengths) * (ITEM * len(names))).tolist()
    return [
        Packed(lists, data[start:end], epochs)
        for start, end, epochs in zip(starts, ends.tolist(), lengths, strict=True)
    ]


def _column(lists: Sequence[Sequence[float]]) -> np.ndarray | None:
    """Join lists of numbers of one type, which is float64 or int64; what is not finite becomes NaN."""
    types = set(map(type, chain.from_iterable(lists)))
    count = sum(map(len, lists))
    if types == {int}:
        try:
            return np.fromiter(chain.from_iterable(lists), "<i8", count)
        except OverflowError:
            return None
    if not all(issubclass(each, float) for each in types):
        return None
    column = np.fromiter(chain.from_iterable(lists), "<f8", count)
    column[~np.isfinite(column)] = nan
    return column


def _as_json(history: History) -> Packed:
    try:
        return Packed(None, encode(history), 0)
    except ValueError:  # NaN or infinity, which JSON does not have
        nulls = {name: [value if _is_finite(value) else None for value in values] for name, values in history.items()}
        return Packed(None, encode(nulls), 0)


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or isfinite(value)


class Stored(NamedTuple):
    """A row of the table `history`: the first `head` epochs of the row `base`, if it is not 0, and further data."""

    base: int
    head: int
    data: bytes | str


def share(histories: Sequence[Packed], last: int) -> tuple[list[Stored], list[int]]:
    """Give the rows to store, numbered on from `last`, and for each history the number of its row; 0 without data.

    A history with which another one begins has no row of its own. One of which that is true but for its last epoch
    stores this epoch alone: with `measure_every`, the last epoch of each checkpoint is measured besides.
    """
    rows: list[Stored] = []
    numbers = [0] * len(histories)
    whole: dict[Lists | None, tuple[list[Any], list[int]]] = {}
    order = sorted((row for row, each in enumerate(histories) if each.data), key=lambda row: -len(histories[row].data))
    for row in order:
        lists, data, epochs = histories[row]
        known, places = whole.setdefault(lists, ([], []))
        at = bisect_left(known, data)
        if at < len(known) and _begins(known[at], data, lists):
            numbers[row] = places[at]
            continue
        record = ITEM * len(lists or ())
        most = bisect_left(known, data[:-record]) if epochs > 2 else len(known)
        if most < len(known) and known[most].startswith(data[:-record]):
            rows.append(Stored(places[most], epochs - 1, data[-record:]))
        else:
            rows.append(Stored(0, 0, data))
            known.insert(at, data)
            places.insert(at, last + len(rows))
        numbers[row] = last + len(rows)
    return rows, numbers


def share_trainings(outcomes: OutcomeColumns, last: int) -> tuple[Lists, list[Stored], NDArray[np.int64]]:
    """Give the lists, the rows to store, numbered on from `last`, and the number of each trial's, as `share` does."""
    epochs = np.zeros(len(outcomes.starts), np.int64)
    np.maximum.at(epochs, outcomes.training, outcomes.epochs)
    lists = tuple((name, "d") for name in outcomes.metrics)
    numbers, known = np.zeros(len(epochs), np.int64), dict[bytes, int]()
    whole, size = outcomes.records.astype("<f8").tobytes(), ITEM * len(lists)
    there = np.flatnonzero(epochs) if lists else np.zeros(0, np.intp)
    starts = outcomes.starts[there]
    ends = starts + epochs[there]
    found = [whole[start:end] for start, end in zip((starts * size).tolist(), (ends * size).tolist(), strict=True)]
    numbers[there] = [known.setdefault(data, last + len(known) + 1) for data in found]
    return lists, [Stored(0, 0, data) for data in known], numbers[outcomes.training]


def _begins(whole: Any, part: Any, lists: Lists | None) -> bool:
    return whole == part if lists is None else whole.startswith(part)


class Based(NamedTuple):
    """The data of a history that begins with those of another one."""

    base: Any
    head: int
    data: bytes


def unpack(data: Any, lists: Lists | None) -> History:
    """Give the lists of a training, of all its epochs.

    Raises:
        ValueError, TypeError, AttributeError, OverflowError, RecursionError: nnsweep did not write them.
    """
    if lists is None:
        return _unpack_json(data)
    if isinstance(data, Based):
        if not isinstance(data.base, bytes) or not 0 < data.head * ITEM * len(lists) <= len(data.base):
            raise contents.Foreign("a history")
        data = data.base[: data.head * ITEM * len(lists)] + data.data
    if not isinstance(data, bytes) or not lists or len(data) % (ITEM * len(lists)):
        raise contents.Foreign("a history")
    records = np.frombuffer(data, "<i8").reshape(-1, len(lists))
    found = {name: _numbers(records[:, place], kind) for place, (name, kind) in enumerate(lists)}
    if EPOCH in found:
        contents.check_histories([{EPOCH: found[EPOCH]}])
    return found


def _numbers(column: np.ndarray, kind: str) -> Sequence[float]:
    values = np.ascontiguousarray(column).view(f"<{'f' if kind == 'd' else 'i'}8")
    if kind == "d" and np.isinf(values).any():
        raise contents.Foreign("not finite")
    return (
        values.tolist() if len(values) < LONG else array(kind, values.astype(values.dtype.newbyteorder("=")).tobytes())
    )


def _unpack_json(text: Any) -> History:
    history = contents.parse(text)
    contents.check_histories([history])
    return compact({name: [nan if value is None else value for value in each] for name, each in history.items()})


def first(history: History, lists: Lists | None, epochs: int) -> History:
    """Give the first epochs of a training.

    Raises:
        Foreign: it has fewer.
    """
    if lists is None:
        return history
    if not lists:
        return {}
    if not 0 <= epochs <= len(next(iter(history.values()), ())):
        raise contents.Foreign("a history")
    return {name: _short(values[:epochs]) for name, values in history.items()}


def _short(values: Any) -> Sequence[float]:
    return values if isinstance(values, list) or len(values) >= LONG else values.tolist()
