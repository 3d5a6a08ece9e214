"""The settings of a sweep, its provenance, and the files beside the page, as lists of names and texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from nnsweep import format
from nnsweep.design.spelling import bare
from nnsweep.design.sweep import CASE, SEED, Axis, label
from nnsweep.format import count_trials, duration
from nnsweep.report.html.context import ReportData

Facts = list[tuple[str, str]]

LISTED = 16
"""Up to this many values of an axis are all listed; of more, the first and the last are."""


def settings(report: ReportData) -> Facts:
    """List the axes with their values, the trainer, the fixed parameters, and the condition of success."""
    sweep = report.sweep
    facts = [(axis.name, _values(report, axis)) for axis in sweep.axes]
    facts.append(("trials", _product(report)))
    facts.append(("trainer", sweep.trainer))
    fixed = {name: _label(value) for name, value in sweep.fixed.items()}
    if "data" in fixed:
        facts.append(("data", fixed.pop("data")))
    if fixed:
        facts.append(("fixed", ", ".join(f"{name} = {value}" for name, value in fixed.items())))
    facts.append(("success", str(sweep.success) if sweep.success else "not defined"))
    return facts


def cases(report: ReportData) -> Facts:
    """List each case and what it sets."""
    return [
        (name, ", ".join(f"{key} = {_label(value)}" for key, value in case.items()) or "nothing besides the defaults")
        for name, case in report.sweep.cases.items()
    ]


def _label(value: Any) -> str:
    """Write a value as the file does, without quotes."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_label, value))
    return str(value).lower() if isinstance(value, bool) else str(bare([label(value)])[0])


def _values(report: ReportData, axis: Axis) -> str:
    if axis.parameter == SEED:
        count, ends = len(axis.values), (axis.values[0], axis.values[-1])
        return f"{count} seeds, {ends[0]} to {ends[1]}" if count > 1 else f"1 seed, {ends[0]}"
    labels = report.labels[axis.column]
    if axis.parameter == CASE and len(labels) > 1:
        return f"{len(labels)} cases"
    if len(labels) > LISTED:
        return f"{len(labels)} values, {labels[0]} to {labels[-1]}"
    return ", ".join(labels)


def _product(report: ReportData) -> str:
    """Write the number of trials, and the number of values on each axis of a grid."""
    if report.sweep.search is not None:
        return f"{len(report.trials):,}, chosen by `{report.sweep.search.method}`"
    sizes = [f"{len(axis.values)} {axis.name}{'s' * (axis.parameter in (SEED, CASE))}" for axis in report.sweep.axes]
    product = " × ".join(sizes) if len(sizes) > 1 else ""
    more = " with [[include]] and [[exclude]]" if report.sweep.include or report.sweep.exclude else ""
    return f"{len(report.trials):,}" + (f" = {product}{more}" if product else "")


def provenance(record: Mapping[str, Any]) -> Facts:
    """List where, when, with what and for how long the last run trained."""
    return [(name, text) for name, text in _provenance(record) if text]


def _provenance(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    def get(name: str) -> str:
        return str(record.get(name) or "")

    yield "command", get("command")
    yield "run", _run(record)
    yield "began and ended", " to ".join(get(name)[:19].replace("T", " ") for name in ("started", "ended") if get(name))
    packages = [f"{name} {version}" for name, version in (record.get("packages") or {}).items()]
    yield "versions", ", ".join([f"Python {get('python')}", *packages]) if get("python") else ""
    yield "commit", _commit(record.get("git") or {})
    yield "host", ", ".join(text for text in (get("host"), get("platform")) if text)
    jobs = f"{get('cpus')} cores, {get('jobs')} at work" if get("cpus") else ""
    yield "processor", ", ".join(text for text in (get("cpu"), jobs) if text)
    yield "BLAS", "; ".join(_blas(each) for each in record.get("blas") or ())


def _run(record: Mapping[str, Any]) -> str:
    if "trials" not in record or "seconds" not in record:
        return ""
    text, jobs = f"{count_trials(record['trials'])} trained in {duration(record['seconds'])}", record.get("jobs") or 1
    if "training_seconds" not in record:
        return text
    how = "of it training" if jobs == 1 else f"of training on {jobs} workers"
    return f"{text}, {duration(record['training_seconds'])} {how}"


def _commit(git: Mapping[str, Any]) -> str:
    changes, untracked = git.get("uncommitted_changes", "none"), git.get("untracked") or ()
    text = str(git.get("commit", "")) + ("" if changes == "none" else f", with uncommitted changes {changes}")
    return text + (f", and without {', '.join(map(str, untracked))}" if untracked else "")


def _blas(blas: Mapping[str, Any]) -> str:
    name = " ".join(str(blas[key]) for key in ("library", "version", "architecture") if blas.get(key))
    threads = blas.get("threads")
    return name if threads is None else f"{name}, {format.count(threads, 'thread')}"


def links(report: ReportData) -> dict[str, list[tuple[str, str]]]:
    """List tables, figures and the question: the name of each file, and its address relative to the page."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for path in report.files:
        kind = path.parent.name if path.parent != report.folder else "question"
        kinds.setdefault(kind, []).append((path.name, quote(path.relative_to(report.folder).as_posix())))
    return kinds
