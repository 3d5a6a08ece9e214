"""`--set alpha=0.01,0.02` and `--set search.method=tpe`: options that replace what the file says."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from nnsweep.design.spelling import TooLargeError, plain_words, read_values, spell
from nnsweep.design.sweep import Sweep
from nnsweep.sweepfile.parameters import Parameters, as_value
from nnsweep.sweepfile.problems import Path, Problem, show, show_name
from nnsweep.sweepfile.toml import FLOATS, strange_values, too_deep

MAX_LENGTH = 100_000
"""Characters of one option, at most."""
SEARCH = "search."
"""How the names of options begin that set a key of [search]."""
LISTS = ("metrics", "most")
"""The keys of [search] whose values are lists."""
FEW = 10
"""Values of an option that a text lists, at most."""


@dataclass(frozen=True)
class Override:
    """One option: a parameter's name, and the values between the commas."""

    text: str
    name: str
    items: list[Any]

    @property
    def is_of_search(self) -> bool:
        """Whether it sets a key of [search]."""
        return self.name.startswith(SEARCH)

    @property
    def path(self) -> Path:
        """The path of its problems; no path of a file begins with `--set`."""
        return ("--set", self.text)

    def axis(self, parameters: Parameters) -> Any:
        """Return what [axes] would contain; a list in brackets is one value if the parameter takes it, else several."""
        if len(self.items) > 1 or not self.items or not isinstance(self.items[0], list | dict):
            return self.items
        single = self.items[0]
        if isinstance(single, dict):
            return self.items if parameters.is_value(self.name, single) else single
        return single if parameters.check(self.name, as_value(single), self.path, "")[1] else self.items


def read(text: str) -> Override | Problem:
    """Read `name=value,value`: values are TOML, in which plain words need no quotes.

    >>> read("activation=relu,tanh").items, read("hidden=[8, 8], [16]").items
    (['relu', 'tanh'], [[8, 8], [16]])
    """
    from nnsweep.sweepfile.mistakes import correct

    name, equals, value = text.partition("=")
    name, path = name.strip(), ("--set", text)
    if not (name and equals):
        return Problem(path, "not an override; allowed: name=value, or name=value,value")
    if len(text) > MAX_LENGTH or too_deep(value) is not None:
        return Problem(path, "too long or nested too deep")
    meant = next(((word, instead) for word in plain_words(value) if (instead := correct(word))), None)
    if meant:
        allowed = f"{meant[1]}, or {shlex.quote(spell(meant[0]))} for a text"
        return Problem(path, show_name(name), meant[0], allowed)
    try:
        values = read_values(value)
    except TooLargeError as error:
        return Problem(path, show_name(name), str(error), FLOATS)
    except (ValueError, RecursionError):
        return Problem(path, "not a value of TOML; allowed: numbers, words and lists, separated by commas")
    strange = next(strange_values(values, (name,)), None)
    return replace(strange, path=path) if strange else Override(text, name, values)


def apply_to_search(
    document: dict[str, Any], overrides: Sequence[Override]
) -> tuple[dict[str, Any], dict[Path, Path], list[Problem]]:
    """Put overrides such as `search.method=tpe` into [search], whose keys and values are not checked yet.

    Returns as `apply` does.
    """
    table, moved, problems = _table(document, "search"), dict[Path, Path](), list[Problem]()
    for each in overrides:
        key = each.name.removeprefix(SEARCH)
        if ("search", key) in moved:
            problems.append(Problem(each.path, f"{show_name(each.name)} is set twice"))
            continue
        is_list = len(each.items) != 1 or (key in LISTS and not isinstance(each.items[0], list))
        table[key] = each.items if is_list else each.items[0]
        moved[("search", key)] = each.path
    if moved and "search" not in document:
        moved[("search",)] = overrides[0].path
    return ({**document, "search": table} if moved else document), moved, problems


