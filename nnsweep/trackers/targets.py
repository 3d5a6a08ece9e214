"""Name a tracker and its place: `mlflow:sqlite:///mlflow.db`, `tensorboard:runs`, `wandb:offline`, `trackio`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import NamedTuple

from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean


class Kind(NamedTuple):
    """A tracker: the package that it needs, its place if none is given, and the name of our extra if it is another."""

    package: str
    place: str | None = None
    example: str = ""
    extra: str = ""


EXPORTS: Mapping[str, Kind] = {
    "mlflow": Kind("mlflow", example="sqlite:///mlflow.db"),
    "tensorboard": Kind("tensorboard", example="DIR"),
    "wandb": Kind("wandb", example="DIR"),
    "trackio": Kind("trackio", place=""),
    "optuna": Kind("optuna", example="sqlite:///FILE.db", extra="search"),
}
"""Where trials may be exported to."""
IMPORTS: Mapping[str, Kind] = {
    "mlflow": Kind("mlflow", example="sqlite:///mlflow.db"),
    "wandb": Kind("wandb", example="DIR"),
    "csv": Kind("", example="FILE"),
    "optuna": Kind("optuna", example="sqlite:///FILE.db", extra="search"),
}
"""Where runs may be imported from."""


def parse(text: str, kinds: Mapping[str, Kind]) -> tuple[str, str]:
    """Return the tracker and the place that a text names.

    Raises:
        NnsweepError: there is no such tracker, it has no place, or its package is not installed.
    """
    name, _, place = text.partition(":")
    if name not in kinds:
        raise NnsweepError(f"`{text}`: allowed: {_allowed(kinds)}{did_you_mean(name, list(kinds))}")
    kind = kinds[name]
    if not place and kind.place is None:
        raise NnsweepError(f"`{text}`: found no place; allowed: {name}:{kind.example}")
    if kind.package and find_spec(kind.package) is None:
        raise NnsweepError(
            f'{name} needs the package {kind.package}: pip install "nnsweep[{kind.extra or kind.package}]"'
        )
    return name, place or kind.place or ""


def _allowed(kinds: Mapping[str, Kind]) -> str:
    named = ((name, kind.example) for name, kind in kinds.items())
    return ", ".join(f"{name}:{example}" if example else f"{name} or {name}:DIR" for name, example in named)
