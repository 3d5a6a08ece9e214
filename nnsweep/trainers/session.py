"""Trainers that are functions of this Python session: named, identified, and sent to workers."""

from __future__ import annotations

import inspect
import re
import sys
from functools import partial
from typing import Any

from nnsweep.data.users import described
from nnsweep.errors import NnsweepError
from nnsweep.trainers import plugins
from nnsweep.trainers.identity import identity
from nnsweep.trainers.protocol import Trainer

_objects: dict[str, Any] = {}


def adopt(found: Any) -> Trainer:
    """Make a trainer of any callable: a function of a notebook's cell, a closure, a partial, an object with `__call__`.

    What a module of one's own holds under its name is the trainer "module:name", as a sweep file would name it. All
    else is "python:name", identified by its source and what it holds. Of two of one name, the last one counts.

    Raises:
        NnsweepError: it cannot be identified, or is no trainer.
    """
    name = _importable(found)
    if name:
        return plugins.load(name)
    name = f"{plugins.SESSION}:{_name(found)}"
    if not callable(found) and not isinstance(found, Trainer):
        raise NnsweepError(f"found {described(found)}; allowed: a name, a function of parameters, or a Trainer")
    try:
        return install(name, found, identity(found))
    except NnsweepError as error:
        raise NnsweepError(f"trainer `{name}`: {error}") from None


def install(name: str, found: Any, digest: str) -> Trainer:
    """Make `load` find a trainer by a name, here or in a worker."""
    trainer = plugins.make(name, found)
    trainer.name = name
    trainer.version = "+".join(part for part in (trainer.version, digest) if part)
    plugins.hold(name, trainer, lambda: identity(found))
    _objects[name] = found, digest
    return trainer


def packed(name: str) -> bytes | None:
    """Give what a worker needs to `unpack` a trainer of this session; None for others, which it imports.

    Raises:
        NnsweepError: it cannot be sent.
    """
    if name not in _objects:
        return None
    import cloudpickle

    try:
        return cloudpickle.dumps((name, *_objects[name]))
    except Exception as error:  # whatever an object raises that cannot be pickled
        raise NnsweepError(
            f"trainer `{name}` cannot be sent to workers: {type(error).__name__}: {error}; train with jobs=1"
        ) from None


def unpack(content: bytes) -> None:
    """Install a trainer that another process has packed."""
    import cloudpickle

    install(*cloudpickle.loads(content))


def is_session(name: str) -> bool:
    """Tell whether a name stands for a trainer that is in no module."""
    return name.partition(":")[0] == plugins.SESSION


def _importable(found: Any) -> str:
    """Give the name by which a worker, or a sweep file, would import an object; "" if no import finds it."""
    module, name = getattr(found, "__module__", None), getattr(found, "__qualname__", "")
    if not isinstance(module, str) or module == "__main__" or "." in name or not name.isidentifier():
        return ""
    if not (inspect.isfunction(found) or isinstance(found, type)):
        return ""
    held = getattr(sys.modules.get(module), name, None)
    return f"{module}:{name}" if held is found and getattr(sys.modules[module], "__file__", None) else ""


def _name(found: Any) -> str:
    while isinstance(found, partial):
        found = found.func
    name = getattr(found, "__name__", type(found).__name__)
    return "a_lambda" if name == "<lambda>" else re.sub(r"\W", "_", name)
