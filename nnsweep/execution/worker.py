"""What happens to a stack where it is trained, in this process or in a worker."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nnsweep.errors import NnsweepError
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome, Params, Trainer

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

THREADS = 1
"""Of the BLAS: with more, a sum's order, and so a trial's last bits, would depend on the machine."""


PACKAGE = Path(__file__).parents[1]


class Trained(NamedTuple):
    """A stack's outcomes, and how many seconds the trainer took for them."""

    outcomes: list[Outcome]
    seconds: float


def begin(parent: int) -> None:
    """Prepare a worker: it ends when the process `parent` does, which alone answers to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() != parent:  # It may have died before Linux was asked; other systems cannot be asked.
        os._exit(1)
    from joblib.externals.loky import process_executor

    # Where psutil is installed, loky ends a worker that has grown by 300 MB and starts another, which it cannot do
    # here: `Worker` has closed the ends of the pipes that the other would need.
    process_executor._USE_PSUTIL = False


def make_ready(trainer_name: str, version: str) -> None:
    """Import what training needs, before any trial's time is counted.

    Raises:
        NnsweepError: the trainer is of another version here than where its trials were named.
    """
    if load(trainer_name).version != version:
        raise NnsweepError(f"trainer `{trainer_name}`: its source has changed since the run began; run again")
    libraries()


def train_stack(trainer_name: str, stack: Sequence[Params]) -> Trained:
    """Train a stack with BLAS at one thread, so that a trial's bits do not depend on where it runs.

    A stack that raises is trained trial by trial: only those that raise alone are `failed`.
    """
    trainer = load(trainer_name)  # before the limit, which holds only for libraries that are loaded
    with libraries().limit(limits=THREADS):
        started = time.perf_counter()
        return Trained(_train(trainer, stack), time.perf_counter() - started)


def libraries() -> ThreadpoolController:
    """Find those libraries with threads that are loaded: anew only where `sys.modules` has grown, as it takes long."""
    from threadpoolctl import ThreadpoolController

    return _found(ThreadpoolController, len(sys.modules))


@lru_cache(maxsize=1)
def _found(controller: type[ThreadpoolController], modules: int) -> ThreadpoolController:
    return controller()


def _train(trainer: Trainer, stack: Sequence[Params]) -> list[Outcome]:
    try:
        outcomes = trainer.train(stack)
        if len(outcomes) != len(stack):
            raise ValueError(f"trainer {trainer.name} returned {len(outcomes)} outcomes for {len(stack)} trials")
        return outcomes
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            raise  # it may be Ctrl-C, which workers ignore
        if len(stack) == 1:
            return [Outcome("failed", failure=_told(error))]
    return [outcome for params in stack for outcome in _train(trainer, [params])]


def _told(error: BaseException) -> str:
    """Write a traceback from the first frame that is a user's; the whole where none is."""
    frame = error.__traceback__
    while frame is not None and PACKAGE in Path(frame.tb_frame.f_code.co_filename).parents:
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame or error.__traceback__))
