"""Which code may be imported because a sweep names it.

A sweep file is code. Whoever runs it trusts it, the modules beside it and in the working directory, and the installed
packages. Without permission it must not use a module from anywhere else, or a function of the standard library, which
is not meant to be called with values of a file.
"""

from __future__ import annotations

import inspect
import os
import site
import sysconfig
from collections.abc import Iterable
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nnsweep.errors import NnsweepError

_limited = False
"""Whether code from other places is refused. The command line refuses it; in Python, the caller is code itself."""
_named: set[str] = set()
"""Code that the user has named in addition to the sweep."""


def limit(limited: bool = True) -> None:
    """Refuse or allow code from other places from now on."""
    global _limited
    _limited = limited


def is_limited() -> bool:
    """Whether code from other places is refused."""
    return _limited


def let_in(name: str) -> None:
    """Allow the code of this name, because the user has named it."""
    _named.add(name)


def check_module(name: str, module: str, folders: Iterable[str]) -> None:
    """Make sure that a module may be imported, before it is; `name` is how the sweep names its code.

    Raises:
        NnsweepError: it is of the standard library, or neither below one of the folders nor installed.
    """
    top = module.partition(".")[0]
    if is_standard(top):
        raise NnsweepError(f"{top} is of Python's standard library; allowed: a module of yours or of a package")
    spec = _spec(top)
    if spec is None or _is_hooked(top):
        return
    for place in _places(spec):
        check_place(name, place, folders)


def check_place(name: str, place: str, folders: Iterable[str]) -> None:
    """Make sure that code may be imported from a place; `name` is how the sweep names it.

    Raises:
        NnsweepError: the place is neither below one of the folders nor installed.
    """
    if _limited and name not in _named and not _is_below(place, folders) and not _is_below(place, installed()):
        where = "outside the sweep file's folder, the working directory and the installed packages"
        raise NnsweepError(f"would be imported from {place}, {where}; if you trust it, add --trust")


def check_function(found: Any) -> None:
    """Make sure that what a module holds is not a function of the standard library that it has imported.

    Raises:
        NnsweepError: it is.
    """
    owner = getattr(found, "__module__", None) or type(getattr(found, "__self__", found)).__module__
    if inspect.isroutine(found) and is_standard(owner.partition(".")[0]):
        raise NnsweepError(f"`{owner}.{found.__name__}` is of Python's standard library; allowed: a function of yours")


def is_standard(module: str) -> bool:
    """Whether a top-level module comes with Python.

    >>> is_standard("os"), is_standard("numpy"), is_standard("nnsweep")
    (True, False, False)
    """
    spec = _spec(module)
    if spec is None or spec.origin in ("built-in", "frozen"):
        return spec is not None
    python = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    return any(_is_below(place, python) and not _is_below(place, installed()) for place in _places(spec))


@cache
def installed() -> tuple[str, ...]:
    """List the folders of installed packages, and those that the packages installed from a working copy name."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), site.getusersitepackages()}
    folders |= set(site.getsitepackages())
    return tuple(folders | {copy for folder in folders for copy in _working_copies(folder)})


def _working_copies(folder: str) -> list[str]:
    """List what the `.pth` files of a folder put on Python's path, as `pip install -e` does."""
    files = [file for file in Path(folder).glob("*.pth") if os.access(file, os.R_OK)]
    lines = [line for file in files for line in file.read_text("utf-8", "replace").splitlines()]
    paths = [os.path.join(folder, line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    return [path for path in paths if os.path.isdir(path)]


def _spec(module: str) -> ModuleSpec | None:
    """Find a top-level module without importing it."""
    try:
        return find_spec(module)
    except (ImportError, ValueError):  # it has none, as `__main__`
        return None


def _is_hooked(module: str) -> bool:
    """Whether a module is found by other means than Python's path: in a package's working copy, or in a session."""
    return PathFinder.find_spec(module) is None


def _places(spec: ModuleSpec) -> list[str]:
    """The file of a module, or the folders of a package without one."""
    return [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())


def _is_below(place: str, folders: Iterable[str]) -> bool:
    path = Path(os.path.realpath(place))
    return any(path.is_relative_to(os.path.realpath(folder)) for folder in folders if folder)
