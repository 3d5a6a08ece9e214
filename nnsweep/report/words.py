"""What a plan, or a sweep that ran, says in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnsweep.analysis import Columns, Layout
    from nnsweep.execution import Plan, Work
    from nnsweep.report.failures import Group
    from nnsweep.report.written import Written
    from nnsweep.spec.sweep import Sweep

LISTED = 12
"""Cells of a sweep that are all named; of larger ones, the best of each panel."""

LEFT_OUT_LISTED = 8
"""Names of what was returned and is not stored that have a line each."""


def planned(sweep: Sweep, plan: Plan) -> str:
    """Say what would run."""
    lines = [f"{sweep.name}: nothing to train, {count_trials(plan.cached)} stored"]
    if plan.new:
        stacks = f"{len(plan.stacks):,} stack{'s' * (len(plan.stacks) != 1)}"
        lines = [
            f"{sweep.name}: {count_trials(plan.new + plan.cached)}: {plan.new:,} new, {plan.cached:,} stored",
            f"would train {stacks}, about {duration(plan.cost)} on one core",
        ]
    if plan.stale:
        lines.append(
            f"stale: {plan.stale:,} stored under the same parameters by another version of the trainer or the data"
        )
    return "\n".join(lines)


def told(
    sweep: Sweep,
    folder: Path,
    work: Work | None,
    trials: Columns,
    summary: Columns,
    layout: Layout,
    written: Written,
    failures: Sequence[Group] = (),
    alike: str = "",
) -> str:
    """Say what was trained, or without `work` is stored, which cells succeeded most, what failed, and where to look."""
    stored = len(set(trials["id"][trials["status"] != "missing"].tolist()))
    lines = [f"{sweep.name}: {_work(len(work.outcomes), work.seconds, stored) if work else _stored(stored)}"]
    if sweep.success is not None:
        most = "most " if len(summary["n"]) > LISTED else ""
        cells = list((_best if most else _cells)(summary, layout)) or ["  none ended"]
        lines += [f"{most}successes ({sweep.success}):", *cells]
    lines += [alike] if alike else []
    lines += [*work.notices, *format_left_out(work)] if work else []
    lines += [*_reasons(sweep.name, trials), *written.lines()]
    lines += [f"tables and figures: {folder}", _sum(work, trials), *_failed(failures)]
    return "\n".join(lines)


def _failed(failures: Sequence[Group]) -> Iterator[str]:
    """Say what most of the failed trials failed of."""
    count = sum(each.count for each in failures)
    for most in failures[:1]:
        share = "all" if len(failures) == 1 else f"{most.count:,} of them"
        of = f", {share} of the same" if count > 1 else ""
        at = f", at {most.where}" if most.where else ""
        yield f"{count_trials(count)} failed{of}: {most.message}{at}"


def _stored(count: int) -> str:
    return f"{count_trials(count)} stored"


def _reasons(name: str, trials: Columns) -> Iterator[str]:
    """Say in a line why trials fail, and which command tells more; nothing where that is known of none."""
    from nnsweep.analysis.signatures import CONDITIONS, counted

    found = counted(trials["signature"])
    if found.keys() & {"diverged", *CONDITIONS}:
        said = ", ".join(f"{count:,} {signature}" for signature, count in found.items())
        yield f"{sum(found.values()):,} fail: {said}; see nnsweep diagnose {name}"


def format_left_out(work: Work) -> list[str]:
    """Say in a line for each name what trials returned that is not stored."""
    lines = [
        f"{count:,} of {count_trials(len(work.outcomes))} returned `{name}`, {what}"
        for name, (count, what) in work.left_out.items()
    ]
    more = [f"and {len(lines) - LEFT_OUT_LISTED:,} more names that are not stored"]
    return lines[:LEFT_OUT_LISTED] + more * (len(lines) > LEFT_OUT_LISTED)


def _sum(work: Work | None, trials: Columns) -> str:
    """Count the trials by how they ended, and say where the time of those trained now went."""
    if work is None or not work.outcomes:
        return ends(trials)
    overhead = duration(work.overhead / len(work.outcomes))
    return f"{ends(trials)}; {duration(work.training)} of training, {overhead} of overhead per trial"


def ends(trials: Columns) -> str:
    """Count the trials by how they ended."""
    counts = Counter(trials["status"].tolist()).most_common()
    return f"{count_trials(len(trials['id']))}: {', '.join(f'{count:,} {status}' for status, count in counts)}"


def _work(trained: int, seconds: float, distinct: int) -> str:
    if not trained:
        return f"nothing to train, {count_trials(distinct)} stored"
    stored = f", {distinct - trained:,} stored before" if distinct > trained else ""
    return f"{count_trials(trained)} trained in {duration(seconds)}, {duration(seconds / trained)} each{stored}"


def _cells(summary: Columns, layout: Layout) -> Iterator[str]:
    """Name every cell, in the order of the grid."""
    cells = told_cells(summary, layout)
    names = [_where(cell, layout.values) for cell in cells]
    digits = max((len(str(cell["successes"])) for cell in cells if cell["finished"]), default=1)
    for name, cell in zip(names, cells, strict=True):
        yield f"  {name:{max(map(len, names))}}{rate(cell, digits)}"


def _best(summary: Columns, layout: Layout) -> Iterator[str]:
    """Name, for each panel, the first of the cells with the highest rate."""
    for panel, best in _best_cells(summary, layout):
        others = [name for name in layout.values if name not in panel]
        yield f"  {_where(panel, panel)}{rate(best)} at {_where(best, others, end='')}"


def _best_cells(summary: Columns, layout: Layout) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    import numpy as np

    from nnsweep.analysis import panels
    from nnsweep.analysis.columns import record
    from nnsweep.analysis.settings import having

    for panel in panels(summary, layout):
        rates = np.where(having(summary, panel), summary["rate"], np.nan)
        if not np.isnan(rates).all():
            yield dict(panel), record(summary, int(np.nanargmax(rates)))


def told_cells(summary: Columns, layout: Layout) -> list[dict[str, Any]]:
    """Choose the cells that are told: all of few, in the order of the grid, or else the best of each panel."""
    from nnsweep.analysis.columns import record

    cells = len(summary["n"])
    if cells <= LISTED:
        return [record(summary, cell) for cell in range(cells)]
    return [cell for _, cell in _best_cells(summary, layout)]


def _where(cell: Mapping[str, Any], names: Iterable[str], end: str = ": ") -> str:
    """Name a cell by its settings; nothing where there are none."""
    text = ", ".join(f"{name} = {cell[name]}" for name in names)
    return f"{text}{end}" if text else ""


def rate(cell: Mapping[str, Any], digits: int = 1) -> str:
    """Say how many trials of a cell succeeded, and its rate with its interval."""
    if not cell["finished"]:
        return "not measured" if cell["n"] or cell["diverged"] else "none ended"
    share, low, high = (round(100 * cell[name]) for name in ("rate", "rate_low", "rate_high"))
    return f"{cell['successes']:{digits}} of {cell['finished']} ({share} %, 95 % interval {low} to {high} %)"


def count_trials(count: int) -> str:
    """Count trials: `1 trial`, `8,400 trials`."""
    return f"{count:,} trial{'s' * (count != 1)}"


def duration(seconds: float) -> str:
    """Two digits and a unit that fits."""
    if seconds >= 100:
        return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
    if seconds >= 0.01:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:.0f} µs"
