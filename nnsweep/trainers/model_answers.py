"""Check the answers of a user's trainer that show a trial's network (see `answers`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nnsweep.trainers.answers import UnfitError, sequence, text
from nnsweep.trainers.protocol import Model, ModelCheck, Response

if TYPE_CHECKING:
    from nnsweep.trainers.weights import Weights


def model_checks(answer: Any) -> list[ModelCheck]:
    """Read all gradient checks."""
    checks = sequence(answer, "a list of nnsweep.trainers.protocol.ModelCheck")
    if not all(isinstance(each, ModelCheck) for each in checks):
        raise UnfitError("a list of nnsweep.trainers.protocol.ModelCheck")
    return checks


def details(answer: Any) -> dict[str, Any]:
    """Read a dict that JSON can hold."""
    if not isinstance(answer, Mapping):
        raise UnfitError("a dict of what JSON can hold")
    found = jsonable(answer)
    if not isinstance(found.get("metrics", {}), dict):
        raise UnfitError("as `metrics` a dict of names and numbers")
    return found


def jsonable(value: Any) -> Any:
    """Convert nested dicts, lists, arrays and scalars to what JSON can hold."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {text(name): jsonable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise UnfitError("what JSON can hold: numbers, texts, true, false, None, lists, and dicts with texts as keys")


def weights_by_step(answer: Any) -> tuple[list[str], np.ndarray]:
    """Read names of parameters and their values, (steps, parameters)."""
    allowed = "a pair of names and an array of numbers, with a row for each step and a column for each name"
    if not (isinstance(answer, tuple | list) and len(answer) == 2):
        raise UnfitError(allowed)
    names, values = [text(name) for name in sequence(answer[0], allowed)], _numbers(answer[1], allowed)
    if not names or values.ndim != 2 or values.shape[1] != len(names) or not len(values):
        raise UnfitError(allowed)
    return names, values


def weights(answer: Any) -> Weights:
    """Read the weights of a network."""
    from nnsweep.trainers.weights import Weights

    if not isinstance(answer, Weights):
        raise UnfitError("a nnsweep.trainers.weights.Weights")
    return answer


def model(answer: Any) -> Model:
    """Read a network and its samples. The outputs of the network are read by `response`, at each call."""
    if not isinstance(answer, Model):
        raise UnfitError("a nnsweep.trainers.protocol.Model")
    names = [text(name) for name in sequence(answer.names, "as `names` those of the inputs")]
    train, test = (_samples(part, len(names)) for part in (answer.train, answer.test))
    if train[1].shape[1] != test[1].shape[1] or not callable(answer.respond):
        raise UnfitError("targets of as many columns in `train` and `test`, and a function as `respond`")
    return replace(answer, names=names, train=train, test=test)


def _samples(part: Any, inputs: int) -> tuple[np.ndarray, np.ndarray]:
    allowed = f"as samples a pair of finite inputs (N, {inputs}) and targets (N, O), with N and O at least 1"
    if not (isinstance(part, tuple | list) and len(part) == 2):
        raise UnfitError(allowed)
    x, t = (_numbers(each, allowed) for each in part)
    sound = x.ndim == t.ndim == 2 and len(x) == len(t) > 0 and x.shape[1] == inputs and t.shape[1] > 0
    if not (sound and np.isfinite(x).all() and np.isfinite(t).all()):
        raise UnfitError(allowed)
    return x, t


def response(points: int, outputs: int) -> Callable[[Any], Response]:
    """Read the response of a network to some points."""

    def read(answer: Any) -> Response:
        sizes = f"`outputs` ({points}, {outputs}), and `preactivations` of each layer, the last of the same shape"
        allowed = f"a nnsweep.trainers.protocol.Response with {sizes}"
        if not isinstance(answer, Response):
            raise UnfitError(allowed)
        layers = [_numbers(each, allowed) for each in sequence(answer.preactivations, allowed)]
        found = _numbers(answer.outputs, allowed)
        if not layers or any(each.ndim != 2 or len(each) != points for each in layers):
            raise UnfitError(allowed)
        if found.shape != (points, outputs) or layers[-1].shape != found.shape:
            raise UnfitError(allowed)
        return Response(layers, found)

    return read


def _numbers(value: Any, allowed: str) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise UnfitError(allowed) from None
    if array.dtype.kind not in "biuf":
        raise UnfitError(allowed)
    with np.errstate(over="ignore"):
        return array.astype(np.float64)
