"""Failing trials as text: how many have each signature, in which cells, and how they differ from the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnsweep.folder.commands import command, replay_command
from nnsweep.folder.paths import Folder
from nnsweep.format import percent
from nnsweep.questions.diagnose.table import count_signatures, examples, extremes, medians, met
from nnsweep.status import FAILURES
from nnsweep.tables.failure_patterns import CONDITIONS, MEANINGS, NUMBERS, SHARES, UNDIAGNOSED
from nnsweep.trainers import BUILT_IN
from nnsweep.trials.where import setting

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.design.sweep import Sweep

NOTABLE = 0.1
"""A difference in a signature's share along an axis is printed from this size on."""
DIGITS = 8
"""Digits of an id that are printed."""


def format_diagnosis(
    sweep: Sweep,
    trials: pd.DataFrame,
    numbers: pd.DataFrame,
    axes: Sequence[str],
    folder: Folder,
    where: Sequence[str] = (),
    noted: Sequence[str] = (),
) -> str:
    """Say how many trials fail, and why. For a part of the sweep, which `where` names, also list the ids of a few.

    `noted` are lines that qualify the successes.
    """
    counts = count_signatures(trials)
    failing, trained = sum(counts.values()), trials["status"].ne("missing").to_numpy().sum()
    part = ", ".join(
        [sweep.name, *(" = ".join(str(text) for text in setting(condition) if text is not None) for condition in where)]
    )
    rule = (
        f"success is {sweep.success}" if sweep.success else "success is not defined: only what did not end well fails"
    )
    lines = [f"{part}: {failing:,} of {trained:,} trials fail ({rule})"]
    widths = max(map(len, counts), default=0), max((len(f"{count:,}") for count in counts.values()), default=0)
    for name, count in counts.items():
        lines.append(f"  {name:{widths[0]}}  {count:{widths[1]},}  {percent(count / failing):>5}  {MEANINGS[name]}")
        lines += _where(extremes(trials, axes, name))
        lines += [f"    such as {', '.join(id[:DIGITS] for id in examples(trials, name))}"] if where else []
    lines += [*_in_full(trials, numbers, failing, trained - failing), *_medians(trials, numbers), *noted]
    return "\n".join([*lines, *_further(trials, sweep.trainer, folder, bool(where))])


def _where(ends: pd.DataFrame) -> Iterator[str]:
    """Name the axes along which the share differs clearly, with the largest difference first."""
    rows = sorted(ends.to_dict("records"), key=lambda row: row["least_share"] - row["most_share"])
    parts = [
        f"{percent(row['most_share'])} of the trials at {row['axis']} = {row['most']}, "
        f"{percent(row['least_share'])} at {row['least']}"
        for row in rows
        if row["most_share"] - row["least_share"] >= NOTABLE
    ]
    if parts:
        yield f"    {'; '.join(parts)}"


def _in_full(trials: pd.DataFrame, numbers: pd.DataFrame, failing: int, others: int) -> Iterator[str]:
    rows = met(trials, numbers).to_dict("index")
    parts = [
        f"{name} {row['failing']:,} ({percent(row['failing'] / failing)}"
        + (f"; {_others(trials)} {percent(row['others'] / others)})" if others else ")")
        for name, row in rows.items()
    ]
    if parts:
        yield f"in full, as a trial may have several of these signs: {', '.join(parts)}"


def _medians(trials: pd.DataFrame, numbers: pd.DataFrame) -> Iterator[str]:
    rows = medians(trials, numbers).dropna().to_dict("index")
    parts = [
        f"{NUMBERS[str(name)]} {_number(str(name), row['failing'])} against {_number(str(name), row['others'])}"
        for name, row in rows.items()
        if row["failing"] != row["others"]
    ]
    if parts:
        yield f"medians, failing trials against {_others(trials)}: {', '.join(parts)}"


def _others(trials: pd.DataFrame) -> str:
    return "successes" if "success" in trials else "others"


def _number(name: str, value: Any) -> str:
    return f"{100 * value:.3g} %" if name in SHARES else f"{value:.3g}"


def _further(trials: pd.DataFrame, trainer: str, folder: Folder, named: bool) -> Iterator[str]:
    """Name the commands that show more."""
    counts = count_signatures(trials)
    some = [id for name in counts for id in examples(trials, name) if name in ("diverged", *CONDITIONS)]
    name, results = folder.root.name, folder.root.parent
    if UNDIAGNOSED in counts and trainer not in BUILT_IN:
        yield f"trainer `{trainer}` gives no numbers to diagnose its trials by; the built-in one does"
    elif UNDIAGNOSED in counts:
        again = command("retry", name, "--status", "ok,diverged", results=results)
        yield f"trials stored by an older nnsweep are diagnosed when they are trained again: {again}"
    if counts.keys() & set(FAILURES):
        yield f"what was raised, and where: {command('show', name, '--failed', results=results)}"
    if named and some:
        yield f"to train one of them again: {replay_command(some[0][:DIGITS], trainer, results)}"


def format_numbers(diagnosis: Mapping[str, float]) -> str:
    """Write the numbers of one trial's diagnosis: `dead hidden units 50 %, steps that changed a weight 12.5 %`."""
    return ", ".join(f"{NUMBERS.get(name, name)} {_number(name, value)}" for name, value in diagnosis.items())
