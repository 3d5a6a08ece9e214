"""Check what a trainer returned: what can be stored, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from math import isfinite, nan
from typing import Any, NamedTuple, get_args

from pydantic import AliasChoices, BaseModel

from nnsweep.data.users import described
from nnsweep.data.words import escaped, plain_line
from nnsweep.design.spelling import INNER
from nnsweep.status import FAILURES, Status
from nnsweep.trainers.failures import shorten
from nnsweep.trainers.protocol import EPOCH, Outcome, Trainer
from nnsweep.trainers.values import NoNumberError, is_missing, read

RESERVED = "id", "status", "success", "signature", "seconds", "failure", "case", "trials", "summary", "history"
"""Names of columns and files that every sweep has."""
LONGEST_NAME = 100
LARGEST_EPOCH = 2**53
"""All whole numbers up to this can be stored as float64."""

ALLOWED = "allowed: a dict that gives each name a number, or a list of one number per epoch"
NOT_STORED = "not stored; numbers and lists of numbers are"

LeftOut = dict[str, str]
"""Names of returned values that are not stored, or only in part, with an explanation of each."""


class Checked(NamedTuple):
    """An outcome with Python numbers, and the returned values that are left out."""

    outcome: Outcome
    left_out: LeftOut


def check(outcome: Any, trainer: Trainer) -> Checked:
    """Read what a trainer returned for one trial. If it cannot be read at all, the trial has `failed`.

    A list among the metrics is the history of the metric, and its last number is the metric. A missing number (`None`,
    masked, NaN or infinite) is left empty. If none of its metrics is a number, the trial has `diverged`, because a
    diverged training leaves no numbers. Values that are neither numbers nor lists of numbers are left out. Of a trial
    that failed only the history is kept.
    """
    problem = _problem(outcome)
    if problem:
        return Checked(Outcome("failed", failure=f"{trainer.name} {problem}"), {})
    # Convert texts of a user's type to Python's own: a worker may not be able to send them.
    ended = replace(
        outcome, status=str(outcome.status), seconds=_seconds(outcome.seconds), failure=_text(outcome.failure)
    )
    left_out: LeftOut = {}
    metrics, lists = _split(outcome, trainer, left_out)
    ended = replace(ended, history=_history(lists, left_out), diagnosis=_diagnosis(outcome.diagnosis))
    if outcome.status in FAILURES:  # its curve so far is kept, but no result
        return Checked(replace(ended, metrics={}, diagnosis={}), left_out)
    finite = {name: value for name, value in metrics.items() if isfinite(value)}
    if outcome.status == "ok" and not metrics:
        nothing = f"{trainer.name} {_nothing(left_out)}"
        return Checked(replace(ended, status="failed", failure=nothing, metrics={}, history={}), {})
    if outcome.status == "ok" and not finite:
        ended = replace(ended, status="diverged", failure=_missing(outcome.metrics, metrics))
    return Checked(replace(ended, metrics=finite if ended.status == "ok" else {}), left_out)


def _split(outcome: Outcome, trainer: Trainer, left_out: LeftOut) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Read the metrics, with the last number of each list, and all lists, of the metrics and of the history."""
    values = _values(outcome.metrics, trainer, left_out)
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    for name, value in _values(outcome.history, trainer, left_out).items():
        lists[name] = value if isinstance(value, list) else [value]
    if EPOCH in values.keys() - lists.keys():
        left_out[EPOCH] = "a number: not stored; a list of the epochs is"
    values.pop(EPOCH, None)
    return {name: value[-1] if isinstance(value, list) else value for name, value in values.items()}, lists


def _problem(outcome: Any) -> str:
    """Say why a value is not an outcome; empty if it is one."""
    if not isinstance(outcome, Outcome):
        return f"returned {described(outcome)} for a trial; allowed: a nnsweep.trainers.Outcome"
    if outcome.status not in get_args(Status):
        return f"returned the status {plain_line(repr(outcome.status))}; allowed: {', '.join(get_args(Status))}"
    parts = {"metrics": outcome.metrics, "history": outcome.history, "diagnosis": outcome.diagnosis}
    wrong = [name for name, part in parts.items() if not isinstance(part, Mapping)]
    return f"returned {described(parts[wrong[0]])} as {wrong[0]}; allowed: a dict" if wrong else ""


def _text(failure: Any) -> str | None:
    return None if failure is None else shorten(str(failure))


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return seconds if isfinite(seconds) and seconds >= 0 else 0.0


