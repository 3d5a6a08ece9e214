"""Trainers that are defined in this Python session: their names, identities, and the way to workers."""

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
    """Make a trainer of any callable, such as a function or class of a notebook cell, a closure or a partial.

    A function or class that is defined in a module is the trainer "module:name", as in a sweep file. Anything else is
    "python:name", and is identified by its source and what it uses. If two have the same name, the last one counts.

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
    """Register a trainer of this session, here or in a worker, so that `load` finds it."""
    trainer = plugins.make(name, found)
    trainer.name = name
    trainer.version = "+".join(part for part in (trainer.version, digest) if part)
    plugins.hold(name, trainer, lambda: identity(found))
    _objects[name] = found, digest
    return trainer


def packed(name: str) -> bytes | None:
    """Pickle a trainer of this session for a worker; None for other trainers, which a worker imports.

    Raises:
        NnsweepError: it cannot be sent.
    """
    if name not in _objects:
        return None
    import cloudpickle

    try:
        return cloudpickle.dumps((name, *_objects[name]))
    except Exception as error:  # an object that cannot be pickled may raise anything
        raise NnsweepError(
            f"trainer `{name}` cannot be sent to workers: {type(error).__name__}: {error}; train with jobs=1"
        ) from None


def unpack(content: bytes) -> None:
    """Install a trainer that another process has packed."""
    import cloudpickle

    install(*cloudpickle.loads(content))


def is_session(name: str) -> bool:
    """Whether this is the name of a trainer of a Python session."""
    return name.partition(":")[0] == plugins.SESSION


def _importable(found: Any) -> str:
    """Return the name by which a worker or a sweep file imports an object; empty if no import finds it."""
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
