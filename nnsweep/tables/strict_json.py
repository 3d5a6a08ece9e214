"""Writes JSON that every reader accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite, isnan
from typing import Any

from pydantic import BaseModel

from nnsweep.design.columns import public_names
from nnsweep.design.sweep import plain
from nnsweep.format import OBEYED


def to_json(value: Any, indent: int | None = 2) -> str:
    """Write a value as JSON, a table as a list of rows; a missing value or NaN is null, infinity is "inf".

    Characters that a terminal obeys are escaped.

    >>> to_json({"error": float("nan"), "hidden": (8, 8)}, indent=None)
    '{"error": null, "hidden": [8, 8]}'
    """
    text = json.dumps(_strict(value), indent=indent, ensure_ascii=False, allow_nan=False)
    # A line's end is layout here: json.dumps has escaped those of texts.
    return OBEYED.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def _strict(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value) if isfinite(value) else None if isnan(value) else str(float(value))
    if isinstance(value, Mapping):
        return {str(name): _strict(each) for name, each in value.items()}
    if isinstance(value, BaseModel):
        return plain(value)
    if hasattr(value, "to_dict"):  # a DataFrame
        return _strict(value.set_axis(public_names(map(str, value)), axis="columns").to_dict("records"))
    if hasattr(value, "tolist"):  # an array or number of NumPy
        return _strict(value.tolist())
    if type(value).__name__ == "NAType":  # a missing integer of pandas
        return None
    return [_strict(each) for each in value]
