"""Train stacks in this process, one after the other."""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from functools import partial
from math import inf

from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import NO_KEEPER, Backend, Keeper, Trained
from nnsweep.execution.stack import Stack
from nnsweep.execution.training import train_stack
from nnsweep.trainers.logged import Part
from nnsweep.trainers.saved import SavedFile
from nnsweep.trainers.surroundings import NOWHERE, Surroundings


class LocalBackend(Backend):
    """Trains in this process. It cannot stop a training, and ends with one that ends the process."""

    survives_death = False
    is_elsewhere = False
    keeps_timeout = False
    slots = 1

    def __init__(self, trainer_name: str, keeper: Keeper = NO_KEEPER) -> None:
        self._trainer_name, self._keeper = trainer_name, keeper
        self._submitted = deque[tuple[Stack, float]]()

    def submit(self, stack: Stack, seconds: float = inf) -> None:
        """Remember a stack: `next` trains it, where Ctrl-C may interrupt."""
        self._submitted.append((stack, time.perf_counter()))

    def next(self) -> Trained:
        """Train the stack that was submitted."""
        stack, submitted = self._submitted.popleft()
        surroundings = NOWHERE
        if not stack.silent:
            surroundings = Surroundings(partial(self._send, stack), artifacts=self._keeper.artifacts)
        result = train_stack(self._trainer_name, stack.params, None, stack.silent, stack.states, surroundings)
        return Trained(stack, result, time.perf_counter() - submitted - result.seconds)

    def _send(self, stack: Stack, kept: Part | SavedFile) -> None:
        with suppress(NnsweepError):  # the trial itself cannot be stored then, and that is an error
            self._keeper.keep(stack.trials[0].id, kept)

    def cancel(self) -> None:
        """Forget what was submitted."""
        self._submitted.clear()
