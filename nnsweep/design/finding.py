"""The value of an axis that a user means, however it is written."""

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
"""Values of an axis that a message lists."""
DIGITS = range(3, 17)
"""Significant digits that figures give numbers."""
NEAR = 0.1
"""How far a number may be from one that it was meant to be, as a share of that."""


def find_value(name: str, shown: Mapping[Any, Any], said: object) -> Any:
    """Find the one value of the axis `name` that is meant; `shown` has every value with how tables show it.

    A text may be as tables show the value (`8-8`, `True`), as a sweep file or `--set` writes it (`[8, 8]`, `true`,
    `"a"`), or as figures do (`0.0316`). What is the same beats what is only written alike: of the texts 1.1 and 1.10,
    each names itself. Other objects are values as Python has them.

    Raises:
        NnsweepError: the axis has no such value, or several are written so.
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
    """List the values that are meant, where `shown` has every value of the axis with how tables show it.

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
    """Make lists into tuples, what stands for None into None, and numbers of NumPy into Python's."""
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
    """A list of one width is that width, and of a stored sweep only the labels of lists are known."""
    return [each for each in shown if is_same(label(each), label(value))]


def _as_written(shown: Mapping[Any, Any], text: str) -> list[Any]:
    """Read a text as `--set` is read."""
    try:
        values = read_values(text)
    except (ValueError, RecursionError):
        return []
    if len(values) != 1:
        return []
    value = _plain(values[0])
    return _the_same(shown, value) or _as_shown(shown, spell(value)) or _labelled_alike(shown, value)


def _as_python(shown: Mapping[Any, Any], text: str) -> list[Any]:
    """Take numbers and truths as Python writes them: `.5`, `1.`, `TRUE`."""
    truths = {"true": True, "false": False}
    number = truths.get(text.lower(), _number(text))
    return [] if number is None else _the_same(shown, number)


def _as_in_figures(shown: Mapping[Any, Any], text: str) -> list[Any]:
    number = _number(text)
    return [] if number is None else [each for each in shown if _rounds_to(each, number)]


def _rounds_to(value: Any, number: float) -> bool:
    return isinstance(value, float) and any(float(f"{value:.{digits}g}") == number for digits in DIGITS)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are one: of one kind and equal. Whole numbers and others are one kind; truths are none."""
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
