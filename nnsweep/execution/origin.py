"""Find what a run depends on besides this package: the sweep's own files, and the packages that its code imports."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from nnsweep.data import files, users
from nnsweep.design.spelling import to_json
from nnsweep.design.sweep import Axis, Sweep, plain
from nnsweep.execution.packages import versions_of
from nnsweep.files import digest_bytes
from nnsweep.trainers import load
from nnsweep.trainers.plugin_source import imports_of, is_installed
from nnsweep.trainers.plugins import files_of_scripts

LISTED = 1_000
"""Values of an axis that are all kept; of more, the ends and a digest are."""


@dataclass(frozen=True)
class Origin:
    """The files of a sweep (its own, its code, its data), packages with their versions, and the results folder.

    `data` are those of the files that data sets were read from. `question` is what the sweep asks, as JSON.
    """

    files: tuple[Path, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)
    results: Path | None = None
    data: tuple[Path, ...] = ()
    question: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, sweep: Sweep, results: Path) -> Origin:
        """Find the origin of a sweep that is loaded and expanded."""
        code = _code_of(sweep)
        own = [Path(sweep.file)] if sweep.file else []
        data = tuple(files.asked_for())
        return cls((*own, *code.values(), *data), _packages(code), results, data, question_of(sweep))


def question_of(sweep: Sweep) -> dict[str, Any]:
    """Write what a sweep asks as JSON. Of a long axis, only the ends and a digest are kept."""
    success = None if sweep.success is None else str(sweep.success)
    asked = {
        "name": sweep.name,
        "trainer": sweep.trainer,
        "trainer_version": load(sweep.trainer).version,
        "fixed": dict(sweep.fixed),
        "axes": {axis.name: _values(axis) for axis in sweep.axes},
        "cases": {name: dict(case) for name, case in sweep.cases.items()},
        "include": [dict(entry) for entry in sweep.include],
        "exclude": [dict(entry) for entry in sweep.exclude],
        "success": success,
    }
    return json.loads(to_json(asked, default=plain), parse_float=_finite)


def _finite(text: str) -> float | str:
    """Read a number; infinity, which JSON does not have, stays a text."""
    number = float(text)
    return number if isfinite(number) else str(number)


def _values(axis: Axis) -> Any:
    if len(axis.values) <= LISTED:
        return list(axis.values)
    digest = digest_bytes(to_json(axis.values, default=plain).encode("utf-8", "surrogatepass"))
    return {"values": len(axis.values), "first": axis.values[0], "last": axis.values[-1], "digest": digest}


def files_of_run() -> tuple[Path, ...]:
    """List the files that a worker needs to train: users' modules, and data."""
    scripts = [path for each in files_of_scripts().values() for path in each.values()]
    return tuple(dict.fromkeys((*dict(_code()).values(), *scripts, *files.asked_for())))


def _code_of(sweep: Sweep) -> dict[str, Path]:
    """List the modules of a sweep: its trainer's, its data functions', and what these import.

    The process may have imported others for another sweep.
    """
    loaded = dict(_code())
    values = [value for axis in sweep.axes for value in axis.values]
    values += [value for given in (sweep.fixed, *sweep.cases.values()) for value in given.values()]
    named = [sweep.trainer, *(value for value in values if isinstance(value, str) and ":" in value)]
    names = users.brought_by(map(users.module_of, named)) & loaded.keys()
    while True:
        tops = {top for name in names for top in (name.partition(".")[0], *imports_of(name, loaded[name]))}
        more = {name for name in loaded if name.partition(".")[0] in tops}
        if more <= names:
            return {name: loaded[name] for name in sorted(names)} | files_of_scripts().get(sweep.trainer, {})
        names |= more


def _code() -> Iterator[tuple[str, Path]]:
    """List the modules that were imported for users' code, without those that are installed."""
    for name in users.imported():
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and not is_installed(Path(file)):
            yield name, Path(file)


def _packages(code: dict[str, Path]) -> dict[str, str]:
    """Find the versions of the installed packages that users' code imports."""
    tops = {top for name, path in code.items() for top in imports_of(name, path)}
    return versions_of(tops - {name.partition(".")[0] for name in code})
