"""What is trained again after a death or a timeout: the policy alone, without any process."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from math import ceil, log2

import pytest

from nnsweep.errors import NnsweepError
from nnsweep.execution.backends.base import Died, Overran, Report, StackResult, Trained
from nnsweep.execution.bisection import Suspects
from nnsweep.execution.events import Progressed
from nnsweep.execution.stack import Stack
from nnsweep.execution.supervisor import STARTS_ALLOWED, Supervisor
from nnsweep.trainers import Outcome
from tests.helpers.stacks import trial

Ids = frozenset[str]


def stack_of(*sizes: int) -> Stack:
    """Make a stack of trainings with these numbers of trials, which are "0", "1", … in order."""
    ids = iter(range(sum(sizes)))
    return Stack.of(tuple(trial(next(ids)) for _ in range(size)) for size in sizes)


def ids(stack: Stack) -> Ids:
    return frozenset(trial.id for trial in stack.trials)


class Run:
    """Trains stacks under a supervisor, in no time: `fate` says what becomes of each."""

    def __init__(self, *stacks: Stack, fate: Callable[[Stack], Report], timeout: float | None = None) -> None:
        supervisor = Supervisor(stacks, timeout)
        self.trained: list[Stack] = []
        self.outcomes: dict[str, Outcome] = {}
        while not supervisor.done:
            stack = supervisor.next_stack()
            self.trained.append(stack)
            event = supervisor.take(fate(stack))
            for trial_, outcome in event.pairs if isinstance(event, Progressed) else ():
                assert trial_.id not in self.outcomes
                self.outcomes[trial_.id] = outcome

    @property
    def parts(self) -> list[Stack]:
        """The stacks that were trained after the first two, which are the whole one."""
        whole, again, *parts = self.trained
        assert whole is again
        return parts

    def statuses(self) -> dict[str, Ids]:
        found: dict[str, set[str]] = {}
        for id, outcome in self.outcomes.items():
            found.setdefault(outcome.status, set()).add(id)
        return {status: frozenset(each) for status, each in found.items()}


def well(stack: Stack) -> Trained:
    return Trained(stack, StackResult([Outcome("ok")] * len(stack.trials), 1.0))


def dies_with(killers: Collection[str]) -> Callable[[Stack], Report]:
    return lambda stack: Died(stack) if ids(stack) & set(killers) else well(stack)


def overruns_with(slow: Collection[str]) -> Callable[[Stack], Report]:
    return lambda stack: Overran(stack) if ids(stack) & set(slow) else well(stack)


def test_what_ends_well_is_trained_once():
    stacks = [stack_of(1, 1), Stack.of([(trial(7),)])]
    run = Run(*stacks, fate=well)
    assert run.trained == stacks
    assert run.statuses() == {"ok": {"0", "1", "7"}}


@pytest.mark.parametrize("size", range(2, 41))
def test_a_killer_is_found_by_halving(size):
    for killer in range(size):
        run = Run(stack_of(*[1] * size), fate=dies_with({f"{killer}"}))
        assert run.statuses() == {"crashed": {f"{killer}"}, "ok": {f"{id}" for id in range(size) if id != killer}}
        assert len(run.parts) <= ceil(log2(size)) + 2
        alone = [stack for stack in run.trained if ids(stack) == {f"{killer}"}]
        assert len(alone) == 1, "a crashed trial had its last chance alone"


def test_the_bound_is_reached():
    most = max(len(Run(stack_of(*[1] * 16), fate=dies_with({f"{killer}"})).parts) for killer in range(16))
    assert most == 4 + 2


def test_trainings_of_several_epochs_are_parted_last():
    sizes, killer = [3] * 8, "13"  # the middle one of the fifth training
    run = Run(stack_of(*sizes), fate=dies_with({killer}))
    assert run.statuses()["crashed"] == {killer}
    assert len(run.outcomes) == 24
    assert len(run.parts) <= 3 + 2 + 2
    whole = [set(map(str, range(3 * at, 3 * at + 3))) for at in range(8)]
    for stack in run.parts:
        for each in whole:
            assert not ids(stack) & each or each <= ids(stack) or each == {"12", "13", "14"}


@pytest.mark.parametrize("at", range(8))
def test_a_training_that_kills_at_every_epoch(at):
    killers = {f"{3 * at + epoch}" for epoch in range(3)}
    run = Run(stack_of(*[3] * 8), fate=dies_with(killers))
    assert run.statuses() == {"crashed": killers, "ok": {f"{id}" for id in range(24)} - killers}
    assert len(run.parts) <= 3 + 2 + 2 + 3


def test_how_often_a_worker_died_is_said():
    run = Run(stack_of(1), fate=dies_with({"0"}))
    assert run.outcomes["0"].failure == "the worker that trained it died 3 times, the last time with this trial alone"
    run = Run(stack_of(*[1] * 8), fate=dies_with({"0"}))
    assert run.outcomes["0"].failure == "the worker that trained it died 5 times, the last time with this trial alone"


def test_an_accident_costs_one_more_training():
    accidents = iter([True])
    whole = stack_of(1, 1, 1)
    run = Run(whole, fate=lambda stack: Died(stack) if next(accidents, False) else well(stack))
    assert run.trained == [whole, whole]
    assert run.statuses() == {"ok": {"0", "1", "2"}}


@pytest.mark.parametrize("seed", range(300))
def test_killers_and_accidents_in_any_number(seed):
    chance = random.Random(seed)
    sizes = [chance.randint(1, 4) for _ in range(chance.randint(1, 12))]
    total = sum(sizes)
    killers = {f"{id}" for id in range(total) if chance.random() < chance.choice([0.0, 0.1, 0.5])}
    accidents = chance.choice([0.0, 0.1])
    alone: list[str] = []

    def fate(stack: Stack) -> Report:
        if ids(stack) & killers or chance.random() < accidents:
            alone.extend(ids(stack) if len(stack.trials) == 1 else ())
            return Died(stack)
        return well(stack)

    run = Run(stack_of(*sizes), fate=fate)
    crashed = run.statuses().get("crashed", frozenset())
    assert len(run.outcomes) == total
    assert killers <= crashed
    assert crashed <= set(alone)
    if not accidents:
        assert crashed == killers
    assert len(run.trained) <= 2 + total * (ceil(log2(total + 1)) + 6)


def test_only_a_pair_that_kills_together_is_trained_apart():
    run = Run(stack_of(*[1] * 9), fate=lambda stack: Died(stack) if {"2", "7"} <= ids(stack) else well(stack))
    assert run.statuses() == {"ok": {f"{id}" for id in range(9)}}


def test_after_a_timeout_each_training_is_alone():
    run = Run(stack_of(3, 1, 2), fate=overruns_with({"3"}), timeout=2.0)
    assert [ids(stack) for stack in run.trained[1:]] == [{"0", "1", "2"}, {"3"}, {"4", "5"}]
    assert run.statuses() == {"timeout": {"3"}, "ok": {"0", "1", "2", "4", "5"}}
    assert run.outcomes["3"] == Outcome(
        "timeout", seconds=2.0, failure="it took longer than the 2 seconds of `timeout`, trained alone"
    )


def test_only_the_epochs_that_take_too_long_are_a_timeout():
    run = Run(stack_of(3), fate=overruns_with({"2"}), timeout=2.0)
    assert run.statuses() == {"timeout": {"2"}, "ok": {"0", "1"}}


def test_a_stack_may_take_the_time_of_all_its_trainings():
    assert Supervisor([], 2.0).seconds_for(stack_of(3, 1, 2)) == 6.0
    assert Supervisor([]).seconds_for(stack_of(3)) == float("inf")


def test_suspects_that_overrun_keep_the_others():
    def fate(stack: Stack) -> Report:
        if isinstance(stack, Suspects) and len(stack.trials) > 1:
            return Overran(stack)
        return Died(stack) if "5" in ids(stack) else well(stack)

    run = Run(stack_of(*[1] * 8), fate=fate, timeout=1.0)
    assert run.statuses() == {"crashed": {"5"}, "ok": {f"{id}" for id in range(8)} - {"5"}}


def test_a_worker_that_dies_before_it_trains_costs_the_stack_nothing():
    accidents = iter([True] * (STARTS_ALLOWED - 1))
    whole = stack_of(1)
    run = Run(whole, fate=lambda stack: Died(stack, ready=False) if next(accidents, False) else well(stack))
    assert run.statuses() == {"ok": {"0"}}


def test_workers_that_never_begin_end_the_run():
    with pytest.raises(NnsweepError) as caught:
        Run(stack_of(1, 1), fate=lambda stack: Died(stack, ready=False))
    assert str(caught.value) == (
        "30 workers died one after the other before they could train; --jobs 1 trains in this process, without workers"
    )
