"""A script as a trainer: it is run once for every trial, as Python runs it, with the parameters as its options.

A script logs by `nnsweep.compat.wandb`, and reads its parameters there or as options, `--lr=0.1 --seed=3`, the way in
which W&B's agents start scripts.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from nnsweep.trainers.function import FunctionTrainer
from nnsweep.trainers.live_trial import LiveTrial

NOTHING = "it logged nothing; allowed: numbers by `import nnsweep.compat.wandb as wandb` and `wandb.log`"


class ScriptTrainer(FunctionTrainer):
    """Runs a script. It takes parameters of any name; what it logs last are its metrics."""

    def __init__(self, name: str, path: Path) -> None:
        self._path = path

        def train(trial: LiveTrial, **params: Any) -> None:
            with _started(path, params):
                _run(path)
            if not (trial.last or trial.results):
                raise RuntimeError(NOTHING)

        super().__init__(f"{name}:script", train)
        self.name = name


def options(params: Mapping[str, Any]) -> list[str]:
    """Write parameters as options; one that is None is left out.

    >>> options({"lr": 0.1, "layers": (8, 8), "flag": True, "nothing": None})
    ['--lr=0.1', '--layers=[8, 8]', '--flag=True']
    """
    return [f"--{name}={_text(value)}" for name, value in params.items() if value is not None]


def _text(value: Any) -> str:
    value = value.model_dump() if isinstance(value, BaseModel) else value
    return json.dumps(value) if isinstance(value, list | tuple | dict) else str(value)


@contextmanager
def _started(path: Path, params: Mapping[str, Any]) -> Iterator[None]:
    """Give the script its options, and its own folder as the first that modules are searched in."""
    arguments, folders = sys.argv, list(sys.path)
    sys.argv = [str(path), *options(params)]
    sys.path.insert(0, str(path.parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:] = arguments, folders


def _run(path: Path) -> None:
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as left:
        if left.code not in (None, 0):
            raise RuntimeError(f"the script exits with {left.code}") from None
