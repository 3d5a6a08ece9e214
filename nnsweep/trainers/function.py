"""Make a trainer of a plain function. Its parameters are those of a trial, and it returns the outcome."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nnsweep.data.users import described
from nnsweep.design.table import Table, may_be_whole, whole
from nnsweep.errors import NnsweepError
from nnsweep.trainers.function_parameters import is_untyped, model_of, parameters_of, rest, wants_list
from nnsweep.trainers.live_trial import LiveTrial, live
from nnsweep.trainers.protocol import EPOCH, Outcome, Params, Trainer
from nnsweep.trainers.returned import ALLOWED
from nnsweep.trainers.values import NoNumberError, read

TRIAL = "trial"
"""The name of the parameter by which a function asks for the trial."""
STOPPED = "it stopped when `should_stop` said that the seconds of its `timeout` were nearly over"


class FunctionTrainer(Trainer):
    """Calls a function once for every trial. Each trial is a stack of its own.

    The function's attribute `metrics`, a dict of names and meanings or a list of names, declares what it may return.
    Without it, the metrics are those that it returns. An attribute `version` is part of every trial's identity, in
    addition to the source. The duration of a call is not known until some trials have ended.
    """

    checkpoint = ""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        """Read the function's signature and its declarations.

        Raises:
            NnsweepError: a sweep cannot use them; the message does not repeat the name.
        """
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise NnsweepError("it is async or yields; allowed: a function that returns a dict")
        signature = parameters_of(function)
        self._wants_trial = TRIAL in signature and _takes_live_trial(signature[TRIAL])
        if self._wants_trial:
            signature = {each: parameter for each, parameter in signature.items() if each != TRIAL}
        self.name, self.version = name, str(getattr(function, "version", ""))
        self.parameters = model_of(name.partition(":")[2], signature)
        self.metrics = _declared(getattr(function, "metrics", {}))
        self._function = function
        self._lists = [each for each, parameter in signature.items() if wants_list(parameter)]
        self._untyped = [each for each, parameter in signature.items() if is_untyped(parameter)]
        self._known = self.parameters.model_fields.keys()
        self._rest = rest(signature)

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        """Call the function for each trial. `trainers.returned` reads the returned metrics."""
        return [self._outcome(params) for params in stack]

    def _outcome(self, params: Params) -> Outcome:
        arguments = self._arguments(params)
        with live(params) as trial:
            arguments |= {TRIAL: trial} if self._wants_trial else {}
            started = time.perf_counter()
            returned = self._function(**arguments)
            seconds = time.perf_counter() - started
        return replace(self._read(returned, trial), seconds=seconds)

    def _read(self, returned: Any, trial: LiveTrial) -> Outcome:
        """Join what was returned with what was logged. What was returned counts where both have a name."""
        history = trial.history()
        if trial.stopped:
            return Outcome("timeout", {}, history, failure=STOPPED)
        if returned is None and (history or trial.results):
            returned = {}
        if not isinstance(returned, Mapping):
            if inspect.iscoroutine(returned):
                returned.close()  # otherwise Python warns that it was never awaited
            return Outcome("failed", {}, history, failure=f"{self.name} returned {described(returned)}; {ALLOWED}")
        returned = {**trial.results, **returned}
        if not history:
            return Outcome("ok", returned)
        curves = {name: values for name, values in history.items() if not _is_list(returned.get(name))}
        return Outcome("ok", {**trial.last, **returned}, curves)

    def _arguments(self, params: Params) -> dict[str, Any]:
        """Make the arguments of the call. Parameters that the function does not name go into its dict."""
        named = {n: _passed(value, n in self._lists or n not in self._known) for n, value in params.items()}
        others = {name: named.pop(name) for name in params if name not in self._known}
        if others and self._rest in named:
            return named | {self._rest: {**(named[self._rest] or {}), **others}}
        return named | others

    def identity(self, params: Params) -> Params:
        """Convert floats without a fraction to whole numbers, if the signature accepts both."""
        names = self._untyped if len(params) == len(self._known) else [*self._untyped, *(params.keys() - self._known)]
        same = {name: whole(params[name]) for name in names if may_be_whole(params[name])}
        return {**params, **same} if same else params


def _is_list(value: Any) -> bool:
    try:
        return isinstance(read(value), list)
    except NoNumberError:
        return False


def _passed(value: Any, listed: bool) -> Any:
    if isinstance(value, Table):
        return value.model_dump()
    return _listed(value) if listed else value


def _listed(value: Any) -> Any:
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _declared(metrics: Any) -> Mapping[str, str]:
    named = metrics if isinstance(metrics, Mapping) else dict.fromkeys(metrics, "")
    if not all(isinstance(each, str) for pair in named.items() for each in pair) or EPOCH in named:
        raise NnsweepError(f"its `metrics` are {described(metrics)}; allowed: names, or a dict of names and meanings")
    return dict(named)


def _takes_live_trial(parameter: inspect.Parameter) -> bool:
    """Whether a parameter named `trial` takes the trial, and not a value of a sweep.

    So it is without annotation, or with that of `LiveTrial`, and without default, or with None.
    """
    plain = parameter.annotation in (parameter.empty, LiveTrial, LiveTrial | None, Any)
    return plain and parameter.default in (parameter.empty, None)
