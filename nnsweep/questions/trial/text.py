"""Single trials, lists of trials and gradient checks as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nnsweep import format
from nnsweep.design.sweep import label
from nnsweep.folder.notes import Notes, Remarks
from nnsweep.format import with_interval
from nnsweep.questions.cells import rate
from nnsweep.trainers.protocol import EPOCH, ModelCheck, Outcome
from nnsweep.trainers.saved import SavedFile
from nnsweep.trials.trial import Trial

LISTED = 20
"""Trials that are listed; of more, only the number is printed."""

LONGEST_DETAIL = 500
"""The longest detail that is printed, in characters; of longer ones, only the length is."""

WIDE = 8
"""The most rows or columns of a matrix that is printed; of larger ones, only the shape is."""


def listed(trials: Sequence[Trial], outcomes: Mapping[str, Outcome], notes: Notes | None = None) -> str:
    """List trials, one per line, with their tags."""
    shown = trials[:LISTED]
    lines = [_line(trial, outcomes.get(trial.id)) + _tags(trial.id, notes) for trial in shown]
    if len(trials) > LISTED:
        lines.append(f"… and {len(trials) - LISTED:,} more")
    return "\n".join(
        [*lines, f"{len(trials):,} trials; name one by its settings or its id, such as {trials[0].id[:8]}"]
    )


def format_cell(cell: Mapping[Any, Any]) -> str:
    """Summarise trials that differ only in their seed; `cell` is their row of the summary."""
    lines = [f"successes: {rate(cell)}"] if "rate" in cell else []
    for metric in [name.removesuffix("_iqm") for name in cell if name.endswith("_iqm")]:
        median, iqm = (_middle(cell, f"{metric}_{name}") for name in ("median", "iqm"))
        lines.append(f"{metric}, of {_trials(cell['n'])}: median {median}, interquartile mean {iqm}")
    return "\n".join(lines)


def _middle(cell: Mapping[Any, Any], name: str) -> str:
    """Write a number with its interval; a single trial has none."""
    return with_interval(*(cell[f"{name}{end}"] for end in ("", "_low", "_high")))


def _trials(count: int) -> str:
    return format.count(count, "trial")


def _line(trial: Trial, outcome: Outcome | None) -> str:
    return f"{trial.id}  {settings(trial)}  {ended(outcome)}"


def _tags(id: str, notes: Notes | None) -> str:
    tags = notes.of(id).tags if notes is not None else ()
    return f"  tags: {', '.join(tags)}" if tags else ""


def settings(trial: Trial) -> str:
    """Write a trial's values on the axes."""
    return ", ".join(f"{name} = {label(value)}" for name, value in trial.settings.items())


def ended(outcome: Outcome | None) -> str:
    """Write how a trial ended: `ok, error 0.0205`."""
    if outcome is None:
        return "not trained yet"
    metrics = ", ".join(f"{name} {value:.6g}" for name, value in outcome.metrics.items())
    failure = format.printable(outcome.failure or "")
    return ", ".join(part for part in (outcome.status, metrics, failure if not metrics else "") if part)


def format_trial(
    trial: Trial,
    outcome: Outcome | None,
    details: Mapping[str, Any],
    printed: str = "",
    without: str = "",
    remarks: Remarks | None = None,
    kept: Sequence[str] = (),
) -> str:
    """Write everything that is known about a trial; `without` says why details are missing, `kept` what it kept."""
    lines = [f"trial {trial.id}", *([f"  {settings(trial)}"] if trial.settings else []), f"  {ended(outcome)}"]
    if outcome is not None and outcome.diagnosis:
        from nnsweep.questions.diagnose.text import format_numbers  # imported here because it imports pandas

        lines.append(f"  {format_numbers(outcome.diagnosis)}")
    if remarks is not None:
        lines += [f"  {line}" for line in remarks.lines()]
    lines += [f"  {line}" for line in kept]
    if without:
        lines.append(f"  not trained again, so without weights and outputs: {without}")
    again = details.get("metrics")
    if outcome is not None and outcome.status == "ok" and again is not None:
        same = again == dict(outcome.metrics)
        lines.append("  trained again: the same, bit for bit" if same else f"  trained again: NOT the same, {again}")
    for name, value in details.items():
        if name != "metrics":
            lines += ["", *_titled(name, value)]
    if printed:
        shown = (line.rpartition("\r")[2] for line in printed.rstrip().split("\n"))  # as a terminal shows it
        lines += ["", "printed", *(f"  {format.printable(line)}" for line in shown)]
    return "\n".join(lines)


