"""Code of the user's own, found by name: "package.module:attribute" or "path/module.py:attribute"."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module, invalidate_caches
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from nnsweep.data.places import beside, candidates
from nnsweep.data.words import plain_line, quoted
from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean

ROOM = str(Path(__file__).parents[1])


FILE = r"^([A-Za-z]:)?[^:]+\.py:[A-Za-z_]\w*$"
"""Code named by its file: `exp/mine.py:train`."""

_added: list[str] = []
"""Folders that were put in front of Python's path."""
_imported: set[str] = set()
"""Modules that were imported for users' code, which may be others of the same names for another sweep."""


def plain_name(name: str) -> str:
    """Name code without its folder.

    >>> plain_name("exp/mine.py:train"), plain_name("mine:train"), plain_name("mlp")
    ('mine:train', 'mine:train', 'mlp')
    """
    module, _, attribute = name.rpartition(":")
    return f"{Path(module).stem}:{attribute}" if re.match(FILE, name) else name


def module_of(name: str) -> str:
    """Name the module of code: of `exp/mine.py:train`, `mine`."""
    return plain_name(name).partition(":")[0]


def imported() -> list[str]:
    """Name the modules that were imported for users' code, and are still there."""
    return sorted(name for name in _imported if name in sys.modules)


def find(name: str) -> Any:
    """Import "package.module:attribute" or "path/module.py:attribute".

    It is looked for beside the sweep file, then in the working directory, then as Python does. What the module prints
    goes to standard error, because standard output may be read by a program.

    Raises:
        NnsweepError: the module cannot be imported or has no such attribute; the message does not repeat the name.
    """
    module_name, _, attribute = plain_name(name).partition(":")
    folders, before = search(name), set(sys.modules)
    invalidate_caches()  # a notebook may just have written the module
    try:
        with redirect_stdout(sys.stderr), _no_bytecode():
            module = import_module(module_name)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):  # it may be Ctrl-C
            raise
        where = f"looked in {', in '.join(folders)} and in Python's path"
        raise NnsweepError(f"cannot be imported: {raised(error)}; {where}") from None
    _imported.update(name for name in set(sys.modules) - before if _is_in(sys.modules[name], folders))
    found = getattr(module, attribute, None)
    if found is None:
        nearest = did_you_mean(attribute, [each for each in vars(module) if not each.startswith("_")], quoted)
        raise NnsweepError(f"{module_name} has no `{attribute}`{nearest}")
    return found


def search(name: str) -> list[str]:
    """Put the folders in front of Python's path in which code is looked for, and forget modules of others.

    Raises:
        NnsweepError: the code's file is not there, or has no name that a module can have.
    """
    file = _file(name) if re.match(FILE, name) else None
    first = list(dict.fromkeys(str(folder) for folder in (file and file.parent, beside()) if folder))
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does, and the program `nnsweep` by itself does not
    if first != _added or sys.path[: len(first)] != first:
        kept = [folder for place, folder in enumerate(sys.path) if place >= len(_added) or folder not in _added]
        sys.path[:], _added[:] = [*first, *kept], first
        for module in [module for module in _imported if _is_another(module)]:
            _imported.remove(module)
            sys.modules.pop(module, None)
    return list(dict.fromkeys([*first, here]))


def _file(name: str) -> Path:
    paths = candidates(name.rpartition(":")[0], beside())
    file = next((path for path in paths if os.path.isfile(path)), None)
    if file is None:
        raise NnsweepError(f"there is no such file; looked for {' and '.join(map(str, paths))}")
    if not file.stem.isidentifier():
        raise NnsweepError(f"`{file.name}` is no name of a module; allowed: letters, digits and `_`, such as mine.py")
    return file


def _is_in(module: Any, folders: list[str]) -> bool:
    file = getattr(module, "__file__", None)
    return bool(file) and any(Path(folder) in Path(file).parents for folder in folders)


def _is_another(module: str) -> bool:
    """Whether Python would now find a module's package elsewhere."""
    top = module.partition(".")[0]
    found, known = PathFinder.find_spec(top), sys.modules.get(top)
    return found is None or known is None or found.origin != getattr(known, "__file__", None)


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Write no bytecode: Python takes it for a source of the same size and second, which may be a newer one."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def raised(error: BaseException) -> str:
    """Name an exception and the line of the user's that raised it, in one line."""
    text = plain_line(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{f': {text}' if text else ''}{place}"


def _is_users(file: str) -> bool:
    ours = any(Path(folder) in Path(file).parents for folder in (os.getcwd(), *_added))
    return ours and "site-packages" not in file and not file.startswith(ROOM)


def described(value: Any) -> str:
    """Name what a function returned: `nothing`, or its type, and how many it holds."""
    if value is None:
        return "nothing"
    return f"`{type(value).__name__}`" + (f" of {len(value)}" if isinstance(value, tuple | list) else "")
