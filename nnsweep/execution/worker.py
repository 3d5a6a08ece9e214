"""What happens to a stack where it is trained, in this process or in a worker."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence

from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome, Params, Trainer


def begin(parent: int) -> None:
    """Prepare a worker: it ends when the process `parent` does, which alone answers to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
    if os.getppid() != parent:  # It may have died before Linux was asked; other systems cannot be asked.
        os._exit(1)


def train_stack(trainer_name: str, stack: Sequence[Params]) -> list[Outcome]:
    """Train a stack with BLAS at one thread, so that a trial's bits do not depend on where it runs.

    A stack that raises is trained trial by trial: only those that raise alone are `failed`.
    """
    from threadpoolctl import threadpool_limits

    trainer = load(trainer_name)  # before the limit, which holds only for libraries that are loaded
    with threadpool_limits(limits=1):
        return _train(trainer, stack)


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