def format_size(size: int) -> str:
    """Write the size of a file: `29 bytes`, `1.2 MB`."""
    return format.count(size, "byte") if size < 1000 else format.disk_size(size)


def format_kept(files: Sequence[SavedFile], logged: Mapping[str, Sequence[float]]) -> list[str]:
    """Write which files a trial saved, and what it has logged if it has not ended."""
    lines = []
    if logged:
        known = {
            name: [value for value in values if value == value] for name, values in logged.items() if name != EPOCH
        }
        shown = ", ".join(f"{name} {values[-1]:.6g}" for name, values in known.items() if values)
        steps = format.count(len(next(iter(logged.values()))), "step")
        lines.append(f"logged so far: {steps}, the last with {shown or 'no number'}")
    if files:
        listed = ", ".join(f"{each.name} ({format_size(each.size)})" for each in files)
        lines.append(f"files: {listed}; nnsweep artifacts copies them")
    return lines


def _titled(name: str, value: Any) -> Iterator[str]:
    """Write one of the details: arrays by part and name, samples one per line, anything else as JSON."""
    if _is_table(value) and all(map(_is_table, value.values())) and all(map(_is_arrays, value.values())):
        for part, content in value.items():
            yield f"{name} {part}"
            for key, array in content.items():
                yield from _array(key, array)
    elif isinstance(value, list) and value and all(map(_is_sample, value)):
        yield f"{name} samples"
        yield from ("  " + ", ".join(f"{key} {_row(numbers)}" for key, numbers in sample.items()) for sample in value)
    else:
        text = json.dumps(value, ensure_ascii=False)
        yield f"{name}: {text if len(text) <= LONGEST_DETAIL else f'{len(text):,} characters; --json has them'}"


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_arrays(content: Mapping[str, Any]) -> bool:
    return all(_is_numbers(array) or (_is_list(array) and all(map(_is_numbers, array))) for array in content.values())


def _is_sample(value: Any) -> bool:
    return _is_table(value) and all(map(_is_numbers, value.values()))


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0


def _is_numbers(value: Any) -> bool:
    return _is_list(value) and all(isinstance(number, int | float) for number in value)


def _array(name: str, array: Sequence[Any]) -> Iterator[str]:
    rows = array if array and isinstance(array[0], Sequence) else [array]
    if max(len(rows), *map(len, rows)) > WIDE:
        yield f"  {name}: {len(rows)} × {len(rows[0])} numbers; --json has them"
        return
    yield f"  {name}"
    yield from (f"    {_row(row)}" for row in rows)


def _row(numbers: Sequence[float]) -> str:
    return "(" + ", ".join(f"{number:.9g}" for number in numbers) + ")"


def format_replay(trial: Trial, again: Outcome, check: bool, differs: str | None) -> str:
    """Write the outcome of a trial that was trained again, and whether it equals the stored one."""
    lines = [f"trial {trial.id}, trained again: {ended(again)}"]
    if check:
        lines.append(f"not as stored: {differs}" if differs else "as stored, bit for bit")
    return "\n".join(lines)


def format_verification(checked: Sequence[tuple[Trial, str | None]]) -> str:
    """List the trials that differ from the store after they were trained again."""
    wrong = [f"trial {trial.id} ({settings(trial)}): {differs}" for trial, differs in checked if differs]
    count = f"{format.count(len(checked), 'trial')} trained again, alone"
    if not wrong:
        return f"{count}: as stored, bit for bit"
    return "\n".join([f"{count}: {len(wrong)} not as stored", *wrong])


def format_gradients(checks: Sequence[ModelCheck]) -> str:
    """Write for each model whether its gradient is that of its loss."""
    return "\n".join(_check(check) for check in checks)


def _check(check: ModelCheck) -> str:
    if check.unchecked:
        return f"not checked: {check.model}\n  {check.unchecked}"
    verdict = "pass" if check.passed else "not the gradient of its loss" if check.reasons else "FAIL"
    why = f", because {' and '.join(check.reasons)}" if check.reasons and not check.passed else ""
    largest = f"largest relative error {check.largest:.1e}" + (f" at {check.where}" if check.largest else "")
    kinks = f", {check.kinks} times at a kink, which is no error" if check.kinks else ""
    return f"{verdict}: {check.model}{why}\n  {largest}, of {check.compared} parameters{kinks}"
