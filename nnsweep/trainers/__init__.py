"""Trainers: what turns parameters into outcomes, found by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from nnsweep.errors import NnsweepError
from nnsweep.trainers.protocol import FAILURES, Outcome, Params, Status, Trainer

__all__ = ["BUILT_IN", "FAILURES", "Outcome", "Params", "Status", "Trainer", "load"]

BUILT_IN = {"mlp": "nnsweep.trainers.mlp:Mlp"}
"""Trainers that need no module in their name."""


@cache
def load(name: str) -> Trainer:
    """Find a trainer by its built-in name, or a `Trainer` class or instance as "package.module:attribute".

    Raises:
        NnsweepError: nothing of that name can be imported, or it is no trainer.
    """
    module, colon, attribute = BUILT_IN.get(name, name).partition(":")
    if not (module and colon and attribute):
        allowed = ", ".join(f"`{known}`" for known in BUILT_IN)
        raise NnsweepError(f"unknown trainer `{name}`; allowed: {allowed}, or `package.module:attribute`")
    try:
        found = getattr(import_module(module), attribute)
    except Exception as error:  # a user's module may raise anything
        raise NnsweepError(f"trainer `{name}` cannot be imported: {type(error).__name__}: {error}") from error
    trainer = found() if isinstance(found, type) else found
    if not isinstance(trainer, Trainer):
        raise NnsweepError(f"trainer `{name}` is a {type(trainer).__name__}, not a nnsweep.trainers.Trainer")
    return trainer
