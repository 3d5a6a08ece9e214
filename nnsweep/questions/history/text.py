"""Runs, and what changed between them, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, zip_longest

from nnsweep import format
from nnsweep.format import count_trials, duration
from nnsweep.questions.history.changes import Change, settings, trainer
from nnsweep.questions.history.numbers import CellChange, Numbers
from nnsweep.questions.history.runs import PastRun

LONGEST = 80
"""Characters of a value that is shown in a line; --json has all."""
CELLS = 10
"""Cells whose change is shown, the largest first."""


def format_runs(name: str, runs: Sequence[PastRun]) -> str:
    """List runs, one on a line, the oldest first."""
    if not runs:
        return f"{name}: no run has trained anything"
    header = "run", "began", "trained", "took", "code", "command"
    rows = [header, *((str(run.number), run.when, _trained(run), _took(run), run.code, run.command) for run in runs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header) - 1)]
    return "\n".join("  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[-1]]) for row in rows)


def _trained(run: PastRun) -> str:
    if run.ended is None:
        return "running" if run.running else "interrupted"
    if run.taken:
        how = "copied" if "copied" in run.environment else "accepted"
        return f"{how} {count_trials(sum(run.taken.values()))}"
    return count_trials(run.trials or 0)


def _took(run: PastRun) -> str:
    return "" if run.seconds is None else duration(run.seconds)


def format_run(name: str, run: PastRun, statuses: Mapping[str, int], diff: bool = False) -> str:
    """Write everything that is recorded of a run; `statuses` are of its trials that are still stored."""
    lines = [
        f"{name}: run {run.number}",
        *(f"  {what.ljust(20)}{said}" for what, said in _facts(run, statuses) if said),
    ]
    if diff:
        lines += ["", run.diff.rstrip("\n") or "no uncommitted changes are kept"]
    return "\n".join(lines)


def _facts(run: PastRun, statuses: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    known, git = run.environment, run.git
    yield "command", run.command
    yield "began and ended", f"{run.when} to {run.ended[:16].replace('T', ' ')} UTC" if run.ended else run.when
    yield "trained", ", ".join(filter(None, [_trained(run), _took(run)]))
    yield "stored now", ", ".join(f"{count:,} {status}" for status, count in statuses.items()) or "none of its trials"
    yield "from", ", ".join(f"{place}: {count_trials(count)}" for place, count in run.taken.items())
    if run.taken:
        return
    for what, value in settings(run).items():
        yield what, _short(value)
    yield "trainer", trainer(run)
    yield "commit", str(git.get("commit") or git.get("problem") or "not in a checkout of git")
    yield "uncommitted changes", _changes(run)
    yield "untracked files", ", ".join(map(str, git.get("untracked") or ()))
    for kind in ("files", "data"):
        files = known.get(kind) or {}
        yield kind, ", ".join(f"{file} {digest or 'not digested'}" for file, digest in files.items())
    packages = [f"{package} {number}" for package, number in (known.get("packages") or {}).items() if number]
    yield "versions", ", ".join([f"Python {known['python']}", *packages] if "python" in known else packages)
    yield "host", ", ".join(str(known[key]) for key in ("host", "platform") if known.get(key))
    yield "processor", str(known.get("cpu") or "")


def _changes(run: PastRun) -> str:
    digest = run.git.get("uncommitted_changes", "")
    if digest in ("", "none"):
        return str(digest)
    left_out = run.git.get("diff_left_out", 0)
    more = f", of which {left_out:,} are not kept" if left_out else ""
    return f"{digest}, {format.count(len(run.diff) + left_out, 'character')}{more}; --diff shows them"


def format_difference(
    names: tuple[str, str], found: Sequence[Change], unknown: Sequence[str], numbers: Numbers | None, why: str = ""
) -> str:
    """Write what changed from one run or sweep to another; `why` says why there are no numbers."""
    lines = [f"{names[0]}  →  {names[1]}"]
    for part, each in groupby(found, key=lambda change: change.part):
        lines.append(part)
        rows = list(each)
        width = max(len(change.name) for change in rows)
        lines += [f"  {c.name.ljust(width)}  {'  →  '.join(_short_pair(c.before, c.after))}" for c in rows]
    if not found:
        lines.append("settings, code, data, versions and machine: no change")
    if unknown:
        lines.append(f"not, or not wholly, recorded by an older nnsweep: {format.listed(unknown)}")
    lines.append("numbers")
    lines += [f"  {line}" for line in (_numbers(numbers) if numbers is not None else [why])]
    return "\n".join(lines)


def _numbers(found: Numbers) -> Iterator[str]:
    before, after = found.names
    both = found.same + len(found.different)
    if both:
        same = "all with the same outcome" if not found.different else f"{len(found.different):,} with another outcome"
        yield f"{count_trials(both)} with the same parameters in both, {same}"
    else:
        yield "no trial has the same parameters in both"
    if found.example:
        yield f"the first: {found.example}"
    for count, name in zip(found.only, (before, after), strict=True):
        if count:
            yield f"{count_trials(count)} only in {name}"
    if not found.success or not found.cells:
        return
    cells = format.count(found.cells, "cell")
    if not found.changed:
        yield f"{cells} in both, each with the same rate of success ({found.success})"
        return
    yield f"{len(found.changed):,} of {cells} in both have another rate of success ({found.success})"
    yield from (f"  {_cell(cell)}" for cell in found.changed[:CELLS])
    if len(found.changed) > CELLS:
        yield f"  … and {len(found.changed) - CELLS:,} more"


def _cell(cell: CellChange) -> str:
    (one, of), (other, of_other) = cell.before, cell.after
    where = ", ".join(f"{name} = {value}" for name, value in cell.settings.items())
    return f"{where or 'the only cell'}: {one:,} of {of:,}  →  {other:,} of {of_other:,}"


def _short_pair(before: str, after: str) -> tuple[str, str]:
    """Cut two texts so that their first difference is seen."""
    if _short(before) != _short(after):
        return _short(before), _short(after)
    differs = (one != other for one, other in zip_longest(before, after))
    start = next(place for place, different in enumerate(differs) if different) - LONGEST // 2
    return f"…{_short(before[start:])}", f"…{_short(after[start:])}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
