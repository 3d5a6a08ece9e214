"""Imports users' code by name: "package.module:attribute" or "path/module.py:attribute"."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from nnsweep.data.containment import contained
from nnsweep.data.places import beside, candidates
from nnsweep.data.trust import check_function, check_module, check_place
from nnsweep.data.words import plain_line, quoted
from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean
from nnsweep.pydantic_plugins import load_again

ROOM = str(Path(__file__).parents[1])


FILE = r"^([A-Za-z]:)?[^:]+\.py:[A-Za-z_]\w*$"
"""Code that is named by its file: `exp/mine.py:train`."""

SCRIPT = r"([A-Za-z]:)?[^:]+\.py"
"""A script that is a trainer: `exp/train.py`."""

_added: list[str] = []
"""Folders that were put at the front of `sys.path`."""
_brought: set[str] = set()
"""Top-level modules that were not loaded before users' code was imported: its own, and what these import."""
_imported: set[str] = set()
"""Modules that were imported for users' code. Another sweep may have other modules of the same names."""
_brought_by: dict[str, set[str]] = {}
"""The modules that were loaded when a module of users' code was first imported, by its name."""


def plain_name(name: str) -> str:
    """Return the name of code without its folder.

    >>> plain_name("exp/mine.py:train"), plain_name("mine:train"), plain_name("mlp"), plain_name("exp/train.py")
    ('mine:train', 'mine:train', 'mlp', 'train.py')
    """
    if is_script(name):
        return Path(name).name
    module, _, attribute = name.rpartition(":")
    return f"{Path(module).stem}:{attribute}" if re.match(FILE, name) else name


def is_script(name: str) -> bool:
    """Whether a trainer is named by the file of a script alone."""
    return re.fullmatch(SCRIPT, name) is not None


def find_script(name: str) -> Path:
    """Find the file of a script, beside the sweep file or in the working directory. It is not run.

    Raises:
        NnsweepError: there is none, or it is not to be run (see `data.trust`); the message does not repeat the name.
    """
    search(name)
    file = _file(name)
    check_place(name, str(file), (beside(), os.getcwd()))
    return file


def module_of(name: str) -> str:
    """Return the name of the module: `mine` for `exp/mine.py:train`."""
    return plain_name(name).partition(":")[0]


def imported() -> list[str]:
    """List the modules that were imported for users' code and are still loaded."""
    return sorted(name for name in _imported if name in sys.modules)


def brought_by(modules: Iterable[str]) -> set[str]:
    """Give the modules that were loaded when some modules of users' code were first imported, and these."""
    return {name for module in modules for name in _brought_by.get(module, ())}


def brought() -> set[str]:
    """Give the top-level modules that were loaded when users' code was imported."""
    return set(_brought)


def find(name: str) -> Any:
    """Import "package.module:attribute" or "path/module.py:attribute".

    The search goes beside the sweep file, in the working directory, then along `sys.path`. What the module prints goes
    to standard error, because a program may read standard output.

    Raises:
        NnsweepError: the module cannot be imported, is not to be (see `data.trust`), or has no such attribute; the
            message does not repeat the name.
    """
    module_name, _, attribute = plain_name(name).partition(":")
    folders, before = search(name), set(sys.modules)
    invalidate_caches()  # A notebook may just have written the module.
    check_module(name, module_name, (beside(), os.getcwd()))
    try:
        with contained(), _no_bytecode():
            module = import_module(module_name)
            found = getattr(module, attribute, None)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):  # it may be Ctrl-C
            raise
        where = f"looked in {', in '.join(folders)} and in Python's path"
        raise NnsweepError(f"cannot be imported: {raised(error)}; {where}") from None
    new = set(sys.modules) - before
    _brought.update(name.partition(".")[0] for name in new)
    _brought_by.setdefault(module_name, {module_name}).update(new)
    _imported.update(name for name in new if _is_in(sys.modules[name], folders))
    if found is None:
        nearest = did_you_mean(attribute, [each for each in vars(module) if not each.startswith("_")], quoted)
        raise NnsweepError(f"{module_name} has no `{attribute}`{nearest}")
    check_function(found)
    return found


def search(name: str) -> list[str]:
    """Put the folders that may hold the code at the front of `sys.path`; forget modules of other folders.

    Raises:
        NnsweepError: the file does not exist, or its name cannot be the name of a module.
    """
    load_again()
    file = _file(name) if re.match(FILE, name) or is_script(name) else None
    first = list(dict.fromkeys(str(folder) for folder in (file and file.parent, beside()) if folder))
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)  # `python -m` does this; the program `nnsweep` does not.
    if first != _added or sys.path[: len(first)] != first:
        kept = [folder for place, folder in enumerate(sys.path) if place >= len(_added) or folder not in _added]
        sys.path[:], _added[:] = [*first, *kept], first
        for module in [module for module in _imported if _is_another(module)]:
            _imported.remove(module)
            sys.modules.pop(module, None)
    return list(dict.fromkeys([*first, here]))


def _file(name: str) -> Path:
    paths = candidates(name if is_script(name) else name.rpartition(":")[0], beside())
    file = next((path for path in paths if os.path.isfile(path)), None)
    if file is None:
        raise NnsweepError(f"there is no such file; looked for {' and '.join(map(str, paths))}")
    if not (is_script(name) or file.stem.isidentifier()):
        raise NnsweepError(f"`{file.name}` is no name of a module; allowed: letters, digits and `_`, such as mine.py")
    return file


def _is_in(module: Any, folders: list[str]) -> bool:
    file = getattr(module, "__file__", None)
    return bool(file) and any(Path(folder) in Path(file).parents for folder in folders)


def _is_another(module: str) -> bool:
    """Return whether Python would now find another file for this module's package."""
    top = module.partition(".")[0]
    found, known = PathFinder.find_spec(top), sys.modules.get(top)
    return found is None or known is None or found.origin != getattr(known, "__file__", None)


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Write no bytecode: Python would use it for a newer source with the same size and second of change."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def raised(error: BaseException) -> str:
    """Describe an exception and the user's line that raised it, in one line."""
    text = plain_line(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{f': {text}' if text else ''}{place}"


def _is_users(file: str) -> bool:
    ours = any(Path(folder) in Path(file).parents for folder in (os.getcwd(), *_added))
    return ours and "site-packages" not in file and not file.startswith(ROOM)


def described(value: Any) -> str:
    """Describe a returned value: `nothing`, or its type and length."""
    if value is None:
        return "nothing"
    return f"`{type(value).__name__}`" + (f" of {len(value)}" if isinstance(value, tuple | list) else "")
