"""The sweep as it was last asked for: what the store keeps of it, and what is made of that again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from nnsweep.errors import StoreError
from nnsweep.grid import Trial
from nnsweep.spec.sweep import Axis, Success, Sweep, label
from nnsweep.store.rows import Row, encode


@dataclass(frozen=True)
class Shown:
    """A sweep as its store tells it: values are as tables show them, trials are without their parameters."""

    sweep: Sweep
    metrics: list[str]
    trials: list[Trial]


def to_text(sweep: Sweep, metrics: Sequence[str]) -> str:
    """Write the names that a sweep's tables need."""
    axes = [[axis.name, axis.parameter, [label(value) for value in axis.values]] for axis in sweep.axes]
    success = None if sweep.success is None else asdict(sweep.success)
    named = {"name": sweep.name, "description": sweep.description, "trainer": sweep.trainer}
    return encode(named | {"axes": axes, "metrics": list(metrics), "success": success})


def to_rows(trials: Sequence[Trial]) -> list[Row]:
    """Give the columns position, trial and settings."""
    return [(at, trial.id, _labelled(trial.settings)) for at, trial in enumerate(trials)]


def sum_up(text: str, rows: Sequence[Row]) -> str:
    """Digest what `to_text` and `to_rows` gave."""
    whole = "\n".join([str(text), *(f"{id}{settings}" for _, id, settings in rows)])
    return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def to_shown(text: str, rows: Sequence[Row], where: str) -> Shown:
    """Make a sweep and its trials again, of rows that were checked.

    Raises:
        StoreError: the text is none that was written here.
    """
    try:
        named = json.loads(text)
        axes = tuple(Axis(name, parameter, tuple(values)) for name, parameter, values in named.pop("axes"))
        success = Success(**named.pop("success")) if named["success"] else named.pop("success")
        metrics = named.pop("metrics")
        settings = json.loads(f"[{','.join(row[2] for row in rows)}]")
        trials = [Trial(row[1], each, {}, "") for row, each in zip(rows, settings, strict=True)]
        return Shown(Sweep(**named, axes=axes, success=success), metrics, trials)
    except (ValueError, TypeError, KeyError, RecursionError):  # The digest matches: another program wrote it.
        raise StoreError(f"{where}: a sweep that nnsweep did not write; run the sweep again with --fresh") from None


def _labelled(settings: Mapping[str, Any]) -> str:
    return f"{{{','.join(map(_member, settings, settings.values()))}}}"


@lru_cache(maxsize=4096, typed=True)  # A grid repeats few values: encoding them anew takes four times as long.
def _member(name: str, value: Any) -> str:
    return f"{encode(name)}:{encode(label(value))}"
