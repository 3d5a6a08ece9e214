"""Reads [[include]] and [[exclude]]: entries that name axes and some of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from nnsweep.design.sweep import CASE, Axis
from nnsweep.sweepfile.parameters import Parameters, as_value
from nnsweep.sweepfile.problems import Path, Problem, show, show_name
from nnsweep.sweepfile.product import Values
from nnsweep.sweepfile.ranges import MAX_VALUES, Range
from nnsweep.sweepfile.values import FAULTS, MIXED, Listing, Note, listing, unlike

Entry = dict[str, Values]
NAMED = 20
"""Values of an axis that a message lists, at most."""


class Entries:
    """Reads entries and compares them with the axes of the sweep.

    `names` are all axes by parameter, including those with mistakes; `loose` are the axes that an override replaced.
    """

    def __init__(
        self,
        axes: Sequence[Axis],
        names: Mapping[str, str],
        parameters: Parameters,
        loose: set[str],
        note: Note,
    ) -> None:
        self.names, self.parameters, self.loose, self.note = names, parameters, loose, note
        self.axes = {axis.parameter: axis for axis in axes}
        self.values = {axis.parameter: dict(zip(axis.values, axis.values, strict=True)) for axis in axes}
        self.section, self.budget = "", MAX_VALUES

    def read(self, section: str, tables: Any) -> tuple[Entry, ...]:
        """Check every entry of a section and return its values by parameter."""
        grid = prod(len(axis.values) for axis in self.axes.values()) if section == "include" else 0
        self.section, self.budget = section, MAX_VALUES - grid
        tables = tables if isinstance(tables, list) else []
        entries = [self.entry(each, (section, i)) for i, each in enumerate(tables) if isinstance(each, dict)]
        return tuple(entry for entry in entries if entry)

    def entry(self, table: dict[str, Any], path: Path) -> Entry | None:
        """Check one entry; None if, after an override, it can match nothing."""
        if not table:
            self.note(Problem(path, f"[[{self.section}]] is empty", "", "names of axes with values"))
        named = dict(self.named(table, path))
        found = {n: self.listing(n, table[n], (*path, n)) for n in named}
        if not self.affordable([each for each in found.values() if each], named, path):
            return None
        entry = {named[n]: self.checked(n, named[n], each) for n, each in found.items() if each}
        return entry if all(entry.values()) else None

    def named(self, table: dict[str, Any], path: Path) -> Iterator[tuple[str, str]]:
        """Yield the names in an entry with the parameters of their axes, each once."""
        seen: dict[str, str] = {}
        for name in table:
            parameter = self.parameters.spellings.get(name, name)
            where = f"in [[{self.section}]]"
            if parameter not in self.names:
                message = f"unknown axis {show_name(name)} {where}"
                axes = tuple(self.names.values()) or "none, as the sweep has no axes"
                self.note(Problem((*path, name), message, "", axes, name))
            elif parameter in seen:
                message = f"{show_name(seen[parameter])} and {show_name(name)} {where} are one axis"
                self.note(Problem((*path, name), message, "", "one of them"))
            elif parameter in self.axes:
                seen[parameter] = name
                yield name, parameter

    def listing(self, name: str, raw: Any, path: Path) -> Listing | None:
        """Read a value, a list of values, or a range."""
        what = f"{show_name(name)} in [[{self.section}]]"
        if not isinstance(raw, list | dict) or self.parameters.is_value(name, raw):
            return Listing(what, path, [raw], bare=True)
        return listing(raw, path, what, self.note)

    def affordable(self, found: list[Listing], named: dict[str, str], path: Path) -> bool:
        """Return whether the values of all entries, and the trials that they include, are within the limit."""
        size = sum(each.size for each in found)
        if self.section == "include":
            others = [len(axis.values) for name, axis in self.axes.items() if name not in named.values()]
            size = prod((*(each.size for each in found), *others))
        if 0 <= self.budget < size:
            message = f"[[{self.section}]] names too many combinations; allowed: at most {MAX_VALUES:,} in all"
            self.note(Problem(path, message))
        self.budget -= size
        return self.budget >= 0

    def checked(self, name: str, parameter: str, found: Listing) -> Values:
        """Check the values of an entry and return them as the axis has them."""
        on_axis, values, faults = self.values[parameter], [], 0
        limit = 1 if isinstance(found.source, Range) else FAULTS
        for item, path in found.items():
            value, problems = self.value(name, parameter, item, path, found)
            there = not problems and value in on_axis and not unlike(value, on_axis[value])
            if not problems and not there and parameter in self.loose and self.section == "exclude":
                continue
            if not problems and not there:
                problems = self.strange(found, item, value, parameter, path)
            for problem in problems:
                self.note(problem)
            faults += bool(problems)
            if faults == limit:
                break
            if not problems:
                values.append(value)
        return tuple(dict.fromkeys(values))

    def value(self, name: str, parameter: str, item: Any, path: Path, found: Listing) -> tuple[Any, list[Problem]]:
        """Return a value as the trainer keeps it, or the name of a case, and the problems with it."""
        if parameter in self.parameters.spellings:
            return self.parameters.check(name, item, path, found.what)
        return item, [] if isinstance(item, str) else [self.absent(found, item, parameter, path)]

    def strange(self, found: Listing, item: Any, value: Any, parameter: str, path: Path) -> list[Problem]:
        """List the problems with a value that is not on its axis; in [[include]] it may be new."""
        if self.section == "exclude" or parameter == CASE:
            return [self.absent(found, item, parameter, path)]
        if value in self.values[parameter]:
            return [Problem(path, f"{found.what}: found {show(item)} beside its equal", "", MIXED)]
        return []

    def absent(self, found: Listing, item: Any, parameter: str, path: Path) -> Problem:
        """Make the problem that a value is not on its axis; it lists the values of the axis."""
        values = self.axes[parameter].values
        words = [_word(each) for each in values[:NAMED]]
        wrong = item if isinstance(item, str) else ""
        more = ["…"] if len(values) > NAMED else []
        return Problem(path, found.what, show(as_value(item)), (*words, *more), wrong)


def _word(value: Any) -> str:
    """Format a value as a file may write it; a list of one width becomes that width."""
    single = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    return single if isinstance(single, str) else show(single)
