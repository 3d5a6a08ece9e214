"""A column of targets: amounts as they are, classes as columns of 0 and 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nnsweep.data.arrays import Array, one_hot
from nnsweep.data.words import quoted
from nnsweep.errors import DataError

MOST = 1_000
"""Classes of one column; more are rather names or numbers of the rows."""
MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}
"""Texts, in small letters, that stand for a missing value."""

Where = Callable[[int | None], str]
"""Names the file and column, and the line of the row of this place."""


def targets_of(cells: Sequence[str], classes: bool, where: Where) -> Array:
    """Make cells (N,) columns (N, O): one of amounts, one of 0 and 1 for two classes, or one for each of more.

    Classes are sorted, numbers by size, so that of two classes the second is 1.

    >>> targets_of(["b", "a", "b"], False, str).ravel().tolist()
    [1.0, 0.0, 1.0]

    Raises:
        DataError: a value is missing, numbers and texts are mixed, or there are too few or too many classes.
    """
    for place, cell in enumerate(cells):
        if cell.strip().lower() in MISSING:
            what = f"found {quoted(cell)}, which stands for a missing value" if cell.strip() else "found an empty cell"
            raise DataError(f"{where(place)}: {what}; allowed: a number or the name of a class")
    numbers = [_number(cell) for cell in cells]
    texts = numbers.count(None)
    if not (texts or classes):
        return _amounts(cells, numbers, where)
    if 0 < texts < len(cells) and not classes:
        place = numbers.index(None)
        mixed = f"found {quoted(cells[place])} among numbers; allowed: numbers alone, or `classes = true`"
        raise DataError(f"{where(place)}: {mixed}")
    return _classes([cell.strip() for cell in cells] if texts else numbers, where)


def _amounts(cells: Sequence[str], numbers: Sequence[float | None], where: Where) -> Array:
    amounts = np.array(numbers, dtype=np.float64)
    if not np.isfinite(amounts).all():
        place = int(np.argmin(np.isfinite(amounts)))
        raise DataError(f"{where(place)}: found {quoted(cells[place])}; allowed: a finite number")
    return amounts[:, None]


def _classes(keys: Sequence[str | float | None], where: Where) -> Array:
    names, labels = np.unique(np.array(keys), return_inverse=True)
    if not 2 <= len(names) <= MOST:
        found = "one class" if len(names) == 1 else f"{len(names):,} classes"
        raise DataError(f"{where(None)}: found {found}; allowed: 2 to {MOST:,}")
    return labels[:, None].astype(np.float64) if len(names) == 2 else one_hot(labels, len(names))


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
