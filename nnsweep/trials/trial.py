"""One trial: its place in a grid, its complete parameters, and its id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nnsweep.design.spelling import to_json
from nnsweep.design.sweep import plain

DIGITS = 16
"""Hex digits of an id: 64 bits, so that two of a million trials share one by chance in 1 of 37 million sweeps."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One training and its place in the grid.

    `settings` are the axes' names as the file spells them, with this trial's values, in axis order; `params` are
    the trainer's complete parameters under their canonical names. `params_json` is their canonical JSON, without those
    added later that have their defaults.
    """

    id: str
    settings: Mapping[str, Any]
    params: Mapping[str, Any]
    params_json: str


def canonical_json(value: Any) -> str:
    """Write a value in the one way that ids are made from: sorted keys, no spaces, tuples as lists, models as tables.

    >>> canonical_json({"b": (2, 4), "a": 0.5})
    '{"a":0.5,"b":[2,4]}'
    """
    return to_json(value, sort_keys=True, separators=(",", ":"), default=plain)
