"""Find what a run depends on besides this package: the sweep's own files, and the packages that its code imports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from nnsweep.data import files, users
from nnsweep.design.sweep import Sweep
from nnsweep.trainers.plugin_source import imports_of, is_installed


@dataclass(frozen=True)
class Origin:
    """The files of a sweep (its own, its code, its data), packages with their versions, and the results folder."""

    files: tuple[Path, ...] = ()
    packages: dict[str, str] = field(default_factory=dict)
    results: Path | None = None

    @classmethod
    def of(cls, sweep: Sweep, results: Path) -> Origin:
        """Find the origin of a sweep that is loaded and expanded."""
        code = dict(_code())
        own = [Path(sweep.file)] if sweep.file else []
        return cls((*own, *code.values(), *files.asked_for()), _packages(code), results)


def files_of_run() -> tuple[Path, ...]:
    """List the files that a worker needs to train: users' modules, and data."""
    return tuple(dict.fromkeys((*dict(_code()).values(), *files.asked_for())))


def _code() -> Iterator[tuple[str, Path]]:
    """List the modules that were imported for users' code, without those that are installed."""
    for name in users.imported():
        file = getattr(sys.modules[name], "__file__", None)
        if file is not None and not is_installed(Path(file)):
            yield name, Path(file)


def _packages(code: dict[str, Path]) -> dict[str, str]:
    """Find the versions of the installed packages that users' code imports."""
    tops = {top for name, path in code.items() for top in imports_of(name, path)}
    found: dict[str, str] = {}
    named: dict[str, list[str]] = {}
    for top in sorted(tops - {name.partition(".")[0] for name in code}):
        try:
            found[top] = version(top)
        except PackageNotFoundError:
            named = named or dict(packages_distributions())  # slow: it reads the files of every installed package
            found |= {name: version(name) for name in named.get(top, ())}
    return found
