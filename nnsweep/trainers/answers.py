"""Check what the methods of a user's trainer return. An unfit answer is refused with what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from math import isfinite
from operator import index
from typing import Any

from pydantic import BaseModel

from nnsweep.data.users import described
from nnsweep.data.words import WIDTH, plain_line
from nnsweep.trainers.protocol import EPOCH, ConstantAnswer, Params

MOST_SECONDS = 1e12
"""Estimates are cut at this value, so that their sums stay finite."""


class UnfitError(Exception):
    """An answer cannot be used; the message says what is allowed."""


def shown(answer: Any) -> str:
    """Write an answer that was refused: short values as they are, others by their type."""
    if isinstance(answer, str | bytes | int | float | complex):
        text = repr(answer) if not isinstance(answer, int) or abs(answer) < 10**WIDTH else "a giant whole number"
        return plain_line(text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…")
    return described(answer)


def text(answer: Any) -> str:
    """Read a text that UTF-8 can encode."""
    if not isinstance(answer, str) or any("\ud800" <= letter <= "\udfff" for letter in answer):
        raise UnfitError("a text")
    return str(answer)


def line(answer: Any) -> str:
    """Read a text that is printed as one line."""
    return plain_line(text(answer))


def lines(answer: Any) -> tuple[str, ...]:
    """Read a list of lines."""
    return tuple(line(each) for each in sequence(answer, "a list of texts"))


def texts(answer: Any) -> tuple[str, ...]:
    """Read a list of texts."""
    return tuple(text(each) for each in sequence(answer, "a list of texts"))


def sequence(answer: Any, allowed: str) -> list[Any]:
    """Read a list from any iterable except a text or a dict."""
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        raise UnfitError(allowed)
    return list(answer)


def declared_metrics(answer: Any) -> Mapping[str, str]:
    """Read the names of metrics, or a dict of names and meanings."""
    allowed = f"names, or a dict of names and meanings; `{EPOCH}` is none of them"
    pairs = answer if isinstance(answer, Mapping) else dict.fromkeys(sequence(answer, allowed), "")
    if not all(isinstance(each, str) for pair in pairs.items() for each in pair) or EPOCH in pairs:
        raise UnfitError(allowed)
    return {str(name): str(meaning) for name, meaning in pairs.items()}


def names_among(metrics: Collection[str]) -> Callable[[Any], tuple[str, ...]]:
    """Read a list of names of metrics; any names if no metrics are declared."""

    def read(answer: Any) -> tuple[str, ...]:
        allowed = f"names among its metrics, {', '.join(metrics)}" if metrics else "a list of names"
        names = sequence(answer, allowed)
        if not all(isinstance(name, str) and (not metrics or name in metrics) for name in names):
            raise UnfitError(allowed)
        return tuple(dict.fromkeys(map(str, names)))

    return read


def parameters_like(given: Params) -> Callable[[Any], dict[str, Any]]:
    """Read parameters with the given names and values that a sweep file can write. The seed must not change."""

    def read(answer: Any) -> dict[str, Any]:
        if not isinstance(answer, Mapping) or answer.keys() != given.keys():
            raise UnfitError(f"a dict of the parameters that it was given: {', '.join(given)}")
        for name, value in answer.items():
            if not _is_plain(value):
                raise UnfitError(f"as `{name}` a number, a text, true, false, None, or a tuple of these")
        if "seed" in given and answer["seed"] != given["seed"]:
            raise UnfitError("the seed that it was given")
        return {name: answer[name] for name in given}

    return read


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, BaseModel) or (type(value) in (bool, int, float, str) and value == value)


def problems_of(parameters: Collection[str]) -> Callable[[Any], list[tuple[str, str]]]:
    """Read pairs of a parameter and a sentence."""

    def read(answer: Any) -> list[tuple[str, str]]:
        allowed = "a list of pairs, each a parameter and a sentence"
        pairs = sequence(answer, allowed)
        for pair in pairs:
            if not (isinstance(pair, tuple | list) and len(pair) == 2 and pair[0] in parameters):
                raise UnfitError(f"{allowed}; the parameters are {', '.join(parameters)}")
        return [(name, line(sentence)) for name, sentence in pairs]

    return read


def key(answer: Any) -> Hashable:
    """Read a key by which trials are grouped."""
    try:
        hash(answer)
    except TypeError:
        raise UnfitError("what can be a key of a dict, such as a tuple") from None
    return answer


def capacity(answer: Any) -> int:
    """Read the number of trainings in a stack."""
    try:
        count = index(answer)
    except TypeError:
        count = 0
    if count < 1:
        raise UnfitError("a whole number from 1 on")
    return count


def count_if_known(answer: Any) -> int | None:
    """Read a count, or None if it is not known."""
    try:
        count = None if answer is None else index(answer)
    except TypeError:
        count = -1
    if count is not None and count < 0:
        raise UnfitError("a whole number from 0 on, or None")
    return count


def seconds(answer: Any) -> float:
    """Read a number of seconds."""
    try:
        found = float(answer) if not isinstance(answer, str | bytes) else -1.0
    except (TypeError, ValueError, OverflowError):
        found = -1.0
    if not (isfinite(found) and found >= 0):
        raise UnfitError("a number of seconds, 0 or more")
    return min(found, MOST_SECONDS)


def seconds_if_known(answer: Any) -> float | None:
    """Read a number of seconds, or None if it is not known."""
    return None if answer is None else seconds(answer)


def flag(answer: Any) -> bool:
    """Read true or false."""
    if not isinstance(answer, bool):
        raise UnfitError("true or false")
    return answer


def constant_answers(answer: Any) -> dict[str, ConstantAnswer]:
    """Read constant answers by metric."""
    if not isinstance(answer, Mapping) or not all(isinstance(each, ConstantAnswer) for each in answer.values()):
        raise UnfitError("a dict that gives a metric a nnsweep.trainers.protocol.ConstantAnswer")
    try:
        return {text(name): ConstantAnswer(line(each.answer), float(each.value)) for name, each in answer.items()}
    except (TypeError, ValueError, OverflowError):
        raise UnfitError("constant answers whose `value` is a number") from None


def one_each(count: int, what: str) -> Callable[[Any], list[Any]]:
    """Read a list with one entry for each trial."""

    def read(answer: Any) -> list[Any]:
        if not isinstance(answer, list | tuple) or len(answer) != count:
            raise UnfitError(f"a list of {count} {what}, one for each trial")
        return list(answer)

    return read


def state_and_outcome_each(count: int) -> Callable[[Any], list[tuple[Any, Any]]]:
    """Read a list of pairs of a state and an outcome."""

    def read(answer: Any) -> list[tuple[Any, Any]]:
        pairs = one_each(count, "pairs of a state and an outcome")(answer)
        if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
            raise UnfitError("pairs of a state and an outcome")
        return pairs

    return read
