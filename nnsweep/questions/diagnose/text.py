"""What is said of failing trials: how many have which signature, where, and what distinguishes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnsweep.folder.commands import command, replay_command
from nnsweep.folder.paths import Folder
from nnsweep.format import percent
from nnsweep.questions.diagnose.table import examples, extremes, medians, met
from nnsweep.tables.failure_patterns import CONDITIONS, MEANINGS, NUMBERS, SHARES, UNDIAGNOSED, counted
from nnsweep.trainers import BUILT_IN, FAILURES
from nnsweep.trials.where import setting

if TYPE_CHECKING:
    import pandas as pd

    from nnsweep.design.sweep import Sweep

NOTABLE = 0.1
"""How much more frequent a signature is at one value of an axis than at another, where that is told."""
DIGITS = 8
"""Of an id, which name a trial of a folder."""


def format_diagnosis(
    sweep: Sweep,
    trials: pd.DataFrame,
    numbers: pd.DataFrame,
    axes: Sequence[str],
    folder: Folder,
    where: Sequence[str] = (),
    noted: Sequence[str] = (),
) -> str:
    """Say how many trials fail and of what; of a part of the sweep, that `where` names, a few of them by their ids.

    `noted` are lines on what the successes are worth.
    """
    found = counted(trials["signature"])
    failing, trained = sum(found.values()), trials["status"].ne("missing").to_numpy().sum()
    part = ", ".join(
        [sweep.name, *(" = ".join(str(text) for text in setting(each) if text is not None) for each in where)]
    )
    rule = (
        f"success is {sweep.success}" if sweep.success else "success is not defined: only what did not end well fails"
    )
    lines = [f"{part}: {failing:,} of {trained:,} trials fail ({rule})"]
    widths = max(map(len, found), default=0), max((len(f"{count:,}") for count in found.values()), default=0)
    for name, count in found.items():
        lines.append(f"  {name:{widths[0]}}  {count:{widths[1]},}  {percent(count / failing):>5}  {MEANINGS[name]}")
        lines += _where(extremes(trials, axes, name))
        lines += [f"    such as {', '.join(id[:DIGITS] for id in examples(trials, name))}"] if where else []
    lines += [*_in_full(trials, numbers, failing, trained - failing), *_medians(trials, numbers), *noted]
    return "\n".join([*lines, *_further(trials, sweep.trainer, folder, bool(where))])


def _where(ends: pd.DataFrame) -> Iterator[str]:
    """Tell of the axes along which it differs by more than a little, the one of the largest difference first."""
    rows = sorted(ends.to_dict("records"), key=lambda row: row["least_share"] - row["most_share"])
    said = [
        f"{percent(row['most_share'])} of the trials at {row['axis']} = {row['most']}, "
        f"{percent(row['least_share'])} at {row['least']}"
        for row in rows
        if row["most_share"] - row["least_share"] >= NOTABLE
    ]
    if said:
        yield f"    {'; '.join(said)}"


def _in_full(trials: pd.DataFrame, numbers: pd.DataFrame, failing: int, others: int) -> Iterator[str]:
    rows = met(trials, numbers).to_dict("index")
    said = [
        f"{name} {row['failing']:,} ({percent(row['failing'] / failing)}"
        + (f"; {_others(trials)} {percent(row['others'] / others)})" if others else ")")
        for name, row in rows.items()
    ]
    if said:
        yield f"in full, as a trial may have several of these signs: {', '.join(said)}"


def _medians(trials: pd.DataFrame, numbers: pd.DataFrame) -> Iterator[str]:
    rows = medians(trials, numbers).dropna().to_dict("index")
    said = [
        f"{NUMBERS[str(name)]} {_number(str(name), row['failing'])} against {_number(str(name), row['others'])}"
        for name, row in rows.items()
        if row["failing"] != row["others"]
    ]
    if said:
        yield f"medians, failing trials against {_others(trials)}: {', '.join(said)}"


def _others(trials: pd.DataFrame) -> str:
    return "successes" if "success" in trials else "others"


def _number(name: str, value: Any) -> str:
    return f"{100 * value:.3g} %" if name in SHARES else f"{value:.3g}"


def _further(trials: pd.DataFrame, trainer: str, folder: Folder, named: bool) -> Iterator[str]:
    """Say which commands tell more."""
    found = counted(trials["signature"])
    some = [id for name in found for id in examples(trials, name) if name in ("diverged", *CONDITIONS)]
    name, results = folder.root.name, folder.root.parent
    if UNDIAGNOSED in found and trainer not in BUILT_IN:
        yield f"trainer `{trainer}` gives no numbers to diagnose its trials by; the built-in one does"
    elif UNDIAGNOSED in found:
        again = command("retry", name, "--status", "ok,diverged", results=results)
        yield f"trials stored by an older nnsweep are diagnosed when they are trained again: {again}"
    if found.keys() & set(FAILURES):
        yield f"what was raised, and where: {command('show', name, '--failed', results=results)}"
    if named and some:
        yield f"to train one of them again: {replay_command(some[0][:DIGITS], trainer, results)}"


def format_numbers(diagnosis: Mapping[str, float]) -> str:
    """Tell the numbers of one trial's diagnosis: `dead hidden units 50 %, steps that changed a weight 12.5 %`."""
    return ", ".join(f"{NUMBERS.get(name, name)} {_number(name, value)}" for name, value in diagnosis.items())
