"""Stacks for a cluster: small ones are joined, large ones are split, by what they cost and took."""

from __future__ import annotations

from dataclasses import replace

from nnsweep.execution.events import Progressed
from nnsweep.execution.sized_stacks import LONGEST, SHORTEST, SizedStacks
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


def test_quick_stacks_are_joined():
    """Into one for a second, since 125 workers can be given 125 stacks in a second."""
    sized = list(SizedStacks(stacks_of(*[0.25] * 10), 2.5, lambda: 125))
    assert sizes(sized) == [4, 4, 2]
    assert ids(sized) == [f"{value}" for value in range(10)]


def test_a_long_stack_is_split():
    """Each of five workers is to get four stacks of 80 seconds: of four seconds, of a second a training."""
    sized = list(SizedStacks(stacks_of(80.0, size=80), 80.0, lambda: 5))
    assert sizes(sized)[:4] == [4] * 4
    assert ids(sized) == [f"{value}" for value in range(80)]
    assert abs(sum(each.cost for each in sized) - 80.0) < 1e-9


def test_a_part_repeats_little_of_the_others():
    """Any part takes two seconds that all have in common, so that it has eight of its own, though ten workers wait."""
    (whole,) = stacks_of(34.0, size=32)
    sized = list(SizedStacks([replace(whole, shared=2.0)], 34.0, lambda: 10))
    assert sizes(sized) == [8] * 4
    assert [each.cost for each in sized] == [10.0] * 4


def test_no_stack_takes_longer_than_the_longest():
    sized = list(SizedStacks(stacks_of(1000.0, size=500), 1000.0, lambda: 2))
    assert max(each.cost for each in sized) <= 1.5 * LONGEST


def test_stacks_become_shorter_so_that_all_workers_end_together():
    costs = [each.cost for each in SizedStacks(stacks_of(*[0.01] * 2000), 20.0, lambda: 2)]
    assert costs == sorted(costs, reverse=True)
    assert 2.4 < costs[0] < 2.6
    assert costs[-2] < SHORTEST + 0.02
    assert len(costs) < 40


def test_what_the_first_took_tells_of_the_others():
    """Each is assumed to take a second, and takes a tenth of it."""
    sized = SizedStacks(stacks_of(*[1.0] * 100), 100.0, lambda: 125)
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
