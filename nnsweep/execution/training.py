"""Train one stack, in this process or in a worker, and give an outcome for each trial whatever the trainer does."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from nnsweep.computing import current
from nnsweep.data.containment import contained
from nnsweep.execution.backends.base import StackResult
from nnsweep.execution.continued import train_on
from nnsweep.execution.packages import IMPORTED
from nnsweep.execution.printed import printing
from nnsweep.threads import libraries
from nnsweep.trainers import load
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trainers.failures import traceback_of
from nnsweep.trainers.live_trial import Training, surrounded
from nnsweep.trainers.plugins import BUILT_IN
from nnsweep.trainers.protocol import EPOCHS, Outcome, Params, Trainer, compact
from nnsweep.trainers.returned import LeftOut, check
from nnsweep.trainers.surroundings import NOWHERE, Surroundings

THREADS = 1
"""Threads of the BLAS. With more, the order of sums, and with it the last bits of a trial, depends on the machine."""


def train_stack(
    trainer_name: str,
    stack: Sequence[Params],
    name: str | None = None,
    silent: bool = False,
    states: str = "",
    surroundings: Surroundings = NOWHERE,
) -> StackResult:
    """Train a stack with BLAS at one thread, so that a trial's bits do not depend on where it runs.

    A stack that raises is trained trial by trial: only trials that raise alone are `failed`. What a user's trainer
    prints goes to standard error, each line after `name` if there is one; if `silent`, it is dropped. What a function
    logs goes where the `surroundings` say. Trainings continue from the states in the folder `states`, if one is given.
    """
    trainer = load(trainer_name)  # before the limit, which applies only to libraries that are loaded
    with libraries().limit(limits=THREADS):
        started, before = time.perf_counter(), Counter(current().steps)
        text, imported = "", ()
        if trainer.name in BUILT_IN:
            outcomes, left_out = _train(trainer, stack, Training(), states)
        else:
            with (
                printing(name, silent) as printed,
                contained(),
                surrounded(surroundings) as training,
                IMPORTED.watch(),
            ):
                outcomes, left_out = _train(trainer, stack, training, states)
            text = printed.finish()
            if name is not None:
                _flush_c()
        seconds = time.perf_counter() - started
        if trainer.name not in BUILT_IN:
            imported = IMPORTED.new()
    kept = outcomes if isinstance(outcomes, OutcomeColumns) else list(map(_compact, outcomes))
    return StackResult(kept, seconds, left_out, [(0, text)] if text else (), imported, dict(current().steps - before))


def _compact(outcome: Outcome) -> Outcome:
    history = compact(outcome.history)
    return outcome if history is outcome.history else replace(outcome, history=history)


def _flush_c() -> None:
    """Write what C code has printed: a worker is killed in the end, and its buffers are lost."""
    if sys.platform != "win32":
        import ctypes

        ctypes.CDLL(None).fflush(None)


def _train(
    trainer: Trainer, stack: Sequence[Params], training: Training, states: str = ""
) -> tuple[Sequence[Outcome], list[LeftOut]]:
    try:
        continues = states and trainer.advances and EPOCHS in stack[0]
        outcomes = train_on(trainer, stack, states) if continues else trainer.train(stack)
        if len(outcomes) != len(stack):
            raise ValueError(f"trainer {trainer.name} returned {len(outcomes)} outcomes for {len(stack)} trials")
        if trainer.name in BUILT_IN:
            return outcomes, []
        return _checked(trainer, outcomes, training)
    except BaseException as error:  # users' code may also raise what ends a thread or a coroutine
        if isinstance(error, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            raise  # it may be Ctrl-C; workers ignore that, so there it is the user's
        if len(stack) == 1:
            failed = Outcome("failed", history=training.history, failure=traceback_of(error))
            return _checked(trainer, [failed], training)
    alone = [_train(trainer, [params], training, states) for params in stack]
    return [each for outcomes, _ in alone for each in outcomes], [each for _, left_out in alone for each in left_out]


def _checked(
    trainer: Trainer, outcomes: Sequence[Outcome], training: Training
) -> tuple[Sequence[Outcome], list[LeftOut]]:
    checked = [check(each, trainer) for each in outcomes]
    left_out = [each.left_out | training.left_out for each in checked]
    return [each.outcome for each in checked], [each for each in left_out if each]
