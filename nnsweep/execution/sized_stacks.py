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

LONGEST = 10.0
"""Seconds that a stack should take at most: a death costs half a stack."""
SHORTEST = 0.25
"""Seconds that it should take at least: a task of Dask's costs about 0.01 s."""
WORTH_A_PART = 1.0
"""Seconds that a part of a stack should take at least: small networks train fastest many at a time."""
REPEATED = 4
"""How many times as long a part takes for itself, at least, as for what it repeats of the others."""
MOST_TASKS = 125
"""Tasks in a second that a scheduler and this process can handle: each costs Dask about 0.007 s."""
SHARES = 4
"""How many stacks each worker still gets of what is left. So stacks become shorter, and all workers end together."""
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
        wanted = self._wanted()
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

    def _wanted(self) -> float:
        """How many seconds the next stack should take."""
        slots = self._slots()
        return min(LONGEST, max(SHORTEST, slots / MOST_TASKS, self._left * self._speed / (slots * SHARES)))

    @property
    def _speed(self) -> float:
        """How many seconds a second of the estimated cost is."""
        return self._took / self._estimated if self._took else 1.0

    def _next(self, wanted: float) -> Stack:
        """Take a stack, or a part of one that takes too long."""
        if not self._parts:
            stack = next(self._stacks)
            self._parts = self._split(stack, max(wanted, WORTH_A_PART))[::-1]
        return self._parts.pop()

    def _split(self, stack: Stack, wanted: float) -> list[Stack]:
        """Split a stack into parts with about as many trainings, unless they would repeat too much."""
        own, shared = (stack.cost - stack.shared) * self._speed, stack.shared * self._speed
        count = len(stack.sizes)
        number = max(1, min(count, round(own / max(wanted - shared, REPEATED * shared)))) if own > 0 else 1
        places, bounds = [0, *accumulate(stack.sizes)], [part * count // number for part in range(number + 1)]
        cost = stack.cost - stack.shared
        return [
            Stack(
                stack.trials[places[start] : places[end]],
                stack.sizes[start:end],
                cost * (end - start) / count + stack.shared,
                stack.shared,
            )
            for start, end in pairwise(bounds)
        ]

    def take_back(self, progressed: Progressed) -> None:
        """Learn how long a stack took, unless only a part of it was trained."""
        stack = self._out.pop(_key(progressed.trials), None)
        if stack is not None and stack.cost and len(stack.trials) == len(progressed.trials):
            self._estimated, self._took = self._estimated + stack.cost, self._took + progressed.seconds


def _key(trials: Sequence[Trial]) -> int:
    return int(ids_of(trials)[0])


def _joined(stacks: list[Stack], cost: float) -> Stack:
    if len(stacks) == 1:
        return stacks[0]
    sizes = list(chain.from_iterable(stack.sizes for stack in stacks))
    return Stack(Grid.joined([stack.trials for stack in stacks]), sizes, cost)
