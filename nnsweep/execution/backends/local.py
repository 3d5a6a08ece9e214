"""Train stacks in this process, one after the other."""

from __future__ import annotations

import time
from collections import deque
from math import inf

from nnsweep.execution.backends.base import Backend, Trained
from nnsweep.execution.stack import Stack
from nnsweep.execution.training import train_stack


class LocalBackend(Backend):
    """Trains in this process. It cannot stop a training, and ends with one that ends the process."""

    survives_death = False
    keeps_timeout = False
    slots = 1

    def __init__(self, trainer_name: str) -> None:
        self._trainer_name = trainer_name
        self._submitted = deque[tuple[Stack, float]]()

    def submit(self, stack: Stack, seconds: float = inf) -> None:
        """Remember a stack: `next` trains it, where Ctrl-C may interrupt."""
        self._submitted.append((stack, time.perf_counter()))

    def next(self) -> Trained:
        """Train the stack that was submitted."""
        stack, submitted = self._submitted.popleft()
        result = train_stack(self._trainer_name, stack.params, silent=stack.silent, states=stack.states)
        return Trained(stack, result, time.perf_counter() - submitted - result.seconds)

    def cancel(self) -> None:
        """Forget what was submitted."""
        self._submitted.clear()
