"""What may stand for a data set in a sweep file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from nnsweep.data.csv import Csv
from nnsweep.data.form import Form
from nnsweep.data.function import FUNCTION, is_function
from nnsweep.data.gates import Gate
from nnsweep.data.inline import Inline
from nnsweep.data.mnist import Mnist
from nnsweep.data.sets import DATASETS

FORMS: dict[str, type[Form]] = {"gate": Gate, "csv": Csv, "mnist": Mnist, "inputs": Inline, "targets": Inline}
"""Which form a table is, by the first of these keys that it has."""
OTHERS = ('"package.module:function"', "{ gate }", "{ csv, target }", "{ mnist }", "{ inputs, targets }")
"""What may stand for a data set besides a name."""


def read(value: Any) -> str | Form:
    """Check a name, or a table's keys and values; no file is opened.

    >>> read({"gate": "nand", "inputs": 3}), read("xor")
    (Gate(gate='nand', inputs=3, constants=0), 'xor')

    Raises:
        ValidationError: a key or value of a table is wrong; of an unknown key, the context lists the `choices`.
        PydanticCustomError: the same, of the value as a whole.
    """
    if isinstance(value, Form) or (isinstance(value, str) and (value in DATASETS or is_function(value))):
        return value
    if isinstance(value, dict):
        return _form(value)
    names = (*DATASETS, *OTHERS)
    raise PydanticCustomError("data_set", "the name of a data set, or a table", {"choices": names})


def _form(table: dict[str, Any]) -> str | Form:
    kind = next((FORMS[key] for key in FORMS if key in table), None)
    known = {key for form in FORMS.values() for key in form.model_fields}
    strange = [key for key in table if key not in known]
    if not table:
        raise PydanticCustomError("data_set", "{forms}", {"forms": " or ".join(OTHERS[1:])})
    if kind is None or (kind is Inline and strange and not {"inputs", "targets"} <= table.keys()):
        raise _errors("data", [_unknown([*strange, *table][0], tuple(FORMS), table)])
    try:
        form = kind.model_validate(table)
    except ValidationError as failure:
        raise _with_choices(failure, kind) from None
    # `{ gate = "xor" }` and "xor" are one data set, so that they are one in ids and tables.
    return form.gate if isinstance(form, Gate) and str(form) == form.gate else form


def _with_choices(failure: ValidationError, kind: type[Form]) -> ValidationError:
    """Add to unknown keys what pydantic leaves out: which are allowed."""
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

Source = Annotated[
    str | Gate | Csv | Mnist | Inline,
    PlainValidator(read, json_schema_input_type=Annotated[str, WithJsonSchema(NAME)] | Gate | Csv | Mnist | Inline),
]
"""A field of a pydantic model that names a data set."""
