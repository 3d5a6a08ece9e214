"""A trainer that fails as its parameters say; workers import it by name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict

from nnsweep.trainers import Outcome, Params, Trainer


class FakeParameters(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    shape: int = 0
    value: int = 0
    epochs: int = 1
    does: str = "well"
    diary: str = ""
    seed: int = 0


SLEEP = "NNSWEEP_TEST_SLEEP"
"""The environment variable that says how many seconds a trial `sleeps`: no parameter, so that ids are the same."""


class FakeTrainer(Trainer):
    """Ends `well`, `raises`, `sleeps`, `hangs`, returns what `cannot be sent`, or `dies`.

    It `dies once` for a diary file, in which it notes its calls, and `raises once` and `hangs once` as well.
    """

    name = "tests.execution.fake_trainer:FakeTrainer"
    version = "1"
    parameters = FakeParameters
    metrics = MappingProxyType({"square": "value squared", "pid": "its process"})

    def measured(self, params: Params) -> tuple[str, ...]:
        return ("square",)  # of which tables are made: that of a process differs from run to run

    def stack_key(self, params: Params) -> int:
        return params["shape"]

    def training_key(self, params: Params) -> tuple[int, int, int]:
        return params["shape"], params["value"], params["seed"]

    def capacity(self, params: Params) -> int:
        return 3

    def cost(self, readings: Sequence[Params]) -> float:
        return 0.5 * max(params["epochs"] for params in readings)

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        return [self._train(params) for params in stack]

    def _train(self, params: Params) -> Outcome:
        diary = Path(params["diary"]) if params["diary"] else None
        before = diary.read_text(encoding="utf-8").split() if diary and diary.exists() else []
        if diary:
            with diary.open("a", encoding="utf-8") as file:
                file.write(f"{params['value']}\n")
        does = params["does"].removesuffix(" once")
        if does == params["does"] or str(params["value"]) not in before:
            _do(does, params["value"])
        metrics: dict[str, Any] = {"square": float(params["value"] ** 2), "pid": float(os.getpid())}
        if does == "cannot be sent":
            metrics["pid"] = (number for number in ())  # which no pickle holds
        return Outcome("ok", metrics)


def _do(what: str, value: int) -> None:
    if what == "raises":
        raise ValueError(f"no value {value}")
    if what == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "sleeps":
        time.sleep(float(os.environ[SLEEP]))
    if what == "hangs":
        time.sleep(3600)
