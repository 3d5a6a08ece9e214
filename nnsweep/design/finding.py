"""Finds the value of an axis that a user means, in any spelling."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from nnsweep.design.spelling import label, read_values, spell
from nnsweep.design.table import NONE
from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean, suggest

NAMED = 20
"""Values of an axis that a message lists, at most."""
DIGITS = range(3, 17)
"""Significant digits with which figures show numbers."""
NEAR = 0.1
"""The largest relative distance at which a message suggests another number."""


def find_value(name: str, shown: Mapping[Any, Any], said: object) -> Any:
    """Find the one value of the axis `name` that is meant; `shown` maps every value to its text in tables.

    A text may be spelled as in tables (`8-8`, `True`), as in a sweep file or `--set` (`[8, 8]`, `true`, `"a"`), or as
    in figures (`0.0316`). An identical text has precedence: if an axis has the texts 1.1 and 1.10, each names itself.
    Other objects are Python's values.

    Raises:
        NnsweepError: the axis has no such value, or several values have this spelling.
    """
    found = matches(shown, said)
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(str(shown[value]) for value in found)
        raise NnsweepError(f"{name} = {said} may be one of {several}; write it in full")
    texts = [str(text) for text in shown.values()]
    allowed = ", ".join(texts[:NAMED]) + (", …" if len(texts) > NAMED else "")
    raise NnsweepError(f"no trial with {name} = {said}; allowed: {allowed}{_nearest(shown, said)}")


def matches(shown: Mapping[Any, Any], said: object) -> list[Any]:
    """List the values that may be meant; `shown` maps every value of the axis to its text in tables.

    >>> shown = {0.03162277660168379: 0.03162277660168379, 0.1: 0.1}
    >>> matches(shown, "0.0316"), matches(shown, "1e-1"), matches(shown, "0.2")
    ([0.03162277660168379], [0.1], [])
    """
    value = _plain(said)
    ways: tuple[Way, ...] = (_the_same, _labelled_alike)
    if isinstance(value, str):
        ways = (_as_shown, _the_same, _labelled_alike, _as_written, _as_python, _as_in_figures)
    return next(filter(None, (way(shown, value) for way in ways)), [])


Way = Callable[[Mapping[Any, Any], Any], list[Any]]


def _plain(said: object) -> Any:
    """Convert lists to tuples, the table for None to None, and NumPy's numbers to Python's."""
    if isinstance(said, list | tuple):
        return tuple(map(_plain, said))
    if said == NONE:
        return None
    item = getattr(said, "item", None)
    return said if item is None else item()


def _as_shown(shown: Mapping[Any, Any], text: str) -> list[Any]:
    return [value for value, label in shown.items() if str(label) == text]


def _the_same(shown: Mapping[Any, Any], value: Any) -> list[Any]:
    return [each for each in shown if is_same(each, value)]


def _labelled_alike(shown: Mapping[Any, Any], value: Any) -> list[Any]:
    """Compare labels: a list of one width equals that width, and a stored sweep knows only the labels of lists."""
    return [each for each in shown if is_same(label(each), label(value))]


def _as_written(shown: Mapping[Any, Any], text: str) -> list[Any]:
    """Read a text like the values of `--set`."""
    try:
        values = read_values(text)
    except (ValueError, RecursionError):
        return []
    if len(values) != 1:
        return []
    value = _plain(values[0])
    return _the_same(shown, value) or _as_shown(shown, spell(value)) or _labelled_alike(shown, value)


def _as_python(shown: Mapping[Any, Any], text: str) -> list[Any]:
    """Accept numbers and truth values in Python's spellings: `.5`, `1.`, `TRUE`."""
    truths = {"true": True, "false": False}
    number = truths.get(text.lower(), _number(text))
    return [] if number is None else _the_same(shown, number)


def _as_in_figures(shown: Mapping[Any, Any], text: str) -> list[Any]:
    number = _number(text)
    return [] if number is None else [each for each in shown if _rounds_to(each, number)]


def _rounds_to(value: Any, number: float) -> bool:
    return isinstance(value, float) and any(float(f"{value:.{digits}g}") == number for digits in DIGITS)


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are of one kind and equal. Integers and floats are one kind, truth values another."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, BaseModel) and isinstance(other, dict):
        return one.model_dump(mode="json", exclude_defaults=True) == other
    return _kind(one) == _kind(other) and bool(one == other)


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _number(text: str) -> float | None:
    try:
        number = float(text.replace("−", "-"))
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _nearest(shown: Mapping[Any, Any], said: object) -> str:
    number, numbers = _number(str(said)), [value for value in shown if _kind(value) is float]
    if number is not None and numbers:
        near = min(numbers, key=lambda value: abs(value - number))
        return suggest(str(shown[near])) if abs(near - number) <= NEAR * abs(near) else ""
    return did_you_mean(str(said), map(str, shown.values()))