def _values(entries: Mapping[Any, Any], trainer: Trainer, left_out: LeftOut) -> dict[str, float | list[float]]:
    found: dict[str, float | list[float]] = {}
    for name, value in entries.items():
        refused = why_refused(name, trainer)
        if refused:
            left_out[_shown(name)] = refused
            continue
        try:
            found[str(name)] = read(value)
        except NoNumberError as error:
            left_out[name] = f"{error}: {NOT_STORED}"
    return found


def why_refused(name: Any, trainer: Trainer) -> str:
    """Say why nothing can be stored under a name; empty if it can.

    TensorBoard, W&B and Lightning write `train/loss`, `loss/train total`, `metrics/mAP50(B)`.
    """
    if not isinstance(name, str) or not _is_name(name):
        return f"no name: not stored; names are texts of up to {LONGEST_NAME} characters that begin with a letter"
    if name in RESERVED:
        return "a column that every table has: not stored; give it another name"
    if name in _spellings(trainer.parameters):
        return "a parameter: not stored; give it another name"
    if trainer.metrics and name not in trainer.metrics and name != EPOCH:
        return f"which its `metrics` do not name: not stored; they name {', '.join(trainer.metrics)}"
    return ""


def _is_name(name: str) -> bool:
    first = name[:1]
    plain = name.isprintable() and name[-1:] != " " and not INNER.search(name)
    return (first.isalpha() or first == "_") and len(name) <= LONGEST_NAME and plain


def _shown(name: Any) -> str:
    return escaped(name) if isinstance(name, str) else plain_line(repr(name))


@lru_cache
def _spellings(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of parameters and their aliases."""
    aliases = [field.validation_alias for field in model.model_fields.values()]
    others = [each for alias in aliases for each in (alias.choices if isinstance(alias, AliasChoices) else [alias])]
    return frozenset([*model.model_fields, *(each for each in others if isinstance(each, str))])


def _history(lists: dict[str, list[float]], left_out: LeftOut) -> dict[str, list[Any]]:
    """Keep the lists with one number per epoch. For a list of another length, the epochs are not known."""
    epochs = _epochs(lists.pop(EPOCH, None), lists, left_out)
    longest = max(map(len, lists.values()), default=0)
    length = len(epochs) if epochs else longest
    for name, values in lists.items():
        if len(values) not in (1, length):
            where = f"`{EPOCH}` has {length}" if epochs else f"the longest has {length}"
            left_out[name] = f"a list of {len(values)} where {where}: only its last number is stored"
    kept = {name: _finite(values) for name, values in lists.items() if len(values) == length}
    return kept | ({EPOCH: epochs} if kept and epochs else {})


def _epochs(values: list[float] | None, lists: Mapping[str, list[float]], left_out: LeftOut) -> list[int]:
    """Read the epochs at which the lists were measured; empty if they are not given."""
    if values is None:
        return []
    whole = all(epoch.is_integer() and 0 <= epoch <= LARGEST_EPOCH for epoch in values)
    if not whole or any(after <= before for before, after in pairwise(values)):
        left_out[EPOCH] = "no whole numbers that rise: epochs are counted from 1"
        return []
    if lists and len(values) not in map(len, lists.values()):
        counts = Counter(map(len, lists.values())).most_common(1)[0][0]
        left_out[EPOCH] = f"a list of {len(values)} where others have {counts}: epochs are counted from 1"
        return []
    return list(map(int, values))


def _finite(values: list[float]) -> list[float]:
    return [value if isfinite(value) else nan for value in values]


def _diagnosis(entries: Mapping[Any, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in entries.items():
        try:
            number = read(value)
        except NoNumberError:
            continue
        found |= {str(name): number} if isinstance(number, float) and isfinite(number) else {}
    return found


def _missing(metrics: Mapping[Any, Any], last: Mapping[str, float]) -> str:
    """Say why the first metric is not a number."""
    name, number = next(iter(last.items()))
    value = metrics[name]
    end = value[-1] if isinstance(value, list | tuple) else value
    what = "missing" if is_missing(end) else f"{number}"
    return f"`{name}` is {what}"


def _nothing(left_out: LeftOut) -> str:
    if not left_out:
        return f"returned no metric; {ALLOWED}"
    reasons = "; ".join(f"`{name}`, {reason.partition(':')[0]}" for name, reason in left_out.items())
    return shorten(f"returned no number: {reasons}; {ALLOWED}")
