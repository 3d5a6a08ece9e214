"""Checks a parsed document with its overrides, and makes a frozen `Sweep` of it."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from nnsweep.design.sweep import CASE, SEED, Axis, Report, Run, Success, Sweep
from nnsweep.sweepfile import wording
from nnsweep.sweepfile.entries import Entries
from nnsweep.sweepfile.model import File
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.sweepfile.problems import Problem, show, show_name
from nnsweep.sweepfile.ranges import MAX_TRIALS
from nnsweep.sweepfile.search import SearchedAxes, check_search, search_of
from nnsweep.sweepfile.values import FEW, Listing, Note, Settings, amount, axis, known, listing, settings
from nnsweep.trainers import BUILT_IN
from nnsweep.trainers.protocol import Trainer


def shape(document: dict[str, Any]) -> list[Problem]:
    """Find unknown keys, missing keys and values of the wrong shape, for any trainer."""
    try:
        File.model_validate(document)
    except ValidationError as error:
        return wording.of_model(error, File)
    return []


def contents(document: dict[str, Any], trainer: Trainer, parameters: Parameters, loose: set[str], note: Note) -> Sweep:
    """Check everything that depends on the trainer. The returned sweep is valid if no problem was noted.

    `loose` are the parameters that an override sets.
    """
    fixed = settings(_table(document, "fixed"), ("fixed",), "[fixed]", parameters, note)
    cases = _cases(_table(document, "cases"), parameters, note)
    _conflicts(document, fixed, cases, parameters, note)
    is_searched = "search" in document
    searched = SearchedAxes(_table(document, "axes"), is_searched, parameters, note)
    axes = _axes(_table(document, "axes"), tuple(cases), parameters, searched, is_searched, note)
    success = _success(document, trainer, note)
    names = _names(document, parameters)
    search = search_of(_table(document, "search"), trainer, "success" in document, note)
    if search is not None:
        check_search(search, axes, names, document, note)
    report = _report(document, names, parameters, note)
    reader = Entries(axes, names, parameters, loose, note)
    include, exclude = (reader.read(section, document.get(section)) for section in ("include", "exclude"))
    return Sweep(
        name=str(document.get("name", "")),
        trainer=str(document.get("trainer", "mlp")),
        description=str(document.get("description", "")),
        fixed=MappingProxyType(fixed.values),
        axes=axes,
        cases=MappingProxyType({name: MappingProxyType(case.values) for name, case in cases.items()}),
        include=tuple(map(MappingProxyType, include)),
        exclude=tuple(map(MappingProxyType, exclude)),
        success=success,
        report=report,
        run=Run(_float(_table(document, "run").get("timeout")), _table(document, "run").get("scheduler")),
        keep_weights=_keep_weights(_table(document, "keep").get("weights"), trainer, success, note),
        search=search,
    )


def _keep_weights(weights: Any, trainer: Trainer, success: Success | None, note: Note) -> str:
    """Read whose weights are kept: the trainer must have some, and the best trial needs a measure."""
    if weights not in ("best", "all"):
        return "none"
    if trainer.name not in BUILT_IN:
        said = f"trainer `{trainer.name}` has no weights that nnsweep knows; a function saves its own by `trial.save`"
        note(Problem(("keep", "weights"), f"`weights` in [keep]: {said}"))
    elif weights == "best" and success is None:
        note(Problem(("keep", "weights"), '`weights` in [keep]: "best" needs a [success], whose metric is compared'))
    return weights


def _cases(table: dict[str, Any], parameters: Parameters, note: Note) -> dict[str, Settings]:
    sections = {name: f"case {show_name(name)}" for name in table if isinstance(table[name], dict)}
    return {n: settings(table[n], ("cases", n), section, parameters, note) for n, section in sections.items()}


def _conflicts(
    document: dict[str, Any], fixed: Settings, cases: dict[str, Settings], parameters: Parameters, note: Note
) -> None:
    """Refuse a parameter that varies and is also set in [fixed] or in a case."""
    table = _table(document, "axes")
    varied = {parameters.spellings[name]: name for name in table if name in parameters.spellings}
    places = [(fixed, "[fixed]"), *((case, f"case {show_name(name)}") for name, case in cases.items())]
    for place, section in places:
        for parameter, path in place.paths.items():
            if parameter in varied:
                message = f"{show_name(path[-1])} in {section} is also {show_name(varied[parameter])} in [axes]"
                note(Problem(path, message, "", "one of them"))
    if cases and CASE in table and CASE in varied.values():
        note(Problem(("axes", CASE), "`case` is the axis that [cases] make", "", "another name, or no [cases]"))


def _axes(
    table: dict[str, Any],
    cases: tuple[str, ...],
    parameters: Parameters,
    searched: SearchedAxes,
    is_searched: bool,
    note: Note,
) -> tuple[Axis, ...]:
    """Return the valid axes, with `case` and then `seed` last; no axes if they make too many trials."""
    named = known(table, ("axes",), "[axes]", parameters, note)
    spaces = {name for name in named if searched.has(name)}
    read = {
        name: searched.listing(name) if name in spaces else _listing(name, table[name], parameters, note)
        for name in named
    }
    found = {name: each for name, each in read.items() if each}
    sizes = [each.size for each in found.values()] + [len(cases)] * bool(cases)
    if not is_searched and prod(sizes) > MAX_TRIALS:
        made = f"{' × '.join(map(amount, sizes[:FEW]))} = {amount(prod(sizes))} trials"
        note(Problem(("axes",), "the grid", made, f"at most {MAX_TRIALS:,}"))
        return ()
    axes = [
        axis(found[name], name, parameters, note) if name in found else searched.interval(name)
        for name in named
        if name in found or name in spaces
    ]
    if cases:
        axes.append(Axis(CASE, CASE, cases))
    return searched.with_conditions(sorted((each for each in axes if each), key=_is_seed))


def _listing(name: str, raw: Any, parameters: Parameters, note: Note) -> Listing | None:
    return listing(raw, ("axes", name), f"{show_name(name)} in [axes]", note, parameters.is_value(name, raw))


def _is_seed(axis: Axis) -> bool:
    return axis.parameter == SEED


def _success(document: dict[str, Any], trainer: Trainer, note: Note) -> Success | None:
    table = _table(document, "success")
    metric = table.get("metric")
    if not isinstance(metric, str):
        return None
    if trainer.metrics and metric not in trainer.metrics:
        path = ("success", "metric")
        note(Problem(path, "`metric` in [success]", show(metric), tuple(trainer.metrics), metric))
    bounds = {name: _float(table.get(name)) for name in ("below", "above")}
    return Success(metric, **bounds)


def _float(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _report(document: dict[str, Any], names: dict[str, str], parameters: Parameters, note: Note) -> Report:
    """Read the axes of [report], by name or alias; each may occur once, and `seed` not at all."""
    names = {parameter: name for parameter, name in names.items() if parameter != SEED}
    chosen: dict[str, str] = {}
    table = _table(document, "report")
    for place in ("rows", "columns", "panels"):
        name = table.get(place)
        if not isinstance(name, str):
            continue
        path, what = ("report", place), f"{show_name(place)} in [report]"
        axis = names.get(parameters.spellings.get(name, name))
        if axis is None:
            allowed = tuple(names.values()) or "none, as no axis but `seed` varies"
            note(Problem(path, what, show(name), allowed, name))
        elif axis in chosen.values():
            note(Problem(path, f"{what}: found {show(name)} twice", "", "each axis once"))
        else:
            chosen[place] = axis
    report, formats = replace(Report(), **chosen), table.get("formats")
    return replace(report, formats=tuple(map(str, formats))) if isinstance(formats, list) else report


def _names(document: dict[str, Any], parameters: Parameters) -> dict[str, str]:
    """Return the file's name of every axis, valid or not, by parameter."""
    names = {parameters.spellings.get(name, name): name for name in _table(document, "axes")}
    return names | ({CASE: CASE} if _table(document, "cases") else {})


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name)
    return table if isinstance(table, dict) else {}
