"""Reads values in [fixed], [axes], cases, [[include]] and [[exclude]], and checks them with their parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from nnsweep.design.sweep import Axis
from nnsweep.sweepfile import wording
from nnsweep.sweepfile.parameters import Parameters, as_value
from nnsweep.sweepfile.problems import Path, Problem, show, show_name
from nnsweep.sweepfile.ranges import MAX_VALUES, RANGES, Range, kind_of
from nnsweep.sweepfile.spaces import SPACES

Note = Callable[[Problem], None]
RANGE_FORMS = "{ from, to, step }, { count, start }, { linspace, num } or { logspace, num }"
FEW = 10
"""Up to this many values may have been meant as one list."""
MIXED = "truths or numbers, as true equals 1 and false 0"
FAULTS = 100
"""Wrong values of one list after which the others are not checked."""


@dataclass(frozen=True)
class Listing:
    """The values of an axis before they are checked: a list or a range; `bare` is a single value without a list."""

    what: str
    path: Path
    source: list[Any] | Range
    bare: bool = False

    @property
    def size(self) -> int:
        """The number of values."""
        return self.source.size if isinstance(self.source, Range) else len(self.source)

    def items(self) -> Iterator[tuple[Any, Path]]:
        """Yield each value with its place."""
        if isinstance(self.source, Range):
            yield from ((value, self.path) for value in self.source.values())
        else:
            places = enumerate(self.source)
            yield from ((as_value(item), self.path if self.bare else (*self.path, at)) for at, item in places)


def listing(raw: Any, path: Path, what: str, note: Note, value: bool = False) -> Listing | None:
    """Read a list or a range of 1 to `MAX_VALUES` values, without making them.

    `value` is true if a table is a single value.
    """
    source = _range(raw, path, what, note) if isinstance(raw, dict) and not value else raw
    if source is None:
        return None
    if not isinstance(source, list | Range):
        note(Problem(path, what, show(raw), "a list of values, or a range; a single value goes in [fixed]"))
        return None
    found = Listing(what, path, source)
    if found.size == 0:
        note(Problem(path, f"{what} has no values", "", "at least one"))
    elif found.size > MAX_VALUES:
        note(Problem(path, what, f"{amount(found.size)} values", f"at most {MAX_VALUES:,}"))
    return found if 0 < found.size <= MAX_VALUES else None


def amount(number: int) -> str:
    """Format a count with separators, unless it is too large to read."""
    return f"{number:,}" if number < 10**15 else "over 10^15"


def _range(table: dict[str, Any], path: Path, what: str, note: Note) -> Range | None:
    kind = kind_of(table)
    if kind is None:
        wrong = next(iter(table), "")
        message = f"{what}: {show_name(wrong)} makes no range" if table else f"{what}: found an empty table"
        allowed = (*RANGES, *SPACES) if path[0] == "axes" else tuple(RANGES)
        note(Problem((*path, wrong), message, "", allowed if table else RANGE_FORMS, wrong))
        return None
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        for problem in wording.of_model(error, kind, path, f" in {what}"):
            note(problem)
        return None


def axis(found: Listing, name: str, parameters: Parameters, note: Note) -> Axis | None:
    """Make and check the values of an axis, which must all differ. One mistake in a range is enough."""
    values: dict[Any, Any] = {}
    faults, limit = 0, 1 if isinstance(found.source, Range) else FAULTS
    for item, path in found.items():
        value, problems = parameters.check(name, item, path, found.what)
        if not problems and value in values:
            problems = [_twice(found, name, item, path, parameters, unlike(value, values[value]))]
        for problem in problems:
            note(problem)
        if not problems:
            values[value] = value
        faults += bool(problems)
        if faults == limit:
            break
    return None if faults else Axis(name, parameters.spellings[name], tuple(values))


def unlike(one: Any, other: Any) -> bool:
    """Return whether values that are equal in Python, such as `true` and 1, are different to a trainer."""
    return _truths(one) != _truths(other)


def _truths(value: Any) -> Any:
    return tuple(map(_truths, value)) if isinstance(value, tuple) else isinstance(value, bool)


def _twice(found: Listing, name: str, item: Any, path: Path, parameters: Parameters, mixed: bool) -> Problem:
    if mixed:
        return Problem(path, f"{found.what}: found {show(item)} beside its equal", "", MIXED)
    allowed = "each value once"
    if isinstance(found.source, list) and found.size <= FEW:
        whole = as_value(found.source)
        if not parameters.check(name, whole, path, "")[1]:
            allowed += f"; if the list is one value, [{show(whole)}]"
    return Problem(path, f"{found.what}: found {show(item)} twice", "", allowed)


@dataclass(frozen=True)
class Settings:
    """Values of a table such as [fixed], by canonical name, and their places."""

    values: dict[str, Any]
    paths: dict[str, Path]


def settings(table: dict[str, Any], path: Path, section: str, parameters: Parameters, note: Note) -> Settings:
    """Check a table with one value for each parameter."""
    found = Settings({}, {})
    for name, parameter in known(table, path, section, parameters, note).items():
        at = (*path, name)
        value, problems = parameters.check(name, as_value(table[name]), at, f"{show_name(name)} in {section}")
        found.values[parameter], found.paths[parameter] = value, at
        for problem in problems:
            note(problem)
    return found


def known(table: dict[str, Any], path: Path, section: str, parameters: Parameters, note: Note) -> dict[str, str]:
    """Return the names of a table that are parameters, with these; the same parameter under two names is an error."""
    names: dict[str, str] = {}
    for name in table:
        parameter = parameters.spellings.get(name)
        if parameter is None:
            message = f"unknown parameter {show_name(name)} in {section}"
            note(Problem((*path, name), message, "", parameters.names, name))
        elif parameter in names.values():
            other = next(each for each in names if names[each] == parameter)
            message = f"{show_name(other)} and {show_name(name)} in {section} are one parameter"
            note(Problem((*path, name), message, "", "one of them"))
        else:
            names[name] = parameter
    return names
