"""Sweeps that are written as Python's dicts: converts their values, and names places in messages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nnsweep.design.table import NONE
from nnsweep.errors import NnsweepError
from nnsweep.sweepfile.problems import Path, Problem, show_name

SETTINGS = ("fixed", "axes", "cases", "include", "exclude")
"""Tables with values of parameters, which may be None."""
ALLOWED = "numbers, text, true, false, and lists and dicts of them"


def adopted(document: dict[str, Any], found: list[Problem]) -> tuple[dict[str, Any], str]:
    """Convert every value to a plain one, and a function to a named trainer; return tables and function's version."""
    trainer, version = document.get("trainer", "mlp"), ""
    if not isinstance(trainer, str):
        from nnsweep.trainers.session import adopt, is_session

        try:
            made = adopt(trainer)
            document, version = document | {"trainer": made.name}, made.version if is_session(made.name) else ""
        except NnsweepError as error:
            found.append(Problem(("trainer",), str(error)))
            document = document | {"trainer": "mlp"}
    given = {name: value for name, value in document.items() if value is not None}
    return {name: _plain(value, (name,), found) for name, value in given.items()}, version


def _plain(value: Any, path: Path, found: list[Problem]) -> Any:
    """Convert a value to what a file would hold: tuples, ranges and arrays become lists, None becomes a table."""
    if type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        strange = [key for key in value if not isinstance(key, str)]
        if strange:
            found.append(Problem(path, f"the name {strange[0]!r} is no text; allowed: names in quotation marks"))
        return {str(key): _plain(each, (*path, str(key)), found) for key, each in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(each, (*path, at), found) for at, each in enumerate(value)]
    if isinstance(value, str):  # a subclass, such as that of an enumeration
        return str.__str__(value)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    listed = value.tolist() if hasattr(value, "tolist") else value  # an object of NumPy or pandas
    if type(listed) is not type(value):
        return _plain(listed, path, found)
    if value is None and path[0] in SETTINGS:
        return dict(NONE)
    kind = "None" if value is None else f"a value of type {type(value).__name__}"
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    found.append(Problem(path, show_name(name), kind, ALLOWED))
    return ""


def to_text(document: Mapping[str, Any]) -> str:
    """Write the tables as a sweep file, one line for each value; the order of axes is kept.

    >>> print(to_text({"axes": {"alpha": [0.1], "seed": {"count": 2}}, "name": "one"}), end="")
    name = "one"
    [axes]
    alpha = [0.1]
    seed = { count = 2 }
    """
    values = {name: value for name, value in document.items() if not isinstance(value, Mapping)}
    tables = {name: value for name, value in document.items() if isinstance(value, Mapping)}
    lines = [f"{_key(name)} = {_value(value)}" for name, value in values.items()]
    for name, table in tables.items():
        lines += [f"[{_key(name)}]", *(f"{_key(each)} = {_value(value)}" for each, value in table.items())]
    return "".join(f"{line}\n" for line in lines)


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(name)} = {_value(each)}' for name, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):  # JSON escapes all characters that TOML escapes, except one.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower()  # true, 1e-05 and inf are spelled like this in both languages.


def place(path: Path) -> str:
    """Name the place of a value: `axes["alpha"][2]`.

    >>> place(("axes", "alpha", 2)), place(())
    ('axes["alpha"][2]', 'sweep')
    """
    if path[:1] == ("--set",):
        return f"overrides: {path[1]}"
    first, *others = path or ("sweep",)
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f'["{part}"]' for part in others)


def order(path: Path, names: Sequence[str]) -> int:
    """Return the rank of a problem among others: the order of its table."""
    return names.index(str(path[0])) if path and path[0] in names else len(names)
