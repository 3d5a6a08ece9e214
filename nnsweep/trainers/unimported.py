"""A stand-in for code that is not to be imported, so that a sweep can be read and its trials counted without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nnsweep.data.function import is_function
from nnsweep.errors import NnsweepError
from nnsweep.trainers.function_parameters import model_of, parameters_of
from nnsweep.trainers.plugins import BUILT_IN, load
from nnsweep.trainers.protocol import Outcome, Params, Trainer


class Unimported(Trainer):
    """Takes the parameters of the trainer that it stands for, or any where these are not known, and trains nothing."""

    version = ""
    metrics: Mapping[str, str] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.parameters = load(name).parameters if name in BUILT_IN else model_of("train", parameters_of(_anything))

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        """Refuse: there is no code to train with."""
        raise NnsweepError(f"trainer `{self.name}` was not imported")


def _anything(seed: int = 0, **others: Any) -> None:
    """Has the signature of a trainer of which nothing is known."""


def load_without_code(name: str, values: Iterable[Any] = ()) -> Trainer:
    """Find the trainer of a sweep without importing or calling anything of the user's; as of `code_of`.

    Raises:
        NnsweepError: there is no built-in trainer of that name.
    """
    return Unimported(name) if code_of(name, values) else load(name)


def code_of(name: str, values: Iterable[Any]) -> list[str]:
    """Name the code of the user's that a sweep asks for: its trainer, or functions among all its parameters' values.

    >>> code_of("mlp", [{"data": ["xor", "mine:rings"]}]), code_of("mine:train", []), code_of("mlp", ["xor"])
    (['data `mine:rings`'], ['trainer `mine:train`'], [])
    """
    if name not in BUILT_IN:
        return [f"trainer `{name}`"] if is_function(name) else []
    return [f"data `{text}`" for text in functions_in(values)]


def functions_in(values: Any) -> list[str]:
    """List the texts among some values, however deep in tables and lists, that name a function which makes data."""
    return [text for text in dict.fromkeys(_texts(values)) if is_function(text)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)
