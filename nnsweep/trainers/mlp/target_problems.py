"""Find outputs and metrics that do not fit the targets of the data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import inf
from typing import Any

import numpy as np

from nnsweep import nn
from nnsweep.data import Data, DataSource, format_values, load
from nnsweep.trainers.mlp.ingredients import network_of
from nnsweep.trainers.mlp.split import data_of
from nnsweep.trainers.protocol import Params

OUTPUT_OF_AMOUNTS = '`output = "identity"` and `loss = "squared_error"`'
OUTPUT_OF_LABELS = '`output = "sigmoid"` and `loss = "binary_cross_entropy"`'
METRICS_OF_AMOUNTS = '`metrics = ["mean_absolute_error", "r2"]`'
METRICS_OF_LABELS = ", ".join(name for name, metric in nn.METRICS.items() if "multilabel" in metric.targets)
FEW = 100
"""Up to this many distinct targets may be names of classes; more are amounts."""
LIKE_CLASSES = 10
"""Up to this many distinct whole numbers look like names of classes."""
WIDE = 10
"""Amounts with a larger standard deviation may diverge at learning rates that suit amounts of about 1."""
SUMS_TO_ONE = 1e-9
"""The largest allowed distance of the sum of a sample's class shares from 1."""


def of_targets(params: Params) -> Iterator[tuple[str, str]]:
    """Find targets that the output cannot reach, and metrics that have no meaning for them."""
    yield from _unreachable(params)
    yield from _without_classes(params)
    yield from _without_probabilities(params)
    yield from _without_value(params)
    yield from _unbalanced(params)


def notes(params: Params) -> tuple[str, ...]:
    """Note numbers that look like names of classes but are learnt as amounts, and amounts that are far from 1.

    The first note is left out if the file decides between the two, the second if the amounts are scaled.
    """
    source = params["data"]
    if not _is_csv(source) or data_of(params).target_kind != "amounts":
        return ()
    known: tuple[str, Any] = data_of(params).fingerprint, source
    classes = () if "classes" in source.model_fields_set else _like_classes(*known)
    scaled = params["scale_target"] or params["output"] != "identity"
    return classes or (() if scaled else _wide(*known))


@lru_cache
def _wide(fingerprint: str, source: Any) -> tuple[str, ...]:
    """Note amounts that spread over many units: their steps are so large that a training may diverge."""
    targets = load(source).targets
    with np.errstate(over="ignore"):  # an infinite deviation counts as wide
        if targets.std(axis=0).max() <= WIDE:
            return ()
    return (
        f"{source}: {format_values(np.unique(targets))} are learnt in their units, in which trainings may diverge; "
        "`scale_target = true` scales them",
    )


@lru_cache
def _like_classes(fingerprint: str, source: Any) -> tuple[str, ...]:
    """Note targets that look like classes. The fingerprint is for the cache: a sweep asks for every trial."""
    targets = load(source).targets
    values = np.unique(targets)
    if len(values) > LIKE_CLASSES or (values != values.round()).any() or targets.shape[1] > 1:
        return ()
    if len(values) == 1:
        return (f"{source}: every target is {format_values(values)}: there is nothing to learn",)
    return (
        f"{source}: {format_values(values)} are learnt as amounts; write `classes = true` in its table if they name "
        "classes, and `classes = false` if not",
    )


def _unreachable(params: Params) -> Iterator[tuple[str, str]]:
    output = params["output"]
    if not _reaches(output, data_of(params)):
        yield "data", f"{_format_range(output)}; {_found(params, OUTPUT_OF_AMOUNTS, OUTPUT_OF_LABELS)}"


def _reaches(output: str, data: Data) -> bool:
    """Whether an output can have the values of the targets."""
    function, targets = nn.OUTPUTS[output], data.targets
    if output == "step":
        return data.target_kind != "amounts"
    if output == "softmax" and data.target_kind != "binary" and abs(targets.sum(axis=1) - 1).max() > SUMS_TO_ONE:
        return False
    return function.lowest <= targets.min() and targets.max() <= function.highest


def _format_range(output: str) -> str:
    """Describe the values that an output can have."""
    function = nn.OUTPUTS[output]
    if output == "softmax":
        return "`softmax` gives shares of classes, which sum to 1"
    if output == "step":
        return "`step` gives 0 or 1"
    ends = (
        f"{function.lowest:g} and more" if function.highest == inf else f"{function.lowest:g} to {function.highest:g}"
    )
    return f"`{output}` gives {ends}"


def _without_classes(params: Params) -> Iterator[tuple[str, str]]:
    kind = data_of(params).target_kind
    wrong = [f"`{name}`" for name in params["metrics"] if kind not in _metric(name).targets]
    if wrong:
        are = "is a metric" if len(wrong) == 1 else "are metrics"
        found = _found(params, METRICS_OF_AMOUNTS, METRICS_OF_LABELS)
        yield "metrics", f"{' and '.join(wrong)} {are} of classes; {found}"


def _without_probabilities(params: Params) -> Iterator[tuple[str, str]]:
    wrong = [name for name in params["metrics"] if _metric(name).probabilities]
    columns, output = network_of(params).widths[-1], params["output"]
    if wrong and not (output == "softmax" or (output == "sigmoid" and columns == 1)):
        allowed = "`sigmoid` or `softmax`" if columns == 1 else "`softmax`"
        several = f" for {columns} classes" if columns > 1 else ""
        yield "metrics", f"`{wrong[0]}` needs probabilities; found output `{output}`{several}; allowed: {allowed}"


def _without_value(params: Params) -> Iterator[tuple[str, str]]:
    """Find metrics that have no value in any split of the data."""
    data = data_of(params)
    for name in params["metrics"]:
        metric, targets = _metric(name), data.targets
        if data.target_kind in metric.targets and not metric.defined(targets):
            why = "1 sample" if len(targets) == 1 else "no sample of one of the classes"
            yield "metrics", f"`{name}` has no value: {_targets(params)} have {why}"


def _unbalanced(params: Params) -> Iterator[tuple[str, str]]:
    """Find class weights for targets that are not classes."""
    if params["class_weight"] != "none" and data_of(params).target_kind not in ("binary", "one_hot"):
        found = _found(params, '`class_weight = "none"`', '`class_weight = "none"`')
        yield "class_weight", f'`class_weight = "{params["class_weight"]}"` is for classes; {found}'


def _metric(name: str) -> nn.Metric:
    return nn.METRICS[nn.plain_name(name)]


def _found(params: Params, for_amounts: str, for_labels: str) -> str:
    """Describe the targets, and what to write if they are classes or if they are not."""
    data = data_of(params)
    if data.target_kind == "multilabel":
        return f"in {_targets(params)} a sample has none or several 1s; allowed: {for_labels}"
    found = f"{_targets(params)} are {format_values(data.targets)}"
    if len(np.unique(data.targets)) > FEW:
        return f"{found}; write {for_amounts}"
    in_table = _is_csv(params["data"])
    as_classes = "write `classes = true` in the table of the data" if in_table else "give each a column of 0 and 1"
    return f"{found}; if they name classes, {as_classes}; if they are amounts, write {for_amounts}"


def _is_csv(source: Any) -> bool:
    return isinstance(source, DataSource) and source.PLACE == "csv"


def _targets(params: Params) -> str:
    return f"targets of data `{params['data']}`"
