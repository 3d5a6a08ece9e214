"""`--set alpha=0.01,0.02`: options that beat the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from nnsweep.spec.document import strange_values, too_deep
from nnsweep.spec.parameters import Parameters
from nnsweep.spec.problems import Path, Problem, show_name
from nnsweep.spec.spelling import read_values
from nnsweep.spec.sweep import Sweep
from nnsweep.spec.values import is_value

MAX_LENGTH = 100_000
"""Characters of one option."""


@dataclass(frozen=True)
class Override:
    """One option: a parameter's name and its values, or the table of a range."""

    text: str
    name: str
    values: Any

    @property
    def path(self) -> Path:
        """Where its problems stand: no file's path begins with `--set`."""
        return ("--set", self.text)


def read(text: str) -> Override | Problem:
    """Read `name=value,value`, where values are TOML and plain words need no quotes.

    >>> read("activation=relu,tanh").values, read("hidden=[[8, 8], [16]]").values
    (['relu', 'tanh'], [[8, 8], [16]])
    """
    name, equals, value = text.partition("=")
    name, path = name.strip(), ("--set", text)
    if not (name and equals):
        return Problem(path, "not an override; allowed: name=value, or name=value,value")
    if len(text) > MAX_LENGTH or too_deep(value) is not None:
        return Problem(path, "too long or nested too deep")
    try:
        values = read_values(value)
    except (ValueError, RecursionError):
        return Problem(path, "not a value of TOML; allowed: numbers, words and lists, separated by commas")
    single = values[0] if len(values) == 1 and isinstance(values[0], list | dict) else values
    strange = next(strange_values(single, (name,)), None)
    return replace(strange, path=path) if strange else Override(text, name, single)


def apply(
    document: dict[str, Any], overrides: Sequence[Override], parameters: Parameters
) -> tuple[dict[str, Any], dict[Path, Path], list[Problem]]:
    """Put overrides into a document, each as an axis, in place of what the file says.

    Returns the new document, the overrides' own paths by the paths where their values now are, and problems.
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
        value = is_value(each.values) and parameters.takes_tables(each.name)
        axes[here[0] if here else each.name] = [each.values] if value else each.values
        moved[("axes", here[0] if here else each.name)] = each.path
    return {**document, "fixed": fixed, "axes": axes}, moved, problems


def settle(sweep: Sweep, single: set[str]) -> Sweep:
    """Make axes that an override left with one value fixed, in the rest of the sweep too."""
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
    """Entries that may still match, without the names that now have one value."""
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
