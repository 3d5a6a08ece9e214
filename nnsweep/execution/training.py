"""Train one stack, in this process or in a worker, and give an outcome for each trial whatever the trainer does."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from nnsweep.data.containment import contained
from nnsweep.execution.backends.base import StackResult
from nnsweep.execution.printed import printing
from nnsweep.trainers import load
from nnsweep.trainers.failures import traceback_of
from nnsweep.trainers.plugins import BUILT_IN
from nnsweep.trainers.protocol import Outcome, Params, Trainer, compact
from nnsweep.trainers.returned import Checked, check

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

THREADS = 1
"""Of the BLAS: with more, a sum's order, and so a trial's last bits, would depend on the machine."""


def train_stack(
    trainer_name: str, stack: Sequence[Params], name: str | None = None, silent: bool = False
) -> StackResult:
    """Train a stack with BLAS at one thread, so that a trial's bits do not depend on where it runs.

    A stack that raises is trained trial by trial: only those that raise alone are `failed`. What a user's trainer
    prints goes to standard error, in lines that begin with `name` where there is one; if `silent`, nowhere.
    """
    trainer = load(trainer_name)  # before the limit, which holds only for libraries that are loaded
    with libraries().limit(limits=THREADS):
        started = time.perf_counter()
        text = ""
        if trainer.name in BUILT_IN:
            checked = _train(trainer, stack)
        else:
            with printing(name, silent) as printed, contained():
                checked = _train(trainer, stack)
            text = printed.finish()
            if name is not None:
                _flush_c()
        seconds = time.perf_counter() - started
    left_out = [each.left_out for each in checked if each.left_out]
    return StackResult([_compact(each.outcome) for each in checked], seconds, left_out, text)


def _compact(outcome: Outcome) -> Outcome:
    history = compact(outcome.history)
    return outcome if history is outcome.history else replace(outcome, history=history)


def _flush_c() -> None:
    """Write what C code has printed: a worker is killed in the end, with what its buffers hold."""
    if sys.platform != "win32":
        import ctypes

        ctypes.CDLL(None).fflush(None)


def libraries() -> ThreadpoolController:
    """Find those libraries with threads that are loaded: anew only where `sys.modules` has grown, as it takes long."""
    from threadpoolctl import ThreadpoolController

    return _found(ThreadpoolController, len(sys.modules))


@lru_cache(maxsize=1)
def _found(controller: type[ThreadpoolController], modules: int) -> ThreadpoolController:
    return controller()


def _train(trainer: Trainer, stack: Sequence[Params]) -> list[Checked]:
    try:
        outcomes = trainer.train(stack)
        if len(outcomes) != len(stack):
            raise ValueError(f"trainer {trainer.name} returned {len(outcomes)} outcomes for {len(stack)} trials")
        trusted = trainer.name in BUILT_IN
        return [Checked(each, {}) if trusted else check(each, trainer) for each in outcomes]
    except BaseException as error:  # users' code may raise what ends a thread or a coroutine, too
        if isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            raise  # it may be Ctrl-C, which workers ignore
        if len(stack) == 1:
            return [Checked(Outcome("failed", failure=traceback_of(error)), {})]
    return [outcome for params in stack for outcome in _train(trainer, [params])]
