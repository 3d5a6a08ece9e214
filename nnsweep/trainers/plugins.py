"""Find trainers by name: the built-in ones, and those of users, which are identified by their source."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from nnsweep.data import users
from nnsweep.data.containment import contained
from nnsweep.data.users import described
from nnsweep.defaults import IMPORTED
from nnsweep.errors import NnsweepError
from nnsweep.trainers.plugin_source import OWN, Source
from nnsweep.trainers.protocol import Trainer

BUILT_IN = {"mlp": f"{OWN}.trainers.mlp:Mlp"}
"""Trainers that need no module in their name."""

SESSION = "python"
"""The name before the colon of a trainer that is defined in a Python session and in no module."""

_loaded: dict[str, Trainer] = {}
_sources: dict[str, Source] = {}
"""The sources of loaded plug-ins, as they were imported."""
_digests: dict[str, Callable[[], str]] = {}
"""Functions that digest the trainers of this session, to detect changes."""


def load(name: str) -> Trainer:
    """Find a built-in trainer, or a user's by "package.module:attribute" or "path/file.py:attribute".

    A user's trainer is a function of parameters, or a `Trainer` class or instance. It gets the name by which it is
    loaded, and its version gets a digest of its source.

    Raises:
        NnsweepError: nothing of that name can be imported, or it is no trainer.
    """
    if name not in _loaded:
        if name.partition(":")[0] == SESSION:
            raise NnsweepError(f"trainer `{name}` is a function of a Python session; run its sweep there")
        if name == IMPORTED:
            raise NnsweepError("these runs were imported, so that nnsweep cannot train them; name their results folder")
        if users.is_script(name):
            return _hold_script(name)
        module, colon, attribute = users.plain_name(BUILT_IN.get(name, name)).partition(":")
        if not (module and colon and attribute):
            allowed = ", ".join(f"`{known}`" for known in BUILT_IN)
            others = "`package.module:attribute`, `path/file.py:attribute` or `path/script.py`"
            raise NnsweepError(f"unknown trainer `{name}`; allowed: {allowed}, {others}")
        try:
            _loaded[name] = _found(name, module)
        except NnsweepError as error:
            raise NnsweepError(f"trainer `{name}`: {error}") from None
    return _loaded[name]


def _hold_script(name: str) -> Trainer:
    """Make a trainer of a script, which is not run yet."""
    from nnsweep.trainers.script import ScriptTrainer

    try:
        path = users.find_script(name)
    except NnsweepError as error:
        raise NnsweepError(f"trainer `{name}`: {error}") from None
    _sources[name] = Source.of_file(path.stem, path)
    _loaded[name] = trainer = ScriptTrainer(name, path)
    trainer.version = _sources[name].digest
    return trainer


def files_of_scripts() -> dict[str, dict[str, Path]]:
    """Give the files of each loaded trainer that is a script, and of what it imports beside it, by module."""
    scripts = {name: source for name, source in _sources.items() if users.is_script(name)}
    return {name: dict(zip(each.modules, each.files, strict=True)) for name, each in scripts.items()}


def hold(name: str, trainer: Trainer, digest: Callable[[], str]) -> None:
    """Register a trainer of this session under a name. Its version ends with the present result of `digest`."""
    _loaded[name], _digests[name] = trainer, digest


def refresh() -> None:
    """Forget users' trainers whose source has changed, so that they are imported again."""
    for name in [name for name in _sources if _has_changed(name)]:
        for module in _sources.pop(name).modules:
            sys.modules.pop(module, None)
        del _loaded[name]


def check_unchanged(trainer: Trainer) -> None:
    """Make sure that the source of a user's trainer has not changed.

    Raises:
        NnsweepError: its source has changed since it was imported.
    """
    if trainer.name in _digests and not trainer.version.endswith(_digests[trainer.name]()):
        raise NnsweepError(f"trainer `{trainer.name}`: it, or what it uses, has changed; make the sweep again")
    if trainer.name in _sources and _has_changed(trainer.name):
        raise NnsweepError(f"trainer `{trainer.name}`: its source has changed; load the sweep again")


def _has_changed(name: str) -> bool:
    module = users.module_of(name)
    try:
        if users.is_script(name):
            path = users.find_script(name)
            return Source.of_file(path.stem, path) != _sources[name]
        users.search(name)
    except NnsweepError:  # its file is gone
        return True
    return module not in sys.modules or Source.of(module) != _sources[name]


def _found(name: str, module: str) -> Trainer:
    if module.partition(".")[0] == OWN:
        return getattr(import_module(module), BUILT_IN.get(name, name).partition(":")[2])()
    found = users.find(name)
    source = Source.of(module)
    if source is None:
        raise NnsweepError(f"{module} has no source file that tells its trials apart; allowed: a module with one")
    trainer = make(name, found)
    trainer.name = name
    own = trainer.version
    trainer.version = _joined(own, source.digest)
    trainer.former_versions = (_joined(own, source.text),)
    _sources[name] = source
    return trainer


def _joined(*parts: str) -> str:
    return "+".join(part for part in parts if part)


def make(name: str, found: Any) -> Trainer:
    """Make a trainer of a user's object. Every answer of a class or instance is checked."""
    from nnsweep.trainers.checked import CheckedTrainer
    from nnsweep.trainers.function import FunctionTrainer

    if isinstance(found, type) and issubclass(found, Trainer):
        found = _instance(found)
    if isinstance(found, Trainer):
        return CheckedTrainer(name, found)
    if callable(found) and not isinstance(found, type):
        return FunctionTrainer(name, found)
    what = f"the class `{found.__name__}`" if isinstance(found, type) else described(found)
    raise NnsweepError(f"found {what}; allowed: a function of parameters, or a nnsweep.trainers.Trainer")


def _instance(found: type[Trainer]) -> Any:
    try:
        with contained():
            return found()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):  # it may be Ctrl-C
            raise
        raise NnsweepError(f"its class cannot be called without arguments: {users.raised(error)}") from None
