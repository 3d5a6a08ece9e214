"""A trainer that fails as its parameters say; workers import it by name."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from nnsweep.trainers import Outcome, Params, Trainer


class FakeParameters(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    shape: int = 0
    value: int = 0
    epochs: int = 1
    does: str = "well"
    diary: str = ""


class FakeTrainer(Trainer):
    """Ends `well`, `raises`, `dies` always, or `dies once` for a diary file in which it notes its calls."""

    name = "tests.execution.fake_trainer:FakeTrainer"
    version = "1"
    parameters = FakeParameters
    metrics = MappingProxyType({"square": "value squared"})

    def stack_key(self, params: Params) -> int:
        return params["shape"]

    def training_key(self, params: Params) -> tuple[int, int]:
        return params["shape"], params["value"]

    def capacity(self, params: Params) -> int:
        return 3

    def cost(self, params: Params) -> float:
        return 0.5 * params["epochs"]

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        return [self._train(params) for params in stack]

    def _train(self, params: Params) -> Outcome:
        diary = Path(params["diary"]) if params["diary"] else None
        before = diary.read_text(encoding="utf-8").split() if diary and diary.exists() else []
        if diary:
            with diary.open("a", encoding="utf-8") as file:
                file.write(f"{params['value']}\n")
        if params["does"] == "raises":
            raise ValueError(f"no value {params['value']}")
        if params["does"] == "dies" or (params["does"] == "dies once" and str(params["value"]) not in before):
            os.kill(os.getpid(), signal.SIGKILL)
        return Outcome("ok", {"square": float(params["value"] ** 2), "pid": float(os.getpid())})
