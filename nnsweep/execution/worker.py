"""What happens to a stack where it is trained, in this process or in a worker."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from typing import NamedTuple

from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome, Params, Trainer

THREADS = 1
"""Of the BLAS: with more, a sum's order, and so a trial's last bits, would depend on the machine."""


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


def make_ready(trainer_name: str) -> None:
    """Import what training needs, before any trial's time is counted."""
    import threadpoolctl  # noqa: F401

    load(trainer_name)


def train_stack(trainer_name: str, stack: Sequence[Params]) -> Trained:
    """Train a stack with BLAS at one thread, so that a trial's bits do not depend on where it runs.

    A stack that raises is trained trial by trial: only those that raise alone are `failed`.
    """
    from threadpoolctl import threadpool_limits

    trainer = load(trainer_name)  # before the limit, which holds only for libraries that are loaded
    with threadpool_limits(limits=THREADS):
        started = time.perf_counter()
        return Trained(_train(trainer, stack), time.perf_counter() - started)


def _train(trainer: Trainer, stack: Sequence[Params]) -> list[Outcome]:
    try:
        outcomes = trainer.train(stack)
        if len(outcomes) != len(stack):
            raise ValueError(f"trainer {trainer.name} returned {len(outcomes)} outcomes for {len(stack)} trials")
        return outcomes
    except Exception:
        if len(stack) == 1:
            return [Outcome("failed", failure=traceback.format_exc())]
    return [outcome for params in stack for outcome in _train(trainer, [params])]
