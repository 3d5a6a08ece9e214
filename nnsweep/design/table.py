"""Tables as values: `config = { lr = 0.1, layers = [8, 8] }` for a function with a dict parameter."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

NONE = {"none": True}
"""None in a sweep file: TOML has no word for it."""


class Table(BaseModel):
    """A table with any keys, compared and hashed by its contents. It can be an axis value; a dict cannot."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())

    @cached_property
    def _text(self) -> str:
        return json.dumps(whole(self.model_dump()), sort_keys=True)

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self._text == other._text

    def __str__(self) -> str:
        """Name it in tables and figures: `lr = 0.1, layers = [8, 8]`."""
        pairs = self.model_dump().items()
        return (
            ", ".join(f"{key} = {each if isinstance(each, str) else json.dumps(each)}" for key, each in pairs) or "{}"
        )


def read(value: Any) -> Table:
    """Convert a dict from a file or a function's default to a table.

    Raises:
        PydanticCustomError: it is no dict with texts as keys.
    """
    if isinstance(value, Table):
        return value
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise PydanticCustomError("table", "a table")
    return Table.model_validate({key: _filled(each) for key, each in value.items()})


def _filled(value: Any) -> Any:
    """Replace the table for None by None, and tuples by lists."""
    if isinstance(value, dict):
        return None if value == NONE else {key: _filled(each) for key, each in value.items()}
    return [_filled(each) for each in value] if isinstance(value, list | tuple) else value


def whole(value: Any) -> Any:
    """Convert floats that are whole to integers, also in lists and tables, so that 1 and 1.0 are equal.

    >>> whole({"a": [1.0, 0.5, True], "b": -0.0})
    {'a': [1, 0.5, True], 'b': 0}
    """
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(whole, value))
    if isinstance(value, Table):
        return whole(value.model_dump())
    return int(value) if isinstance(value, float) and value.is_integer() else value


def may_be_whole(value: Any) -> bool:
    """Return whether `whole` may change the value."""
    return isinstance(value, tuple | Table) or (isinstance(value, float) and value.is_integer())


AnyTable = Annotated[Table, BeforeValidator(read, json_schema_input_type=dict[str, Any])]
"""A field of a pydantic model that holds a table."""
