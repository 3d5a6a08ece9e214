"""The plans of a sweep's blocks, each made when the stacks of the one before are handed out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import chain

from nnsweep.execution.events import Event, Planned
from nnsweep.execution.plan import Plan
from nnsweep.execution.stack import Stack


class BlockPlans(Iterator[Stack]):
    """Hands out the stacks of plans. `trials` is how many trials all the plans look at."""

    def __init__(self, plans: Iterable[Plan], trials: int = 0) -> None:
        self._plans, self._unseen = iter(plans), trials
        self._new = self._stored = self._count = 0
        self.cost = 0.0
        """The estimated seconds of the plans so far."""
        self._stacks: Iterator[Stack] = iter(())
        self._left = 0
        self.emit: Callable[[Event], object] = lambda event: None
        """Hears of each plan."""
        self.waits: Callable[[], bool] = lambda: False
        """Whether the next plan depends on trials that are in training."""
        self.store_now: Callable[[], object] = lambda: None
        """Stores what has ended: the next plan may depend on it."""

    @cached_property
    def first(self) -> Plan | None:
        """The first plan that has something to train; None if none has."""
        return self._plan()

    @property
    def share(self) -> float:
        """How many times as much as the plans so far all of them hold, as far as that is known."""
        seen = self._new + self._stored
        return (seen + self._unseen) / seen if seen else 1.0

    @property
    def planned(self) -> Planned:
        """What is known of all plans: trials that were not looked at yet may have to be trained."""
        return Planned(self._new + self._unseen, self._count, self._stored)

    def __next__(self) -> Stack:
        while True:
            stack = next(self._stacks, None)
            if stack is not None:
                self._left -= 1
                return stack
            if self.waits():
                raise StopIteration
            before, plan = self.planned, self._plan()
            if plan is not None or self.planned != before:
                self.emit(self.planned)
            if plan is None:
                raise StopIteration

    def __length_hint__(self) -> int:
        seen = self._new + self._stored
        return self._left + round(self._unseen * self._count / seen) if seen else 0

    def _plan(self) -> Plan | None:
        for plan in self._plans:
            self._new += plan.new
            self.cost += plan.cost
            self._stored += plan.cached
            self._unseen = max(0, self._unseen - plan.new - plan.cached)
            if plan.new:
                self._stacks, self._left = chain.from_iterable(plan.parts), plan.count
                self._count += plan.count
                return plan
        self._unseen = 0
        return None
