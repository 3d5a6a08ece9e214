"""The numbers of outcomes, metrics and diagnoses, as columns, and what has no column."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import copysign, isfinite, nan
from typing import Any

import numpy as np

from nnsweep.store.checksum import Floats
from nnsweep.store.rows import encode
from nnsweep.store.shapes import DIAGNOSIS, INTEGER, METRIC, REAL, Measures
from nnsweep.trainers.protocol import Outcome

KINDS = (METRIC, DIAGNOSIS)
EXACT = 2**53
"""Whole numbers up to this are all float64."""
Names = tuple[tuple[str, ...], tuple[str, ...]]
"""Of metrics and of diagnoses."""


@dataclass
class Numbers:
    """The numbers of some outcomes, by rows.

    `columns` are (rows,), by the number of the measure, NaN where a row has none. `names` are what each row has, and
    `others` as JSON what stands in no column.
    """

    columns: dict[int, Floats] = field(default_factory=dict)
    names: list[Names] = field(default_factory=list)
    others: dict[int, str] = field(default_factory=dict)


def to_columns(outcomes: Sequence[Outcome], measures: Measures, connection: sqlite3.Connection) -> Numbers:
    """Sort the numbers of outcomes into columns, which are made if they do not exist, inside a transaction."""
    found = Numbers(names=[((), ())] * len(outcomes))
    groups: dict[Names, list[int]] = defaultdict(list)
    for row, outcome in enumerate(outcomes):
        groups[tuple(outcome.metrics), tuple(outcome.diagnosis)].append(row)
    for names, rows in groups.items():
        places = [
            measures.make(connection, kind, name, REAL)
            for kind, of_kind in zip(KINDS, names, strict=True)
            for name in of_kind
        ]
        values = [(*outcomes[row].metrics.values(), *outcomes[row].diagnosis.values()) for row in rows]
        plain = _plain(values, places)
        if plain is None:
            for row in rows:
                _sort_out(found, row, outcomes[row], measures, connection)
            continue
        for place, column in zip(places, plain.T, strict=True):
            _column(found, place)[rows] = column
        for row in rows:
            found.names[row] = names
    return found


def _plain(values: Sequence[tuple[Any, ...]], places: Sequence[int]) -> Floats | None:
    """Give numbers as an array (rows, places) if each is a float that has a column; None otherwise."""
    if 0 in places or set(map(type, chain.from_iterable(values))) - {float}:
        return None
    found = np.fromiter(chain.from_iterable(values), float, len(values) * len(places))
    found = found.reshape(len(values), len(places))
    return found if (np.isfinite(found) & ((found != 0) | ~np.signbit(found))).all() else None


def _sort_out(found: Numbers, row: int, outcome: Outcome, measures: Measures, connection: sqlite3.Connection) -> None:
    kept = [_present(values) for values in (outcome.metrics, outcome.diagnosis)]
    others: list[dict[str, Any]] = [{}, {}]
    for kind, values, other in zip(KINDS, kept, others, strict=True):
        for name, value in values.items():
            of = _type(value)
            place = measures.make(connection, kind, name, of) if of else 0
            if place:
                _column(found, place)[row] = value
            else:
                other[name] = value
    found.names[row] = (tuple(kept[0]), tuple(kept[1]))
    if any(others):
        found.others[row] = encode({"metrics": others[0], "diagnosis": others[1]})


def _type(value: Any) -> str:
    """Give the type of the column for a value; nothing where it has none, since the column would change it."""
    if isinstance(value, float):
        return REAL if value or copysign(1, value) > 0 else ""
    return INTEGER if type(value) is int and abs(value) <= EXACT else ""


def _column(found: Numbers, place: int) -> Floats:
    return found.columns.setdefault(place, np.full(len(found.names), nan))


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not finite."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and not (isinstance(value, float) and not isfinite(value))
    }
