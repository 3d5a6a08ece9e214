"""Wrap a user's trainer. Errors and unfit answers of its methods become messages of one line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from nnsweep.data import users
from nnsweep.data.containment import contained
from nnsweep.errors import NnsweepError
from nnsweep.trainers import answers, model_answers
from nnsweep.trainers.protocol import (
    CompiledCode,
    ConstantAnswer,
    Model,
    ModelCheck,
    Outcome,
    Params,
    Response,
    Trainer,
)
from nnsweep.trainers.returned import check

if TYPE_CHECKING:
    from nnsweep.trainers.weights import Weights

Answer = TypeVar("Answer")


class CheckedTrainer(Trainer):
    """Calls a user's trainer with copies of the arguments, and checks each answer.

    A method raises a NnsweepError if the user's method raises any other error or returns an unfit answer.
    """

    def __init__(self, name: str, trainer: Trainer) -> None:
        """Read the attributes of a trainer, and give it the name by which it is loaded.

        Raises:
            NnsweepError: an attribute is missing or cannot be used; the message does not repeat the name.
        """
        self.name = name
        self._trainer = _named(name, trainer)
        self.version = self._attribute("version", answers.text)
        self.former_versions = self._attribute("former_versions", answers.texts)
        self.parameters = self._attribute("parameters", _model)
        self.advances = self._attribute("advances", answers.flag)
        self.shares_by_seed = self._attribute("shares_by_seed", answers.flag)
        self.metrics = self._attribute("metrics", answers.declared_metrics)
        self._fingerprinted = False

    def identity(self, params: Params) -> Params:
        return self._ask("identity", answers.parameters_like(params), dict(params))

    def resolve(self, params: Params, judged_by: str = "") -> Params:
        return self._ask("resolve", answers.parameters_like(params), dict(params), judged_by)

    def problems(self, params: Params) -> list[tuple[str, str]]:
        return self._ask("problems", answers.problems_of(params.keys()), dict(params))

    def measured(self, params: Params) -> tuple[str, ...]:
        return self._ask("measured", answers.names_among(self.metrics.keys()), dict(params))

    def describe(self, params: Params) -> str:
        return self._ask("describe", answers.line, dict(params))

    def fingerprint(self, params: Params) -> str:
        """Ask for the fingerprint, the first time twice: if it were random, each run would train everything again."""
        found = self._ask("fingerprint", answers.text, dict(params))
        if not self._fingerprinted and self._ask("fingerprint", answers.text, dict(params)) != found:
            raise self._error("`fingerprint`, called twice, gave two texts; allowed: the same for the same data")
        self._fingerprinted = True
        return found

    def notes(self, params: Params) -> Sequence[str]:
        return self._ask("notes", answers.lines, dict(params))

    def decisive(self, values: Mapping[str, Collection[Any]]) -> None:
        """Ask nothing: a parameter that a user's method forgot would give wrong numbers."""

    def compiled(self, params: Params) -> CompiledCode:
        """Ask nothing: only networks of the built-in trainer have compiled code."""
        return super().compiled(params)

    def stack_key(self, params: Params) -> Hashable:
        return self._ask("stack_key", answers.key, dict(params))

    def training_key(self, params: Params) -> Hashable:
        return self._ask("training_key", answers.key, dict(params))

    def capacity(self, params: Params) -> int:
        return self._ask("capacity", answers.capacity, dict(params))

    def cost(self, checkpoints: Sequence[Params]) -> float | None:
        return self._ask("cost", answers.seconds_if_known, _copies(checkpoints))

    def overhead(self, checkpoints: Sequence[Params]) -> float:
        return self._ask("overhead", answers.seconds, _copies(checkpoints))

    def history_size(self, params: Params) -> int | None:
        return self._ask("history_size", answers.count_if_known, dict(params))

    def baseline(self, params: Params) -> Mapping[str, ConstantAnswer]:
        return self._ask("baseline", answers.constant_answers, dict(params))

    def gradient_checks(self, trials: Sequence[Params]) -> list[ModelCheck]:
        return self._ask("gradient_checks", model_answers.model_checks, _copies(trials))

    def details(self, params: Params, inputs: Sequence[Sequence[float]] = ()) -> Mapping[str, Any]:
        return self._ask("details", model_answers.details, dict(params), inputs)

    def trace(self, params: Params, every: int = 1) -> tuple[list[str], Any]:
        return self._ask("trace", model_answers.weights_by_step, dict(params), every)

    def model(self, params: Params) -> Model:
        found = self._ask("model", model_answers.model, dict(params))
        outputs = found.train[1].shape[1]

        def respond(inputs: Any) -> Response:
            return self._read("respond", model_answers.response(len(inputs), outputs), lambda: found.respond(inputs))

        return replace(found, respond=respond)

    def weights(self, params: Params) -> Weights:
        return self._ask("weights", model_answers.weights, dict(params))

    def weights_of(self, stack: Sequence[Params]) -> list[Weights]:
        """Ask for the weights of each trial alone, which are checked."""
        return super().weights_of(stack)

    def start(self, stack: Sequence[Params]) -> list[Any]:
        return self._ask("start", answers.one_each(len(stack), "states"), _copies(stack))

    def advance(self, states: Sequence[Any], epochs: int) -> list[tuple[Any, Outcome]]:
        pairs = self._ask("advance", answers.state_and_outcome_each(len(states)), list(states), epochs)
        return [(state, check(outcome, self).outcome) for state, outcome in pairs]

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        """Train. An error of the user's method is passed on, as the failure of its trials."""
        found = self._trainer.train(_copies(stack))
        try:
            return answers.one_each(len(stack), "outcomes")(found)
        except answers.UnfitError as error:
            raise NnsweepError(f"{self.name}: `train` returned {answers.shown(found)}; allowed: {error}") from None

    def _attribute(self, name: str, read: Callable[[Any], Answer]) -> Answer:
        try:
            return self._read(name, read, lambda: getattr(self._trainer, name))
        except NnsweepError as error:
            raise NnsweepError(str(error).partition(": ")[2]) from None

    def _ask(self, method: str, read: Callable[[Any], Answer], *arguments: Any) -> Answer:
        return self._read(method, read, lambda: getattr(self._trainer, method)(*arguments))

    def _read(self, what: str, read: Callable[[Any], Answer], ask: Callable[[], Any]) -> Answer:
        found: Any = None
        try:
            with contained():
                found = ask()
                return read(found)
        except (NnsweepError, KeyboardInterrupt):
            raise
        except answers.UnfitError as error:
            raise self._error(f"its `{what}` gave {answers.shown(found)}; allowed: {error}") from None
        except BaseException as error:
            raise self._error(f"its `{what}` raised {users.raised(error)}") from None

    def _error(self, message: str) -> NnsweepError:
        return NnsweepError(f"trainer `{self.name}`: {message}")


def _named(name: str, trainer: Trainer) -> Trainer:
    """Return a copy with this name, because the user's object may be loaded under several names."""
    try:
        with contained():
            found = copy(trainer)
            found.name = name
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise NnsweepError(f"it cannot be copied and named: {users.raised(error)}") from None
    return found


def _model(answer: Any) -> type[BaseModel]:
    if not (isinstance(answer, type) and issubclass(answer, BaseModel)):
        raise answers.UnfitError("a class that is a pydantic BaseModel")
    return answer


def _copies(stack: Sequence[Params]) -> list[dict[str, Any]]:
    return [dict(params) for params in stack]
