"""The field `data` of a sweep file: a name, or a table that describes a data set."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Union

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError, WithJsonSchema
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from nnsweep.data.data_source import DataSource
from nnsweep.data.function import FUNCTION, is_function
from nnsweep.data.sets import DATASETS

OTHERS = ('"package.module:function"', "{ gate }", "{ csv, target }", "{ mnist }", "{ inputs, targets }")
"""What is allowed besides the name of a data set."""


@cache
def data_sources() -> Mapping[str, type[DataSource]]:
    """Return the class of a table by the first of these keys that the table has."""
    from nnsweep.data.csv import Csv  # Most sweep files name a data set, and need none of these.
    from nnsweep.data.gates import Gate
    from nnsweep.data.inline import Inline
    from nnsweep.data.mnist import Mnist

    return {"gate": Gate, "csv": Csv, "mnist": Mnist, "inputs": Inline, "targets": Inline}


def read(value: Any) -> str | DataSource:
    """Check a name, or the keys and values of a table. No file is opened.

    >>> read({"gate": "nand", "inputs": 3}), read("xor")
    (Gate(gate='nand', inputs=3, constants=0), 'xor')

    Raises:
        ValidationError: a key or value of a table is wrong. For an unknown key the context lists the `choices`.
        PydanticCustomError: the value as a whole is wrong.
    """
    if isinstance(value, DataSource) or (isinstance(value, str) and (value in DATASETS or is_function(value))):
        return value
    if isinstance(value, dict):
        return _data_source(value)
    names = (*DATASETS, *OTHERS)
    raise PydanticCustomError("data_set", "the name of a data set, or a table", {"choices": names})


def _data_source(table: dict[str, Any]) -> str | DataSource:
    kinds = data_sources()
    kind = next((kinds[key] for key in kinds if key in table), None)
    known = {key for source in kinds.values() for key in source.model_fields}
    strange = [key for key in table if key not in known]
    if not table:
        raise PydanticCustomError("data_set", "{forms}", {"forms": " or ".join(OTHERS[1:])})
    if kind is None or (kind is kinds["inputs"] and strange and not {"inputs", "targets"} <= table.keys()):
        raise _errors("data", [_unknown([*strange, *table][0], tuple(kinds), table)])
    try:
        source = kind.model_validate(table)
    except ValidationError as failure:
        raise _with_choices(failure, kind) from None
    # `{ gate = "xor" }` and "xor" are the same data set, so that they must be equal in ids and tables.
    return str(source) if kind is kinds["gate"] and str(source) in DATASETS else source


def _with_choices(failure: ValidationError, kind: type[DataSource]) -> ValidationError:
    """Add the allowed keys to pydantic's errors of unknown keys."""
    choices = tuple(kind.model_fields)
    return _errors(kind.__name__, [_detail(error, choices) for error in failure.errors(include_url=False)])


def _detail(error: Any, choices: tuple[str, ...]) -> InitErrorDetails:
    if error["type"] == "extra_forbidden":
        return _unknown(error["loc"][-1], choices, error["input"])
    return InitErrorDetails(type=error["type"], loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))


def _unknown(key: str, choices: tuple[str, ...], found: Any) -> InitErrorDetails:
    wrong = PydanticCustomError("unknown_key", "a known key", {"choices": choices})
    return InitErrorDetails(type=wrong, loc=(key,), input=found)


def _errors(title: str, details: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data(title, details)


NAME = {"anyOf": [{"type": "string", "enum": list(DATASETS)}, {"type": "string", "pattern": FUNCTION}]}


class _Read:
    """A pydantic annotation: what `read` accepts. The models of all tables are built only for a JSON Schema."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        written: Any = Union[Annotated[str, WithJsonSchema(NAME)], *dict.fromkeys(data_sources().values())]  # pyright: ignore
        return handler(TypeAdapter(written).core_schema)


DataField = Annotated[str | DataSource, _Read()]
"""A field of a pydantic model that names a data set."""
