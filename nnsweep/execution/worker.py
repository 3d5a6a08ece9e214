"""What happens to a stack where it is trained, in this process or in a worker."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from nnsweep import data
from nnsweep.data.places import look_beside
from nnsweep.errors import NnsweepError
from nnsweep.execution.printed import printing
from nnsweep.trainers import load
from nnsweep.trainers.failures import traceback_of
from nnsweep.trainers.plugins import BUILT_IN
from nnsweep.trainers.protocol import Outcome, Params, Trainer, compact
from nnsweep.trainers.returned import Checked, LeftOut, check
from nnsweep.trainers.session import unpack

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

THREADS = 1
"""Of the BLAS: with more, a sum's order, and so a trial's last bits, would depend on the machine."""


class Trained(NamedTuple):
    """A stack's outcomes, the seconds that the trainer took, what it returned besides, and what it printed."""

    outcomes: list[Outcome]
    seconds: float
    left_out: Sequence[LeftOut] = ()
    """Of those trials that have something of the kind."""
    printed: str = ""


def begin(parent: int, beside: str) -> None:
    """Prepare a worker: it ends when the process `parent` does, which alone answers to Ctrl-C.

    `beside` is the folder in which the sweep's code is looked for first.
    """
    look_beside(beside)
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


def make_ready(trainer_name: str, version: str, packed: bytes | None = None) -> None:
    """Import what training needs, before any trial's time is counted; `packed` is a trainer that no module holds.

    Raises:
        NnsweepError: the trainer is of another version here than where its trials were named.
    """
    if packed is not None:
        unpack(packed)
    if load(trainer_name).version != version:
        raise NnsweepError(f"trainer `{trainer_name}`: its source has changed since the run began; run again")
    libraries()


def train_stack(trainer_name: str, stack: Sequence[Params], name: str | None = None, silent: bool = False) -> Trained:
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
            with printing(name, silent) as printed:
                checked = _train(trainer, stack)
            text = printed.finish()
            if name is not None:
                _flush_c()
        seconds = time.perf_counter() - started
    left_out = [each.left_out for each in checked if each.left_out]
    return Trained([_compact(each.outcome) for each in checked], seconds, left_out, text)


def _compact(outcome: Outcome) -> Outcome:
    history = compact(outcome.history)
    return outcome if history is outcome.history else replace(outcome, history=history)


def _flush_c() -> None:
    """Write what C code has printed: a worker is killed in the end, with what its buffers hold."""
    if sys.platform != "win32":
        import ctypes

        ctypes.CDLL(None).fflush(None)


def train_same_data(trainer_name: str, stack: Sequence[Params], data_of: Sequence[str], *rest: Any) -> Trained:
    """Train a stack as `train_stack` does, if its data are those whose fingerprints are `data_of`, trial by trial.

    Raises:
        NnsweepError: they are others: a file was edited, or a function makes other data in each process.
    """
    data.refresh()
    fingerprint = load(trainer_name).fingerprint
    if [fingerprint(params) for params in stack] != list(data_of):
        raise NnsweepError(
            "a worker finds other data than the run began with: their file was edited, or their function makes others "
            "in each process, as with `hash()` or without its seed; nothing was stored of them; run again"
        )
    return train_stack(trainer_name, stack, *rest)


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
