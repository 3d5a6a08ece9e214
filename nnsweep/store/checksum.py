"""Checksums of many trials at once: one of 64 bits for each row.

Every step is a bijection of the 64 bits, so that a change in one column always changes the checksum; changes in
several columns go unseen once in 2**64. The steps are those of SplitMix64 (Steele, Lea and Flood, 2014).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

START = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def checksums(columns: Sequence[Ints | Floats], measures: Iterable[tuple[int, Floats]]) -> Ints:
    """Compute the checksums of rows from their columns, each (rows,).

    `measures` are further columns with their numbers. What is NaN in them adds nothing, so that a new column leaves
    the checksums of earlier rows as they are.
    """
    found = np.full(len(columns[0]), START)
    for column in columns:
        found = _mix(found ^ column.view(np.uint64))
    for number, values in measures:
        present = ~np.isnan(values)
        if present.any():
            salted = _mix(found ^ values.view(np.uint64) ^ _mix(np.array([number], np.uint64)))
            found = np.where(present, salted, found)
    return found.view(np.int64)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ bits >> np.uint64(30)) * FIRST
    bits = (bits ^ bits >> np.uint64(27)) * SECOND
    return bits ^ bits >> np.uint64(31)
