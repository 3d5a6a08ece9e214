"""Ids as numbers: the 16 hex digits of an id are 64 bits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint64]
"""Ids of trials, (T,), as numbers."""
BYTES = 8


def to_numbers(texts: Iterable[str]) -> Ids:
    """Read ids, texts of hex digits, as numbers.

    >>> to_numbers(["00000000000000ff", "0000000000000010"]).tolist()
    [255, 16]
    """
    return np.array([int(text, 16) for text in texts], dtype=np.uint64)


def to_texts(numbers: Ids) -> NDArray[np.object_]:
    """Write ids as texts of 16 hex digits, (T,).

    >>> to_texts(np.array([255, 16], dtype=np.uint64)).tolist()
    ['00000000000000ff', '0000000000000010']
    """
    digits, width = numbers.astype(">u8").tobytes().hex(), 2 * BYTES
    return np.array([digits[start : start + width] for start in range(0, len(digits), width)], dtype=object)
