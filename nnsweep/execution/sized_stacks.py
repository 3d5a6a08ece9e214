"""Size stacks for a cluster, where handing one over takes milliseconds: join small ones, and split large ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from operator import length_hint

from nnsweep.execution.events import Progressed
from nnsweep.execution.stack import Stack
from nnsweep.trials.grid import Grid
from nnsweep.trials.outcomes import ids_of
from nnsweep.trials.trial import Trial

SHORTEST, LONGEST = 1.0, 10.0
"""Seconds that a stack should take: a task of Dask's costs about 0.01 s, and a death costs half a stack."""
STACKS_PER_WORKER = 4
"""Stacks that each worker gets at least, if that does not make them too short."""
MOST = 1000
"""How many stacks are joined at most: estimates can be wrong."""


class SizedStacks(Iterator[Stack]):
    """Hands out stacks that take about as long as they should, by their costs and by what the first of them took.

    `cost` is that of all of them, and `slots` tells how many are in training at once.
    """

    def __init__(self, stacks: Iterable[Stack], cost: float, slots: Callable[[], int]) -> None:
        self._stacks, self._left, self._slots = iter(stacks), cost, slots
        self._parts: list[Stack] = []
        self._out: dict[int, Stack] = {}
        self._estimated = self._took = 0.0

    def __next__(self) -> Stack:
        wanted = min(LONGEST, max(SHORTEST, self._left * self._speed / (self._slots() * STACKS_PER_WORKER)))
        found = [self._next(wanted)]
        cost = found[0].cost
        while 0 < cost * self._speed < wanted and len(found) < MOST:
            try:
                found.append(self._next(wanted))
            except StopIteration:
                break
            cost += found[-1].cost
        self._left = max(0.0, self._left - cost)
        stack = _joined(found, cost)
        self._out[_key(stack.trials)] = stack
        return stack

    def __length_hint__(self) -> int:
        return len(self._parts) + length_hint(self._stacks)

    @property
    def _speed(self) -> float:
        """How many seconds a second of the estimated cost is."""
        return self._took / self._estimated if self._took else 1.0

    def _next(self, wanted: float) -> Stack:
        """Take a stack, or a part of one that takes too long."""
        if not self._parts:
            stack = next(self._stacks)
            number = min(len(stack.sizes), round(stack.cost * self._speed / wanted))
            self._parts = _split(stack, number)[::-1] if number > 1 else [stack]
        return self._parts.pop()

    def take_back(self, progressed: Progressed) -> None:
        """Learn how long a stack took, unless only a part of it was trained."""
        stack = self._out.pop(_key(progressed.trials), None)
        if stack is not None and stack.cost and len(stack.trials) == len(progressed.trials):
            self._estimated, self._took = self._estimated + stack.cost, self._took + progressed.seconds


def _key(trials: Sequence[Trial]) -> int:
    return int(ids_of(trials)[0])


def _split(stack: Stack, number: int) -> list[Stack]:
    """Split a stack into parts with about as many trainings."""
    count, places = len(stack.sizes), [0, *accumulate(stack.sizes)]
    bounds = [part * count // number for part in range(number + 1)]
    return [
        Stack(stack.trials[places[start] : places[end]], stack.sizes[start:end], stack.cost * (end - start) / count)
        for start, end in pairwise(bounds)
    ]


def _joined(stacks: list[Stack], cost: float) -> Stack:
    if len(stacks) == 1:
        return stacks[0]
    sizes = list(chain.from_iterable(stack.sizes for stack in stacks))
    return Stack(Grid.joined([stack.trials for stack in stacks]), sizes, cost)
