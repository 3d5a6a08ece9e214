"""Stacks for a cluster: small ones are joined, large ones are split, by what they cost and took."""

from __future__ import annotations

from dataclasses import replace

from nnsweep.execution.events import Progressed
from nnsweep.execution.sized_stacks import LONGEST, SizedStacks
from nnsweep.trainers.protocol import Outcome
from tests.helpers.stacks import stack, trial


def stacks_of(*costs: float, size: int = 1):
    return [
        replace(stack(*(trial(size * place + each) for each in range(size))), cost=cost)
        for place, cost in enumerate(costs)
    ]


def sizes(stacks):
    return [len(each.sizes) for each in stacks]


def ids(stacks):
    return [trial.id for each in stacks for trial in each.trials]


def test_quick_stacks_are_joined_to_a_second():
    sized = list(SizedStacks(stacks_of(*[0.25] * 10), 2.5, lambda: 100))
    assert sizes(sized) == [4, 4, 2]
    assert ids(sized) == [f"{value}" for value in range(10)]


def test_a_long_stack_is_split_for_all_workers():
    sized = list(SizedStacks(stacks_of(80.0, size=80), 80.0, lambda: 5))
    assert sizes(sized) == [4] * 20  # four for each of five workers
    assert ids(sized) == [f"{value}" for value in range(80)]
    assert abs(sum(each.cost for each in sized) - 80.0) < 1e-9


def test_no_stack_takes_longer_than_the_longest():
    sized = list(SizedStacks(stacks_of(1000.0, size=500), 1000.0, lambda: 2))
    assert max(each.cost for each in sized) <= 1.5 * LONGEST


def test_what_the_first_took_tells_of_the_others():
    """Each is assumed to take a second, and takes a tenth of it."""
    sized = SizedStacks(stacks_of(*[1.0] * 100), 100.0, lambda: 1000)
    first = next(sized)
    assert len(first.sizes) == 1
    sized.take_back(Progressed(first.trials, [Outcome("ok")], 0.1))
    assert len(next(sized).sizes) == 10


def test_stacks_of_unknown_cost_stay_as_they_are():
    assert sizes(SizedStacks(stacks_of(0.0, 0.0, size=3), 0.0, lambda: 2)) == [3, 3]


def test_a_million_short_trials_make_stacks_of_seconds():
    """So that no scheduler has 50,000 tasks to queue: it gets some for each worker, and more as these end."""
    sized = SizedStacks(stacks_of(*[0.1] * 20_000), 100_000.0, lambda: 500)
    assert {round(next(sized).cost) for _ in range(10)} == {10}
