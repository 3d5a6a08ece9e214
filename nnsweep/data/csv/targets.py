"""Converts a column of targets: amounts to one column, classes to columns of 0 and 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnsweep.data.arrays import Array, check_size, one_hot
from nnsweep.data.csv.numbers import DATE, Numbers
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

MOST = 1_000
"""Classes of one column, at most: more are probably names or numbers of the rows."""
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "<na>", "#n/a", "#na"}
"""Texts, in lower case, that mean a missing value."""

Where = Callable[[int | None], str]
"""Describes the file, the column, and the line of the row at this place."""


def targets_of(cells: Sequence[str], classes: bool, numbers: Numbers, where: Where) -> Array:
    """Convert cells (N,) to columns (N, O): one of amounts, one of 0 and 1 for two classes, or one for each class.

    Classes are sorted, numbers by size. The second of two classes is 1.

    >>> targets_of(["b", "a", "b"], False, Numbers(), str).ravel().tolist()
    [1.0, 0.0, 1.0]

    Raises:
        DataError: numbers and texts are mixed, a number is not finite, or there are too few or too many classes.
    """
    written = [numbers.written(cell) for cell in cells]
    texts = written.count(None)
    if texts and not classes:
        _refuse_numbers(cells, written, numbers, where)
    if texts:
        return _classes([cell.strip() for cell in cells], where)
    known = [number for number in written if number is not None]
    return _classes([(float(number), _code(number)) for number in known], where) if classes else _amounts(known, where)


def _refuse_numbers(cells: Sequence[str], written: Sequence[str | None], numbers: Numbers, where: Where) -> None:
    """Refuse texts that may be meant as numbers or dates instead of names of classes."""
    place = written.index(None)
    found, hint = f"{where(place)}: found {quoted(cells[place])}", numbers.hint(cells[place])
    if cells[place].strip().lstrip("+-").lower() in ("inf", "infinity", "nan"):
        raise DataError(f"{found}; allowed: a finite number")
    if written.count(None) < len(cells):
        raise DataError(f"{found} among numbers; allowed: numbers alone, or `classes = true`{hint}")
    if hint and all(map(numbers.hint, cells)):
        raise DataError(f"{found}{hint}, or `classes = true`")
    if all(DATE.fullmatch(cell.strip()) for cell in cells):
        raise DataError(f"{found}, a date; allowed: numbers or names of classes, or `classes = true`")


def _amounts(numbers: Sequence[str], where: Where) -> Array:
    amounts = np.array([float(number) for number in numbers])
    if not np.isfinite(amounts).all():
        place = int(np.argmin(np.isfinite(amounts)))
        raise DataError(f"{where(place)}: found {quoted(numbers[place])}; allowed: a finite number")
    return amounts[:, None]


def _code(number: str) -> str:
    """Write a number as a code: `9` and `9.0` are equal; `9` and `09` differ, and so do numbers equal in float64."""
    code = number.removeprefix("+")
    code = code.partition(".")[0] if re.fullmatch(r"-?\d+\.0*", code) else code
    return "0" if code == "-0" else code


def _classes(keys: Sequence[Any], where: Where) -> Array:
    names = sorted(set(keys))
    if not 2 <= len(names) <= MOST:
        found = "one class" if len(names) == 1 else f"{len(names):,} classes"
        raise DataError(f"{where(None)}: found {found}; allowed: 2 to {MOST:,}")
    check_size(len(keys), len(names), where(None))
    places = {name: place for place, name in enumerate(names)}
    labels = np.array([places[key] for key in keys])
    return labels[:, None].astype(np.float64) if len(names) == 2 else one_hot(labels, len(names))
