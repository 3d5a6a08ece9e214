"""Values as a sweep file writes them."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel


def spell(value: Any) -> str:
    """Write a value in TOML, whole: no two values have one spelling.

    >>> spell((8, True, "relu")), spell(1e-05), spell({"gate": "xor", "inputs": 3})
    ('[8, true, "relu"]', '1e-05', '{ gate = "xor", inputs = 3 }')
    """
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(spell, value))}]"
    if isinstance(value, BaseModel):
        return spell(value.model_dump(exclude_defaults=True))
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {spell(each)}' for key, each in value.items())} }}"
    return str(value)
