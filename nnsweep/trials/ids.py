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


class KnownIds:
    """Ids to which more are added."""

    def __init__(self, ids: Ids) -> None:
        self.ids = distinct(ids)
        """The ids, sorted."""

    def add(self, ids: Ids) -> None:
        """Add ids, which may be known already."""
        ids = np.sort(ids)
        new = ids[~are_among(ids, self.ids) & (np.diff(ids, prepend=ids[:1] ^ np.uint64(1)) != 0)]
        self.ids = np.insert(self.ids, np.searchsorted(self.ids, new), new)


def distinct(ids: Ids) -> Ids:
    """Sort ids, each once.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    # np.unique puts them into a hash table, which takes ten times as long for a million different ids.
    ordered = ids if (ids[1:] > ids[:-1]).all() else np.sort(ids)
    again = ordered[1:] == ordered[:-1]
    return ordered[np.append(True, ~again)] if again.any() else ordered


def are_among(ids: Ids, known: Ids) -> NDArray[np.bool_]:
    """Tell which ids are among others, which are sorted; it costs nothing to have many of these.

    >>> are_among(np.array([1, 2, 3]), np.array([2, 5])).tolist()
    [False, True, False]
    """
    return places_among(ids, known) >= 0


def places_among(ids: Ids, known: Ids) -> NDArray[np.intp]:
    """Find the place of each id among others, which are sorted; −1 of one that is not there.

    >>> places_among(np.array([1, 2, 3]), np.array([2, 5])).tolist()
    [-1, 0, -1]
    """
    if not len(known):
        return np.full(len(ids), -1)
    places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[places] == ids, places, -1)


def to_digits(numbers: Ids) -> NDArray[np.bytes_]:
    """Write ids as 16 ASCII digits each, (T,): a fifth of the memory of texts.

    >>> to_digits(np.array([255], dtype=np.uint64)).tolist()
    [b'00000000000000ff']
    """
    return np.frombuffer(numbers.astype(">u8").tobytes().hex().encode(), dtype=f"S{2 * BYTES}")


def to_texts(numbers: Ids) -> NDArray[np.object_]:
    """Write ids as texts of 16 hex digits, (T,).

    >>> to_texts(np.array([255, 16], dtype=np.uint64)).tolist()
    ['00000000000000ff', '0000000000000010']
    """
    digits, width = numbers.astype(">u8").tobytes().hex(), 2 * BYTES
    return np.array([digits[start : start + width] for start in range(0, len(digits), width)], dtype=object)
