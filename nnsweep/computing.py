"""What computes the stacks of this process: NumPy alone, or compiled code where it can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nnsweep.defaults import NUMPY

START = "start"


@dataclass(frozen=True)
class Computing:
    """`engine` is NUMPY or COMPILED; compiled code takes up to so many threads. Neither changes a bit of a result.

    `steps` counts those of the built-in trainer's trainings by what computed them, and under START the microseconds
    until compiled code could be called.
    """

    engine: str = NUMPY
    threads: int = 1
    steps: Counter[str] = field(default_factory=Counter)


_current = [Computing()]


def current() -> Computing:
    """Give what computes now."""
    return _current[-1]


@contextmanager
def computing(engine: str, threads: int = 1) -> Iterator[Computing]:
    """Compute stacks that are made in this block so."""
    _current.append(Computing(engine, threads))
    try:
        yield _current[-1]
    finally:
        _current.pop()
