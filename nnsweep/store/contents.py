"""What values a store may hold. A digest tells accidents, but not a forger, who can make digests too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from math import isfinite
from typing import Any, cast, get_args

from nnsweep.status import Status
from nnsweep.trainers.protocol import EPOCH

TIME = re.compile(r"[0-9T:.+-]{10,40}")
STATUSES = frozenset(get_args(Status))
LARGEST_EPOCH = 2**53
CONTAINERS = 2**20
"""Lists and tables in a text of JSON: parsed, an empty one takes 30 times the memory of its text."""


class Foreign(ValueError):  # noqa: N818 (it never reaches a user)
    """A value that nnsweep would not have stored."""


def parse(text: Any) -> Any:
    """Parse JSON, which has no NaN and no more than `CONTAINERS`.

    Raises:
        ValueError: it is none. RecursionError: it is nested too deep.
    """
    if not isinstance(text, str):
        raise Foreign("no text")
    if text.count("[") + text.count("{") > CONTAINERS:
        raise Foreign("too many lists and tables")
    return json.loads(text, parse_constant=_refuse)


def parse_params(text: str) -> dict[str, Any]:
    """Parse the parameters of a trial.

    Raises:
        Foreign: they are no table.
    """
    try:
        found = parse(text)
    except (ValueError, RecursionError):
        raise Foreign("no JSON") from None
    if not isinstance(found, dict):
        raise Foreign("no table")
    return found


def check_status(status: Any) -> Status:
    """Check the status of trials, and return it.

    Raises:
        Foreign: it is none.
    """
    if not isinstance(status, str) or status not in STATUSES:
        raise Foreign("a status")
    return cast(Status, status)


def check_names(names: Any) -> None:
    """Check names of metrics, of lists or of what was diagnosed.

    Raises:
        Foreign: they are no texts, or not unlike.
    """
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise Foreign("names")


def check_numbers(values: Iterable[Any]) -> None:
    """Check the numbers of metrics, histories or diagnoses: each finite, or null.

    Raises:
        Foreign: one is not. OverflowError: one is too large for a float.
    """
    found = list(values)
    types = set(map(type, found))
    if not types <= {int, float, type(None)}:
        raise Foreign("no number")
    if not all(map(isfinite, found if type(None) not in types else [value for value in found if value is not None])):
        raise Foreign("not finite")


def check_histories(histories: Iterable[Mapping[str, Sequence[Any]]]) -> None:
    """Check histories: lists of finite numbers or null; where epochs are told, one number for each.

    Raises:
        Foreign: one is none. OverflowError: a number is too large for a float.
    """
    for history in histories:
        if not set(map(type, history.values())) <= {list}:
            raise Foreign("no lists")
        check_numbers(chain.from_iterable(history.values()))
        if EPOCH in history:
            _check_epochs(history)


def check_run(run: Mapping[str, Any]) -> None:
    """Check a row of the table `run`.

    Raises:
        Foreign: it is not as nnsweep writes it.
    """
    ended, trials, seconds = run["ended"], run["trials"], run["seconds"]
    sound = (
        type(run["number"]) is int
        and isinstance(run["command"], str)
        and isinstance(run["environment"], str)
        and all(isinstance(time, str) and TIME.fullmatch(time) for time in (run["started"], ended) if time is not None)
        and run["started"] is not None
        and (trials is None or (type(trials) is int and trials >= 0))
        and (seconds is None or (type(seconds) is float and isfinite(seconds) and seconds >= 0))
    )
    if not sound:
        raise Foreign("a run")


def _check_epochs(history: Mapping[str, Sequence[Any]]) -> None:
    values = history[EPOCH]
    if len({len(each) for each in history.values()}) > 1:
        raise Foreign("lists of several lengths")
    whole = all(value is not None and value == int(value) and 0 <= value <= LARGEST_EPOCH for value in values)
    if not whole or any(after <= before for before, after in pairwise(values)):
        raise Foreign("epochs")


def _refuse(constant: str) -> Any:
    raise Foreign(constant)
