"""Plans as text. Tables and results are not imported: a plan should not wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from nnsweep import format, trainers
from nnsweep.design.search import STOPPING
from nnsweep.format import count_trials, disk_size, duration
from nnsweep.sweepfile.overrides import format_overrides
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.trainers import BUILT_IN

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.execution.plan import Plan

DRAWN = ", if what it chooses costs as much as what is drawn at random"
KINDS = 4
"""The most kinds of trials that a plan lists."""


def format_plan(sweep: Sweep, plan: Plan) -> str:
    """Describe what a run would do."""
    lines = [f"{sweep.name}: nothing to train, {count_trials(plan.cached)} stored"]
    if plan.new:
        stacks = f"{format.count(plan.trainings, 'training')} in {format.count(plan.count, 'stack')}"
        lines = [
            f"{sweep.name}: {count_trials(plan.new + plan.cached)}: {plan.new:,} new, {plan.cached:,} stored",
            *([plan.search] if plan.search else []),
            f"would train {stacks}, {_expected(plan)}{_drawn(sweep)}",
            *_forecast(plan),
        ]
    lines += _histories(plan)
    lines += format_copied(plan.elsewhere, "a run copies them")
    if plan.stale:
        lines.append(
            f"stale: {plan.stale:,} stored under the same parameters by another version of the trainer or the data"
        )
    if plan.stale and plan.new and sweep.trainer not in BUILT_IN:
        lines.append("if the change of its source means the same, nnsweep accept takes them as they are")
    if sweep.overrides:
        lines.append(f"--set: {', '.join(format_overrides(sweep, Parameters.of(trainers.load(sweep.trainer))))}")
    return "\n".join([*lines, *(_kinds(plan.kinds) if plan.new else ()), *plan.notes])


def _histories(plan: Plan) -> Iterator[str]:
    """Say how large the store will be where histories are long."""
    if plan.histories.are_notable:
        yield (
            f"histories: {plan.histories.numbers:,} numbers, about {disk_size(plan.histories.size)}; "
            "`measure_every` or fewer epochs make it less"
        )


def _kinds(kinds: Mapping[str, int]) -> Iterator[str]:
    """Describe the kinds of trials, each with its count if there are several kinds."""
    if len(kinds) == 1:
        yield from (f"each: {said}" for said in kinds)
        return
    yield from (f"{count_trials(count)}: {said}" for said, count in islice(kinds.items(), KINDS))
    if len(kinds) > KINDS:
        yield f"{count_trials(sum(islice(kinds.values(), KINDS, None)))}: of {len(kinds) - KINDS:,} other kinds"


def format_accepted(sweep: Sweep, counts: Mapping[str, int], plan: Plan) -> str:
    """Count the accepted trials of each earlier version, and the trials that are left to train."""
    lines = [f"{count_trials(count)} of version {version} accepted" for version, count in counts.items()]
    left = f"{plan.new:,} of {count_trials(plan.new + plan.cached)} left to train"
    return "\n".join([f"{sweep.name}: {line}" for line in lines or ["nothing to accept"]] + [left])


def _expected(plan: Plan) -> str:
    return f"about {duration(plan.cost)} on one core" if plan.known else "and see from the first how long all take"


def _drawn(sweep: Sweep) -> str:
    """Say that an estimate is of trials that are drawn, where nobody knows yet which will be chosen."""
    return DRAWN if sweep.search is not None and sweep.search.method not in STOPPING else ""


def _forecast(plan: Plan) -> Iterator[str]:
    if plan.forecast is not None:
        seconds, memory, disk = plan.forecast
        time = "" if seconds is None else f"{duration(seconds)} in all, "
        yield f"about {time}{disk_size(memory)} of memory and {disk_size(disk)} more on disk"


def format_copied(places: Mapping[str, int], done: str) -> list[str]:
    """Say of how many trials other folders have the results."""
    return [f"{count:,} of these stand in {place}; {done}" for place, count in places.items()]
