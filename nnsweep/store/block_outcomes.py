"""Outcomes of a block of trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnsweep.store import contents
from nnsweep.store.histories import History, first
from nnsweep.store.measured import KINDS
from nnsweep.store.shapes import INTEGER, REAL, Shape
from nnsweep.store.trial_reader import Block
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import to_texts

Unpacked = Callable[[int, Shape], History]
"""Gives a history, of all epochs of its training, by its number."""


def to_outcomes(block: Block, unpacked: Unpacked) -> dict[str, Outcome]:
    """Make outcomes by id, in the order of the block.

    Raises:
        ValueError, TypeError, AttributeError, OverflowError, RecursionError: nnsweep did not write something.
    """
    found: list[Any] = [None] * len(block)
    for shape, rows in block.by_shape():
        for row, outcome in zip(rows.tolist(), _of_shape(block, shape, rows, unpacked), strict=True):
            found[row] = outcome
    return dict(zip(to_texts(block.ids).tolist(), found, strict=True))


def _of_shape(block: Block, shape: Shape, rows: NDArray[np.intp], unpacked: Unpacked) -> list[Outcome]:
    metrics, diagnoses = (
        _columns(block, kind, names, rows) for kind, names in zip(KINDS, (shape.metrics, shape.diagnosis), strict=True)
    )
    seconds, failures = (block.columns[name][rows].tolist() for name in ("seconds", "failure"))
    histories = _histories(block, shape, rows, unpacked)
    return [
        Outcome(shape.status, *each)
        for each in zip(metrics, histories, seconds, map(block.failures.get, failures), diagnoses, strict=True)
    ]


def _histories(block: Block, shape: Shape, rows: NDArray[np.intp], unpacked: Unpacked) -> list[History]:
    numbers, epochs = (block.columns[name][rows].tolist() for name in ("history", "epochs"))
    asked = list(zip(numbers, epochs, strict=True))
    found = {each: first(unpacked(each[0], shape), shape.history, each[1]) for each in set(asked) if each[0]}
    nothing = {name: [] for name, _ in shape.history or ()}
    return [found.get(each, nothing) for each in asked]


def _columns(block: Block, kind: str, names: Sequence[str], rows: NDArray[np.intp]) -> list[dict[str, Any]]:
    columns = [_values(block, kind, name, rows) for name in names]
    tables: list[dict[str, Any]] = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    tables = tables or [{} for _ in rows]
    if any(None in table.values() for table in tables):
        for id, table in zip(block.columns["id"][rows].tolist(), tables, strict=True):
            _complete(table, block.others.get(id), kind)
    return tables


def _values(block: Block, kind: str, name: str, rows: NDArray[np.intp]) -> list[Any]:
    """Give the numbers of a name, None for what stands in no column."""
    found: list[Any] = [None] * len(rows)
    for of in (REAL, INTEGER):
        number = block.names.find(kind, name, of)
        if number:
            values = block.measures[number][rows].tolist()
            there = [value == value for value in values]
            if of == REAL and all(there):
                return values
            converted = float if of == REAL else int
            found = [
                converted(new) if is_there else old for old, new, is_there in zip(found, values, there, strict=True)
            ]
    return found


def _complete(table: dict[str, Any], text: str | None, kind: str) -> None:
    """Fill in the numbers that have no column.

    Raises:
        Foreign: there are none.
    """
    missing = [name for name, value in table.items() if value is None]
    if missing:
        numbers: Mapping[str, Any] = contents.parse(text or "{}")["metrics" if kind == KINDS[0] else kind]
        table.update((name, numbers[name]) for name in missing)
        contents.check_numbers(chain(table.values()))
        if None in table.values():
            raise contents.Foreign("no number")
