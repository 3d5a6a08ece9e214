"""What a function returned, as the outcome of its trial."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import pairwise
from math import isfinite, nan
from typing import Any

import numpy as np

from nnsweep.data.users import described
from nnsweep.data.words import plain_line
from nnsweep.trainers.protocol import Outcome

NAME = r"[A-Za-z_][A-Za-z0-9_.-]{0,63}"
RESERVED = "id", "status", "success", "seconds", "failure", "trials", "summary", "history"
"""Columns and files that every sweep has."""
EPOCH = "epoch"
"""A list of this name says at which epochs the other lists were measured: no metric, whole numbers that rise."""

ALLOWED = "allowed: a dict that gives each name a number, or a list of one number per epoch"


class ReturnError(ValueError):
    """A function returned what is no outcome; the message says what, and what is allowed."""


def outcome_of(returned: Any, metrics: Collection[str], parameters: Collection[str], seconds: float) -> Outcome:
    """Read what a function returned.

    A list is the metric's history, and its last number the metric. The trial has `diverged` where a metric is not
    finite in the end: that is what a training that ran away leaves, it says something of the parameters, and no mean
    can be taken over it. Such a trial has no metrics, so that it is no success; its history is kept. A metric that is
    undefined for other reasons is better left out. `metrics` are the names that the function has declared, if any;
    no metric may be called as one of its `parameters`.

    Raises:
        ReturnError: it is no dict of names with numbers or lists of numbers.
    """
    if not isinstance(returned, Mapping) or not returned:
        raise ReturnError(f"returned {'an empty dict' if returned == {} else described(returned)}; {ALLOWED}")
    numbers = {_name(name, metrics, parameters): _numbers(name, value) for name, value in returned.items()}
    lists = {name: values for name, values in numbers.items() if isinstance(values, list)}
    _check_lengths(lists)
    history = {name: [value if isfinite(value) else nan for value in values] for name, values in lists.items()}
    last = {name: values[-1] if isinstance(values, list) else values for name, values in numbers.items()}
    last.pop(EPOCH, None)
    if EPOCH in lists:
        history[EPOCH] = list(map(int, lists[EPOCH]))
    if not last:
        raise ReturnError(f"returned no metric besides `{EPOCH}`; {ALLOWED}")
    wild = [name for name, value in last.items() if not isfinite(value)]
    if wild:
        return Outcome("diverged", {}, history, seconds, f"`{wild[0]}` is {last[wild[0]]}")
    return Outcome("ok", last, history, seconds)


def _name(name: Any, metrics: Collection[str], parameters: Collection[str]) -> str:
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        raise ReturnError(
            f"returned the name {plain_line(repr(name))}; allowed: letters, digits, `_`, `.` and `-`, up to 64"
        )
    if name in RESERVED:
        raise ReturnError(f"returned `{name}`, which every table has; allowed: another name")
    if name in parameters:
        raise ReturnError(f"returned `{name}`, which is a parameter; allowed: another name")
    if metrics and name not in (*metrics, EPOCH):
        raise ReturnError(f"returned `{name}`, which its `metrics` do not name; allowed: {', '.join(metrics)}")
    return name


def _numbers(name: str, value: Any) -> float | list[float]:
    """Read a number or a list of numbers, whatever can be made an array of; truths are 0 and 1."""
    try:
        found = np.asarray(value)
    except Exception as error:  # what a user's object does when it is asked for an array
        raise ReturnError(f"returned under `{name}` {described(value)}, {type(error).__name__}; {ALLOWED}") from None
    if found.dtype.kind not in "biuf" or found.ndim > 1 or not found.size:
        raise ReturnError(f"returned under `{name}` {_kind(value, found)}; {ALLOWED}")
    return found.astype(np.float64).tolist()


def _kind(value: Any, array: np.ndarray) -> str:
    if array.dtype.kind not in "biuf" and array.size:
        return described(value) + ("" if array.ndim == 0 else f", of {array.dtype}")
    return f"{described(value)}, of shape {array.shape}"


def _check_lengths(lists: Mapping[str, list[float]]) -> None:
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        each = ", ".join(f"`{name}` {length}" for name, length in lengths.items())
        raise ReturnError(f"returned lists of different lengths: {each}; allowed: one number per epoch in each")
    epochs = lists.get(EPOCH, [])
    if any(not epoch.is_integer() for epoch in epochs) or any(b <= a for a, b in pairwise(epochs)):
        raise ReturnError(f"returned under `{EPOCH}` {plain_line(epochs)}; allowed: whole numbers that rise")
