"""A trainer that fails as its parameters say; workers import it by name."""

from __future__ import annotations

import os
import signal
import sys
import threading
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
    """Ends `well`, `raises`, `prints`, `sleeps`, `hangs`, `interrupts`, returns what `cannot be sent`, or `dies`.

    It `kills its parent`, too.

    It `dies once` for a diary file, in which it notes its calls, and `raises once` and `hangs once` as well. It `waits
    for 3` until the diary has notes of 3 calls.
    """

    name = "tests.helpers.fake_trainer:FakeTrainer"
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

    def cost(self, checkpoints: Sequence[Params]) -> float:
        return 0.5 * max(params["epochs"] for params in checkpoints)

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
        if diary and does.startswith("waits for "):
            while len(diary.read_text(encoding="utf-8").split()) < int(does.removeprefix("waits for ")):
                time.sleep(0.01)
        if diary and does == "leaves a child and dies":
            _leave_a_child(diary.with_suffix(".child"))
            _do("dies", 0)
        metrics: dict[str, Any] = {"square": float(params["value"] ** 2), "pid": float(os.getpid())}
        if does == "cannot be sent":
            metrics["pid"] = (number for number in ())  # which no pickle holds
        if does == "dies while it sends":
            threading.Thread(target=_die_in, args=("_send_bytes",), daemon=True).start()
            return Outcome("ok", metrics, {"square": [0.0] * 1_000_000})
        return Outcome("ok", metrics)


def _leave_a_child(note: Path) -> None:
    """Start a process that holds what this one has open, as a data loader does, and note its id."""
    child = os.fork()
    if not child:
        time.sleep(3600)
        os._exit(0)
    note.write_text(f"{child}", encoding="utf-8")


def _die_in(function: str) -> None:
    """Die as soon as the main thread is in a function."""
    frame = None
    while frame is None or frame.f_code.co_name != function:
        frame = frame.f_back if frame is not None else sys._current_frames()[threading.main_thread().ident or 0]
    _do("dies", 0)


def _do(what: str, value: int) -> None:
    if what == "raises":
        raise ValueError(f"no value {value}")
    if what == "prints":
        print(f"value {value}")
    if what == "interrupts":
        signal.raise_signal(signal.SIGINT)
    if what == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "kills its parent":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(3600)
    if what == "sleeps":
        time.sleep(float(os.environ[SLEEP]))
    if what == "hangs":
        time.sleep(3600)
