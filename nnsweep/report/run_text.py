"""Finished runs as text."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nnsweep import format
from nnsweep.computing import START
from nnsweep.defaults import COMPILED, NUMPY
from nnsweep.folder.commands import command
from nnsweep.format import count_trials, duration
from nnsweep.questions.cells import format_cells
from nnsweep.report.plan_text import format_copied
from nnsweep.tables.trials import ends
from nnsweep.trainers.gathered import LOGGED
from nnsweep.trainers.live_files import SAVED

if TYPE_CHECKING:
    from nnsweep.design.sweep import Sweep
    from nnsweep.execution.writer import Work
    from nnsweep.questions.trial.failures import Group
    from nnsweep.report.totals import Totals
    from nnsweep.report.written import Written
    from nnsweep.tables import Columns, Layout

LEFT_OUT_LISTED = 8
"""The most names of returned values without a place in the store that are listed."""


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
    lines += format_copied(work.copied, "copied") if work else []
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
    lines += [*format_copied(work.copied, "copied"), *work.notices, *format_left_out(work)]
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
