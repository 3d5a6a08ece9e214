"""Translates pydantic's errors into the words of a sweep file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from nnsweep import format
from nnsweep.sweepfile.problems import Path, Problem, show, show_name

PHRASES = {
    "a valid number": "a number",
    "a finite number": "a finite number",
    "a valid integer": "a whole number",
    "a valid string": "text",
    "a valid boolean": "true or false",
    "a valid tuple": "a list",
    "a valid list": "a list",
    "a valid dictionary": "a table",
    "a valid dictionary or instance of": "a table",
}
"""Pydantic's phrases after "Input should be", and ours."""


def of_model(error: ValidationError, model: type[BaseModel], path: Path = (), inside: str = "") -> list[Problem]:
    """Turn a table's errors into problems below `path`; `inside` names the table in messages: " in [axes]"."""
    return [_of_table(each, model, path, inside) for each in error.errors(include_url=False)]


def of_value(errors: Sequence[Any], value: Any, path: Path, what: str) -> list[Problem]:
    """Turn the errors of one value into problems: one for each key of a table, else a single one."""
    errors = [error for error in errors if not _echoes(error, errors)]
    keyed = [error for error in errors if _is_of_key(error, value)]
    return [_of_key(error, path, what) for error in keyed] or [_of_item(errors, value, path, what)]


def _echoes(error: Any, errors: Sequence[Any]) -> bool:
    """Return whether pydantic reports a list as too short only because its items are wrong."""
    at = error["loc"]
    return error["type"] == "too_short" and any(e["loc"][: len(at)] == at != e["loc"] for e in errors)


def _is_of_key(error: Any, value: Any) -> bool:
    """Return whether an error concerns a key of a table, and not one of the kinds of value that were tried."""
    _, *inner = error["loc"] or [""]
    return isinstance(value, dict) and bool(inner) and (inner[0] in value or error["type"] == "missing")


def _of_key(error: Any, path: Path, what: str) -> Problem:
    _, key, *_ = error["loc"]
    if error["type"] == "unknown_key":
        return Problem((*path, key), f"unknown key {show_name(key)} in {what}", "", error["ctx"]["choices"], key)
    if error["type"] == "missing":
        return Problem(path, f"{show_name(key)} is missing in {what}")
    below = {**error, "loc": error["loc"][1:]}
    return _of_item([below], error["input"], (*path, key), f"{show_name(key)} in {what}")


def _of_item(errors: Sequence[Any], value: Any, path: Path, what: str) -> Problem:
    """Turn the errors of a value, or of its first wrong item, into one problem; alternatives are joined by "or"."""
    first = errors[0]
    inner = _items(first)
    errors = [each for each in errors if _items(each) == inner]
    same = all(each["loc"] == first["loc"] for each in errors)
    found = first["input"] if same and first["type"] != "value_error" else value
    phrases = dict.fromkeys(allowed(each) for each in errors)
    choices = _choices(first) if len(errors) == 1 else ()
    if choices and isinstance(found, str):
        return Problem((*path, *inner), what, show(found), choices, found)
    return Problem((*path, *inner), what, show(found), " or ".join(phrases))


def _items(error: Any) -> Path:
    """Return the indices of the wrong item in lists."""
    return tuple(part for part in error["loc"][1:] if isinstance(part, int))


def allowed(error: Any) -> str:
    """Describe what is allowed, in pydantic's words or shorter."""
    if error["type"] in ("too_short", "too_long"):
        limit = error["ctx"].get("min_length", error["ctx"].get("max_length"))
        return f"at {'least' if error['type'] == 'too_short' else 'most'} {format.count(limit, 'value')}"
    text = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    text = text.removeprefix("Input should be ").partition(", unable to parse")[0].partition(", got a number")[0]
    if text.startswith("a valid dictionary or instance"):
        return "a table"
    if text.startswith(("greater", "less")):
        text = f"a number {text}"
    return PHRASES.get(text, text).replace("'", "`")


def _of_table(error: Any, model: type[BaseModel], path: Path, inside: str) -> Problem:
    *tables, last = [part for part in error["loc"] if isinstance(part, str)] or [""]
    where = f" in [{'.'.join(map(str, tables))}]" if tables else inside
    at = (*path, *error["loc"])
    if error["type"] == "extra_forbidden":
        return Problem(at, f"unknown key {show_name(last)}{where}", "", _names(model, tables), str(last))
    if error["type"] == "missing":
        return Problem(at, f"{show_name(last)} is missing{where}")
    if error["type"] == "list_type" and isinstance(error["input"], dict):
        return Problem(at, f"[{last}]", "a table", f"[[{last}]], in two brackets")
    if not error["loc"]:
        return Problem(at, inside.removeprefix(" in "), show(error["input"]), allowed(error))
    return _of_item([error], error["input"], at, f"{show_name(last)}{where}")


def _names(model: Any, tables: Sequence[Any]) -> tuple[str, ...]:
    """List the keys of a model, or of the model of a table in it."""
    for table in tables:
        annotation = model.model_fields[table].annotation
        model = next((arg for arg in (annotation, *get_args(annotation)) if hasattr(arg, "model_fields")), model)
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _choices(error: Any) -> tuple[str, ...]:
    """List the words that a literal allows, to suggest the nearest."""
    if error["type"] not in ("literal_error", "enum"):
        return error.get("ctx", {}).get("choices", ())
    return tuple(word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", "))