def apply(
    document: dict[str, Any], overrides: Sequence[Override], parameters: Parameters
) -> tuple[dict[str, Any], dict[Path, Path], list[Problem]]:
    """Put overrides into a document as axes, replacing what the file says.

    Returns the new document, the path of the override for each path that holds its values, and problems.
    """
    fixed, axes = _table(document, "fixed"), _table(document, "axes")
    moved: dict[Path, Path] = {}
    problems: list[Problem] = []
    for each in overrides:
        parameter = parameters.spellings.get(each.name)
        here = [name for name in axes if parameters.spellings.get(name, "") == parameter]
        fault = _fault(each, parameter, document, parameters)
        if fault or any(("axes", name) in moved for name in here):
            problems.append(fault or Problem(each.path, f"{show_name(each.name)} is set twice"))
            continue
        fixed = {name: value for name, value in fixed.items() if parameters.spellings.get(name) != parameter}
        axes[here[0] if here else each.name] = each.axis(parameters)
        moved[("axes", here[0] if here else each.name)] = each.path
    return {**document, "fixed": fixed, "axes": axes}, moved, problems


def format_overrides(sweep: Sweep, parameters: Parameters) -> list[str]:
    """Format the values of each parameter that an option sets: `hidden is [8, 4]`, or `hidden is 8 or 4`."""
    values = {**{name: (value,) for name, value in sweep.fixed.items()}, **{a.parameter: a.values for a in sweep.axes}}
    names = [option.partition("=")[0].strip() for option in sweep.overrides]
    search = {f"{SEARCH}{name}": (value,) for name, value in _search(sweep).items()}
    found = {name: search[name] if name in search else values[parameters.spellings[name]] for name in names}
    return [f"{name} is {_either([show(value) for value in each])}" for name, each in found.items()]


def _search(sweep: Sweep) -> dict[str, Any]:
    """Return the keys of [search] with their values."""
    search = sweep.search
    return {**vars(search), **search.own} if search is not None else {}


def _either(texts: Sequence[str]) -> str:
    """Join a few texts by `or`; of many, name the first and the last."""
    if len(texts) > FEW:
        return f"one of {len(texts):,} values, {texts[0]} to {texts[-1]}"
    return " or ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


def fix_single_values(sweep: Sweep, single: set[str]) -> Sweep:
    """Move axes that an override left with one value to `fixed`, and drop them from entries and report."""
    gone = {axis.parameter: axis for axis in sweep.axes if axis.parameter in single and len(axis.values) == 1}
    if not gone:
        return sweep
    only = {parameter: axis.values[0] for parameter, axis in gone.items()}
    names = {axis.name for axis in gone.values()}
    places = {"rows": sweep.report.rows, "columns": sweep.report.columns, "panels": sweep.report.panels}
    return replace(
        sweep,
        fixed=MappingProxyType({**sweep.fixed, **only}),
        axes=tuple(axis for axis in sweep.axes if axis.parameter not in gone),
        include=_without(sweep.include, only),
        exclude=_without(sweep.exclude, only),
        report=replace(sweep.report, **{place: None for place, name in places.items() if name in names}),
    )


def _without(entries: Sequence[Any], only: dict[str, Any]) -> tuple[Any, ...]:
    """Return the entries that can still match, without the names that now have one value."""
    alive = [e for e in entries if all(value in e.get(name, (value,)) for name, value in only.items())]
    return tuple(MappingProxyType({n: values for n, values in e.items() if n not in only}) for e in alive)


def _fault(each: Override, parameter: str | None, document: dict[str, Any], known: Parameters) -> Problem | None:
    if parameter is None:
        return Problem(each.path, f"unknown parameter {show_name(each.name)}", "", known.names, each.name)
    for case, settings in _table(document, "cases").items():
        if isinstance(settings, dict) and parameter in map(known.spellings.get, settings):
            message = f"{show_name(each.name)} is set by case {show_name(case)}"
            return Problem(each.path, f"{message}; allowed: parameters that no case sets")
    return None


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name, {})
    return dict(table) if isinstance(table, dict) else {}
