"""Reads a sweep file into a `Sweep`, or raises one error that lists all mistakes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from nnsweep import data, trainers
from nnsweep.data.places import look_beside
from nnsweep.design.sweep import Sweep
from nnsweep.errors import NnsweepError, SpecError
from nnsweep.sweepfile import cross_checks, overrides, validate
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.sweepfile.problems import Path, Problem, listing, show_name
from nnsweep.sweepfile.product import present
from nnsweep.sweepfile.toml import parse, position, read, strange_values
from nnsweep.trainers import Trainer

FindTrainer = Callable[[str, Sequence[Any]], Trainer]
"""Finds the trainer of a sweep: its name, and all values of the parameters, as they are written."""


def _import_trainer(name: str, values: Sequence[Any]) -> Trainer:
    return trainers.load(name)


def load(path: FilePath, overrides: Sequence[str] = (), find_trainer: FindTrainer = _import_trainer) -> Sweep:
    """Read a sweep file; `overrides` such as `alpha=0.01,0.02` replace what it says.

    Raises:
        SpecError: the file or an override is wrong; one line for each mistake.
    """
    return loads(read(path), str(path), overrides, os.path.dirname(os.path.abspath(path)), find_trainer)


def loads(
    text: str,
    where: str = "grid.toml",
    overrides: Sequence[str] = (),
    folder: str = "",
    find_trainer: FindTrainer = _import_trainer,
) -> Sweep:
    """Read a sweep from text; `where` names it in messages, `folder` is where its files are searched first.

    >>> loads('name = "one"').axes
    ()

    Raises:
        SpecError: the text or an override is wrong; one line for each mistake.
    """
    look_beside(folder)
    data.refresh()
    trainers.refresh()
    document = parse(text, where)
    found = list(strange_values(document))
    moved: dict[Path, Path] = {}
    sweep = None
    if not found:
        sweep, moved = _read(document, overrides, found, find_trainer)
    if sweep is None or found:
        places = _Places(text, where, moved)
        raise SpecError(listing(found, places.order, places.place))
    file = os.path.join(folder, os.path.basename(where)) if folder else ""
    return replace(sweep, source=text, overrides=tuple(overrides), folder=folder, file=file)


def from_python(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> Sweep:
    """Make a sweep from the tables that a file would hold; its trainer may also be a function.

    >>> from_python({"name": "one", "axes": {"alpha": (0.1, 0.2)}}).axes[0].values
    (0.1, 0.2)

    Raises:
        SpecError: a table or an override is wrong; one line for each mistake.
    """
    from nnsweep.sweepfile.python import adopted, order, place, to_text

    look_beside("")
    data.refresh()
    trainers.refresh()
    found: list[Problem] = []
    tables, version = adopted(dict(document), found)
    found += strange_values(tables)
    sweep, moved = (None, {}) if found else _read(tables, overrides, found)
    if sweep is None or found:
        names = list(tables)
        raise SpecError(listing(found, lambda path: order(path, names), lambda path: place(moved.get(path[:2], path))))
    return replace(sweep, source=to_text(tables), overrides=tuple(overrides), trainer_version=version)


def values_in(document: Mapping[str, Any]) -> list[Any]:
    """Give the tables of a document that hold values of parameters."""
    return [document.get(table) for table in ("fixed", "axes", "cases", "include")]


def _read(
    document: dict[str, Any],
    options: Sequence[str],
    found: list[Problem],
    find_trainer: FindTrainer = _import_trainer,
) -> tuple[Sweep | None, dict[Path, Path]]:
    """Check a document and append mistakes to `found`; also return which paths come from overrides."""
    read = [overrides.read(option) for option in options]
    found += [each for each in read if isinstance(each, Problem)]
    wanted = [each for each in read if isinstance(each, overrides.Override)]
    of_search, wanted = [each for each in wanted if each.is_of_search], [e for e in wanted if not e.is_of_search]
    document, of_section, faults = overrides.apply_to_search(document, of_search)
    found += [*faults, *validate.shape(document)]
    values = [*values_in(document), *(each.items for each in wanted)]
    trainer = _trainer(document, found, lambda name: find_trainer(name, values))
    if trainer is None:
        return None, of_section
    parameters = Parameters.of(trainer)
    document, moved, faults = overrides.apply(document, wanted, parameters)
    found += faults
    replaced = {parameters.spellings[each.name] for each in wanted if each.name in parameters.spellings}
    sweep = validate.contents(document, trainer, parameters, replaced, found.append)
    if not found:
        found += cross_checks.problems(sweep, trainer, document)
    return (None if found else _settled(sweep, replaced)), moved | of_section


def _settled(sweep: Sweep, replaced: set[str]) -> Sweep:
    """Fix parameters that an override left with one value, and reduce every axis to the values of its trials."""
    sweep = overrides.fix_single_values(sweep, replaced)
    return replace(sweep, axes=present(sweep.axes, sweep.include, sweep.exclude))


def _trainer(document: dict[str, Any], found: list[Problem], find: Callable[[str], Trainer]) -> Trainer | None:
    name = document.get("trainer", "mlp")
    if any(problem.path == ("trainer",) for problem in found):
        return None
    try:
        return find(name)
    except NnsweepError as error:
        found.append(Problem(("trainer",), str(error)))
        return None


class _Places:
    """The place of each path: a line and column of the file, or the option that its value came from."""

    def __init__(self, text: str, where: str, moved: dict[Path, Path]) -> None:
        from nnsweep.sweepfile.positions import offsets

        self.text, self.where, self.moved = text.replace("\r\n", "\n"), where, moved  # The parser does the same.
        self.offsets = offsets(self.text)

    def order(self, path: Path) -> int:
        return self.offsets.get(self.nearest(path), len(self.text))

    def place(self, path: Path) -> str:
        nearest = self.nearest(path)
        if nearest[:1] == ("--set",):
            return f"--set {show_name(nearest[1])[1:-1]}"
        line, column = position(self.text, self.offsets[nearest])
        return f"{self.where}:{line}:{column}"

    def nearest(self, path: Path) -> Path:
        """Return the option that the path's value came from, or the innermost table, list or item of the file."""
        path = self.moved.get(path[:2], path)
        while path not in self.offsets and path[:1] != ("--set",):
            path = self.moved.get(path[:-1], path[:-1])
        return path
