"""Trials and outcomes to store."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from nnsweep.design.sweep import Axis, Success, Sweep
from nnsweep.trainers.protocol import Outcome, Params, Trainer
from nnsweep.trials.trial import Trial, canonical_json


class NoParameters(BaseModel):
    pass


class Silent(Trainer):
    name = "silent"
    version = "7"
    parameters = NoParameters
    metrics = MappingProxyType({"error": "Its error."})

    def train(self, stack: list[Params]) -> list[Outcome]:  # type: ignore[override]
        raise AssertionError("what is stored here is made up: nothing trains")


TRAINER = Silent()


def trial(number: int, **settings: Any) -> Trial:
    """Make a trial whose id is its number in 16 digits."""
    params = {"number": number} | settings
    return Trial(f"{number:016d}", settings, params, canonical_json(params))


def sweep(axes: Iterable[str] = (), success: Success | None = None, trials: Iterable[Trial] = ()) -> Sweep:
    """Make a sweep with these axes, and on them the values that some trials have."""
    values = {name: dict.fromkeys(each.settings[name] for each in trials) for name in axes}
    made = tuple(Axis(name, name, tuple(found)) for name, found in values.items())
    return Sweep("fake", TRAINER.name, "A fake", axes=made, success=success)
