"""Plans and finished runs as text."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep import format, trainers
from nnsweep.computing import START
from nnsweep.defaults import COMPILED, NUMPY
from nnsweep.design.search import STOPPING
from nnsweep.folder.commands import command
from nnsweep.format import count_trials, disk_size, duration
from nnsweep.questions.cells import format_cells
from nnsweep.sweepfile.overrides import format_overrides
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.tables.trials import ends
from nnsweep.trainers import BUILT_IN
from nnsweep.trainers.live_files import SAVED
from nnsweep.trainers.live_trial import LOGGED

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.execution import Plan, Work
    from nnsweep.questions.trial.failures import Group
    from nnsweep.report.totals import Totals
    from nnsweep.report.written import Written
    from nnsweep.tables import Columns, Layout

DRAWN = ", if what it chooses costs as much as what is drawn at random"
KINDS = 4
"""The most kinds of trials that a plan lists."""
LEFT_OUT_LISTED = 8
"""The most names of returned values without a place in the store that are listed."""


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
    lines += _copied(plan.elsewhere, "a run copies them")
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


def format_run(
    sweep: Sweep,
    folder: Path,
    work: Work | None,
    stored: int,
    totals: Totals,
    layout: Layout,
    written: Written,
    noted: Sequence[str] = (),
) -> str:
    """Describe a run: what was trained or is stored, which cells succeeded most, what failed, and where files are.

    `work` is None if nothing was run. `stored` counts the ids that are stored. `noted` are lines that qualify the
    successes.
    """
    lines = [f"{sweep.name}: {_work(work, stored) if work else _stored(stored)}"]
    lines += _copied(work.copied, "copied") if work else []
    lines += format_cells(sweep, totals.summary, layout, totals.order, totals.metrics)
    lines += noted
    lines += [*work.notices, *format_left_out(work)] if work else []
    lines += [*_reasons(folder, totals.signatures), *written.lines(), *_further(folder, totals.summary, written)]
    lines += [f"tables and figures: {folder}", _sum(work, totals.statuses), *_failed(totals.failures)]
    return format.printable("\n".join(lines))  # errors of trials and names of files may contain control characters


def format_shard(folder: Path, work: Work, totals: Totals) -> str:
    """Describe the run of a shard: what was trained or is stored, what failed, and how all shards are joined."""
    name, shard = folder.name.rsplit("-shard-", 1)
    number, of = shard.split("-of-")
    siblings = f"{shlex.quote(str(folder.with_name(f'{name}-shard-')))}*-of-{of}"
    lines = [f"{name}, shard {number} of {of}: {_work(work, totals.statuses.total())}"]
    lines += [*_copied(work.copied, "copied"), *work.notices, *format_left_out(work)]
    lines += [_sum(work, totals.statuses), *_failed(totals.failures)]
    lines += [f"stored in {folder}; join the shards when all have been run: nnsweep merge {siblings}"]
    return format.printable("\n".join(lines))


def _failed(failures: Sequence[Group]) -> Iterator[str]:
    """Write the most frequent error of the failed trials."""
    count = sum(each.count for each in failures)
    for most in failures[:1]:
        share = "all" if len(failures) == 1 else f"{most.count:,} of them"
        of = f", {share} with the same error" if count > 1 else ""
        at = f", at {most.where}" if most.where else ""
        yield f"{count_trials(count)} failed{of}: {most.message}{at}"


def _copied(places: Mapping[str, int], done: str) -> list[str]:
    return [f"{count:,} of these stand in {place}; {done}" for place, count in places.items()]


def _stored(count: int) -> str:
    return f"{count_trials(count)} stored"


def _reasons(folder: Path, found: Mapping[str, int]) -> Iterator[str]:
    """Write one line on why trials fail, with the command that shows more; nothing if no cause is known."""
    from nnsweep.tables.failure_patterns import CONDITIONS

    if found.keys() & {"diverged", *CONDITIONS}:
        said = ", ".join(f"{count:,} {signature}" for signature, count in found.items())
        yield f"{sum(found.values()):,} fail: {said}; see {command('diagnose', folder.name, results=folder.parent)}"


def _further(folder: Path, summary: Columns, written: Written) -> Iterator[str]:
    """Recommend what to look at next, if there are several cells with results."""
    if len(summary["n"]) > 1 and summary["n"].any():
        page = f", {folder / 'report.html'} (every cell and trial)" if written.page else ""
        best = command("best", folder.name, results=folder.parent)
        yield f"next: {best} (which cells may be as good as the best){page}"


def format_left_out(work: Work) -> list[str]:
    """Write one line for each returned or logged value, and each file, that is not stored."""
    lines = [
        f"{count:,} of {count_trials(work.trained)} {_verb(what)} `{name}`, {_why(what)}"
        for name, (count, what) in work.left_out.items()
    ]
    more = [f"and {len(lines) - LEFT_OUT_LISTED:,} more names that are not stored"]
    return lines[:LEFT_OUT_LISTED] + more * (len(lines) > LEFT_OUT_LISTED)


def _verb(what: str) -> str:
    return "logged" if what.startswith(LOGGED) else "saved" if what.startswith(SAVED) else "returned"


def _why(what: str) -> str:
    return what.removeprefix(LOGGED).removeprefix(SAVED)


def _sum(work: Work | None, statuses: Counter[str]) -> str:
    """Count the trials by status, and write the time that this run took."""
    if work is None or not work.trained:
        return ends(statuses)
    overhead = duration(work.overhead / work.trained)
    return f"{ends(statuses)}; {duration(work.training)} of training, {overhead} of overhead per trial"


def _work(work: Work, distinct: int) -> str:
    trained, seconds = work.trained, work.seconds
    if not trained:
        return f"nothing to train, {count_trials(distinct)} stored"
    stored = f", {distinct - trained:,} stored before" if distinct > trained else ""
    return (
        f"{count_trials(trained)} trained in {duration(seconds)}, {duration(seconds / trained)} each{stored}"
        + _engine(work)
    )


def _engine(work: Work) -> str:
    """Say that code was compiled, for which share of the steps, how long that took, and how many came in a second."""
    compiled, start = work.steps[COMPILED], work.steps[START] / 1e6
    if not compiled:
        return ""
    total = compiled + work.steps[NUMPY]
    share = "" if compiled == total else f" for {format.percent(compiled / total)} of the steps"
    rate = total / max(work.training - start, 1e-9) / 1e6
    return f"\nengine: compiled{share}, {rate:.3g} M steps/s after {duration(start)} to start"
