"""Ids as the store keeps them: 16 hex digits are an integer of 64 bits, of SQLite's, with a sign."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from nnsweep.trials import ids

Signed = NDArray[np.int64]

TEXT = re.compile(r"[0-9a-f]{16}")


def from_texts(texts: Iterable[str]) -> Signed:
    """Convert texts of 16 hex digits."""
    return ids.to_numbers(texts).view(np.int64)


def to_texts(numbers: Signed) -> list[str]:
    """Convert to texts of 16 hex digits."""
    return ids.to_texts(numbers.view(np.uint64)).tolist()


def is_id(text: object) -> bool:
    """Whether a text can be the id of a stored trial."""
    return isinstance(text, str) and TEXT.fullmatch(text) is not None
