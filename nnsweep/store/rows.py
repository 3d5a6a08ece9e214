"""A trial's outcome as a row of the table `trial`, and back."""

from __future__ import annotations

import json
from hashlib import blake2b
from math import isfinite, nan
from typing import Any

from nnsweep.errors import StoreError
from nnsweep.grid import Trial
from nnsweep.trainers.protocol import Outcome

Row = tuple[Any, ...]

# One encoder for all rows: `json.dumps` with these options makes a new one at each call, at twice the cost.
encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False, ensure_ascii=False).encode


def digest(id: str, status: str, metrics: str, history: str, failure: str | None, seconds: float) -> str:
    """Sum up what `outcomes` reads, in 16 hex digits; the params are already summed up in the id."""
    text = f"{id}\0{status}\0{metrics}\0{history}\0{seconds}\0{failure}"
    return blake2b(text.encode(), digest_size=8).hexdigest()


def to_row(trial: Trial, outcome: Outcome) -> Row:
    """Give the columns id, params, status, metrics, history, failure, seconds, digest."""
    failure = None if outcome.failure is None else _storable(outcome.failure)
    metrics, history = _numbers(outcome)
    contents = (outcome.status, metrics, history, failure, float(outcome.seconds))
    return (trial.id, trial.params_json, *contents, digest(trial.id, *contents))


def _numbers(outcome: Outcome) -> tuple[str, str]:
    """Write metrics and history as JSON, which knows no NaN and no infinity: what is not finite becomes null."""
    metrics = dict(outcome.metrics)
    history = {name: list(values) for name, values in outcome.history.items()}
    try:
        return encode(metrics), encode(history)
    except ValueError:  # Rare: to look at each of 50,000 numbers beforehand would double the time.
        last = {name: _finite(value) for name, value in metrics.items()}
        return encode(last), encode({name: [_finite(value) for value in each] for name, each in history.items()})


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _storable(text: str) -> str:
    # SQLite's shell, and C, end a text at its first NUL; UTF-8 has no lone surrogates.
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def to_outcomes(rows: list[Row], where: str) -> dict[str, Outcome]:
    """Make outcomes of rows with the columns id, status, metrics, history, failure, seconds, digest.

    Raises:
        StoreError: a row is not what was written; names the first such row and counts them.
    """
    changed = [row[0] for row in rows if digest(*row[:6]) != row[6]]
    if changed:
        raise StoreError(
            f"{where}: trial {changed[0]} is not as it was written (its digest does not match; "
            f"{len(changed)} of {len(rows)} rows read); restore the file from a copy, or train again with --fresh"
        )
    metrics = _decode([row[2] for row in rows])
    history = _decode([row[3] for row in rows])
    return {
        row[0]: Outcome(row[1], _present(last), _numbered(each), row[5], row[4])
        for row, last, each in zip(rows, metrics, history, strict=True)
    }


def _decode(texts: list[str]) -> list[dict[str, Any]]:
    # Parsed as one text: a call for each costs more than the parsing.
    return json.loads(f"[{','.join(texts)}]")


def _present(metrics: dict[str, Any]) -> dict[str, float]:
    if None not in metrics.values():
        return metrics
    return {name: value for name, value in metrics.items() if value is not None}


def _numbered(history: dict[str, list[Any]]) -> dict[str, list[float]]:
    if not any(None in values for values in history.values()):
        return history
    return {name: [nan if value is None else value for value in values] for name, values in history.items()}
