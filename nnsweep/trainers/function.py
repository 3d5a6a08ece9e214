"""A plain function as a trainer: its parameters are a trial's, what it returns is the outcome."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

from nnsweep.data.users import described
from nnsweep.errors import NnsweepError
from nnsweep.trainers.protocol import EPOCH, Outcome, Params, Trainer
from nnsweep.trainers.returned import ALLOWED
from nnsweep.trainers.signature import model_of, parameters_of, wants_list


class FunctionTrainer(Trainer):
    """Calls a function once for every trial, each a stack of its own.

    The function's attribute `metrics`, a dict of names and meanings or a list of names, says what it may return;
    without it, the metrics are those that come. An attribute `version` is part of every trial's identity, with the
    source that the function is in. How long a call takes is not known: a second is assumed.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        """Read the function's signature and its declarations.

        Raises:
            NnsweepError: they are not what a sweep can work with; the message does not repeat the name.
        """
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise NnsweepError("it is async or yields; allowed: a function that returns a dict")
        signature = parameters_of(function)
        self.name, self.version = name, str(getattr(function, "version", ""))
        self.parameters = model_of(name.partition(":")[2], signature)
        self.metrics = _declared(getattr(function, "metrics", {}))
        self._function = function
        self._lists = [each for each, parameter in signature.items() if wants_list(parameter)]

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        """Call the function for each trial; what it returns are the metrics, as they come (see `trainers.returned`).

        What it prints goes to standard error.
        """
        return [self._outcome(params) for params in stack]

    def _outcome(self, params: Params) -> Outcome:
        arguments = {**params, **{name: _listed(params[name]) for name in self._lists}}
        started = time.perf_counter()
        with redirect_stdout(sys.stderr):  # standard output may be read by a program
            returned = self._function(**arguments)
        seconds = time.perf_counter() - started
        if not isinstance(returned, Mapping):
            failure = f"{self.name} returned {described(returned)}; {ALLOWED}"
            return Outcome("failed", seconds=seconds, failure=failure)
        return Outcome("ok", returned, seconds=seconds)


def _listed(value: Any) -> Any:
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _declared(metrics: Any) -> Mapping[str, str]:
    named = metrics if isinstance(metrics, Mapping) else dict.fromkeys(metrics, "")
    if not all(isinstance(each, str) for pair in named.items() for each in pair) or EPOCH in named:
        raise NnsweepError(f"its `metrics` are {described(metrics)}; allowed: names, or a dict of names and meanings")
    return dict(named)
