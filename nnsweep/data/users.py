"""Code of the user's own, found by name: "package.module:attribute"."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

from nnsweep.data.words import did_you_mean, plain_line
from nnsweep.errors import NnsweepError

ROOM = str(Path(__file__).parents[1])


def find(name: str) -> Any:
    """Import "package.module:attribute"; the working directory is looked in first, as by `python -m`.

    What the module prints goes to standard error, because standard output may be read by a program.

    Raises:
        NnsweepError: the module cannot be imported or has no such attribute; the message does not repeat the name.
    """
    module_name, _, attribute = name.partition(":")
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does, and the program `nnsweep` by itself does not
    invalidate_caches()  # a notebook may just have written the module
    try:
        with redirect_stdout(sys.stderr), _no_bytecode():
            module = import_module(module_name)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):  # it may be Ctrl-C
            raise
        where = f"looked in {here} and in Python's path"
        raise NnsweepError(f"cannot be imported: {raised(error)}; {where}") from None
    found = getattr(module, attribute, None)
    if found is None:
        nearest = did_you_mean(attribute, [each for each in vars(module) if not each.startswith("_")])
        raise NnsweepError(f"{module_name} has no `{attribute}`{nearest}")
    return found


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
    return Path(os.getcwd()) in Path(file).parents and "site-packages" not in file and not file.startswith(ROOM)


def described(value: Any) -> str:
    """Name what a function returned: `nothing`, or its type, and how many it holds."""
    if value is None:
        return "nothing"
    return f"`{type(value).__name__}`" + (f" of {len(value)}" if isinstance(value, tuple | list) else "")
