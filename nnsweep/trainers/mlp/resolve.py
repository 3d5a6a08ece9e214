"""Resolve parameters that depend on others: `auto`, and shares of the samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from operator import itemgetter
from typing import Any, NamedTuple

from nnsweep import nn
from nnsweep.data import Data, TargetKind
from nnsweep.data.gates import GATES, Gate
from nnsweep.errors import DataError
from nnsweep.trainers.mlp.split import data_of
from nnsweep.trainers.protocol import Params

AUTO = "auto"
"""Stands for the value that fits the other parameters."""

TEST = 0.25
"""The share of test samples if the file gives no sizes; the others are training samples."""
PARABOLAS = 1000, 2000
"""The numbers of training and test samples of `parabolas`, as in the question from which the data set comes."""

OUTPUTS: Mapping[TargetKind, str] = {
    "binary": "sigmoid",
    "one_hot": "softmax",
    "multilabel": "sigmoid",
    "amounts": "identity",
}
"""The output that fits each kind of targets."""
OUTPUT_OF_LOSS = {name: loss.usual_output for name, loss in nn.LOSSES.items() if loss.usual_output}
"""The output that fits a loss, if a file names only the loss."""
LOSS_OF_OUTPUT = {output: name for name, output in reversed(OUTPUT_OF_LOSS.items())}
"""The loss that fits each output, the first one of the table; `squared_error` fits the others."""
METRICS_OF_TARGETS: Mapping[TargetKind, tuple[str, ...]] = {
    "binary": ("accuracy", "loss"),
    "one_hot": ("accuracy", "loss"),
    "multilabel": ("error", "loss"),
    "amounts": ("mean_squared_error", "r2"),
}
"""The default metrics. A step is right or wrong at each output, so only its error is measured."""

SIZES = ("train_size", "test_size", "validation_size")
RESOLVED = ("split", *SIZES, "folds", "output", "loss", "metrics")
_values = itemgetter(*RESOLVED)


class _Facts(NamedTuple):
    """The facts of a data set that decide which values fit."""

    samples: int
    targets: TargetKind
    is_gate: bool
    is_parabolas: bool


def resolve(params: Params, judged_by: str = "") -> dict[str, Any]:
    """Replace parameters that depend on others. If no value fits, the parameter stays, and `problems` explains why.

    `judged_by` is the metric of [success], which `auto` measures too.
    """
    try:
        data = data_of(params)
    except DataError:
        return dict(params)
    return {**params, **_resolved(_facts(params["data"], data), judged_by, *_values(params))}


def _facts(source: Any, data: Data) -> _Facts:
    is_gate = isinstance(source, Gate) or source in GATES
    return _Facts(len(data.inputs), data.target_kind, is_gate, source == "parabolas")


@lru_cache(maxsize=4096)
def _resolved(facts: _Facts, judged_by: str, *values: Any) -> Mapping[str, Any]:
    """Resolve the values of RESOLVED; cached, because a sweep needs the same few thousands of times."""
    found: dict[str, Any] = dict(zip(RESOLVED, values, strict=True))
    found["split"] = _split(facts, found)
    found |= _sizes(facts, found)
    found["output"] = _output(facts, found)
    found["loss"] = _loss(found)
    found["metrics"] = _metrics(facts, found, judged_by)
    return found


def _split(facts: _Facts, values: Params) -> str:
    """Train and test on a whole truth table, if the file sets no sizes."""
    if values["split"] != AUTO:
        return values["split"]
    parts = values["folds"] or any(values[name] not in (AUTO, 0) for name in SIZES)
    return "all" if facts.is_gate and not parts else "shuffled"


def _sizes(facts: _Facts, values: Params) -> dict[str, Any]:
    """Count the samples of each part as scikit-learn does: the training share is rounded down, others up."""
    train, test, validation = (values[name] for name in SIZES)
    if values["folds"]:
        return {}
    if values["split"] == "all":  # such a split does not use them, but ids have always contained them
        return {name: size for name, size in zip(SIZES, PARABOLAS, strict=False) if values[name] == AUTO}
    samples, validation = facts.samples, _count(validation, facts.samples, ceil)
    most_train, most_test = PARABOLAS if facts.is_parabolas else (samples, samples)
    if train == test == AUTO and not facts.is_parabolas:
        test = TEST
    train, test = _count(train, samples, floor), _count(test, samples, ceil)
    if train == 0:
        return {}
    if test == AUTO:
        test = _rest(samples - validation - (most_train if train == AUTO else train), most_test)
    if train == AUTO and test != AUTO:
        train = _rest(samples - validation - test, most_train)
    return {"train_size": train, "test_size": test, "validation_size": validation}


def _count(size: Any, samples: int, rounded: Callable[[Fraction], int]) -> Any:
    """Turn a share into a number of samples, in exact decimals: 0.07 of 100 is 7, not 7.000000000000001."""
    return rounded(Fraction(repr(size)) * samples) if isinstance(size, float) else size


def _rest(left: int, most: int) -> int | str:
    return min(left, most) if left > 0 else AUTO


def _output(facts: _Facts, values: Params) -> str:
    """Follow the loss if the file names one, else the targets. `parabolas` have the output of their question."""
    if values["output"] != AUTO:
        return values["output"]
    if values["loss"] == AUTO and facts.is_parabolas:
        return "step"
    fitting = OUTPUTS[facts.targets]
    if values["loss"] == "squared_error" and fitting == "softmax":
        return "sigmoid"
    return OUTPUT_OF_LOSS.get(values["loss"], fitting)


def _loss(values: Params) -> str:
    return LOSS_OF_OUTPUT.get(values["output"], "squared_error") if values["loss"] == AUTO else values["loss"]


def _metrics(facts: _Facts, values: Params, judged_by: str) -> tuple[str, ...]:
    """Replace `auto` by the metrics that fit, also on validation samples, and add the one that success needs."""
    if AUTO not in values["metrics"]:
        return values["metrics"]
    fitting = ("error",) if values["output"] == "step" else METRICS_OF_TARGETS[facts.targets]
    if values["validation_size"]:
        fitting += tuple(nn.VALIDATION + name for name in fitting)
    place = values["metrics"].index(AUTO)
    wanted = (*values["metrics"][:place], *fitting, *values["metrics"][place + 1 :], judged_by)
    return tuple(dict.fromkeys(name for name in wanted if name))
