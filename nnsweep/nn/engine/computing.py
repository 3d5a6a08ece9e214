"""What computes the stacks of this process: NumPy alone, or compiled code too, in how many threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Computing:
    """The engines that stacks may have, `numpy` or `compiled`, and what they did.

    Neither changes a bit of what comes of a training. `steps` counts the steps of all trainings by the name of what
    computed them.
    """

    engine: str = "numpy"
    threads: int = 1

    def __post_init__(self) -> None:
        self.steps = {"numpy": 0, "compiled": 0}


_stack = [Computing()]


def current() -> Computing:
    """Give what computes now."""
    return _stack[-1]


@contextmanager
def computing(engine: str, threads: int = 1) -> Iterator[Computing]:
    """Have stacks that are made in this block computed so."""
    _stack.append(Computing(engine, threads))
    try:
        yield _stack[-1]
    finally:
        _stack.pop()
