"""The best constant answers: the metrics that one answer for all samples reaches without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np

from nnsweep import nn
from nnsweep.data import TargetKind
from nnsweep.trainers.mlp.ingredients import targets_of
from nnsweep.trainers.mlp.split import data_of, is_drawn, parts_of
from nnsweep.trainers.protocol import ConstantAnswer, Params

LEAST = 1e-12
"""Answers are kept so far from the bounds of the output, where its preactivation is infinite."""


NAMES = (
    *("data", "data_seed", "split", "train_size", "test_size", "validation_size", "folds"),
    *("output", "loss", "metrics", "math", "seed"),
)
"""The parameters on which the baseline depends."""
_values = itemgetter(*NAMES)


def baseline(params: Params) -> Mapping[str, ConstantAnswer]:
    """Return the best constant answer by each metric that has a value. It is found on the training samples."""
    return _baseline(data_of(params).fingerprint, *_values(params if is_drawn(params) else {**params, "seed": 0}))


@lru_cache(maxsize=4096)
def _baseline(fingerprint: str, *values: Any) -> Mapping[str, ConstantAnswer]:
    """Compute the baseline. The fingerprint is for the cache: a file of data may have changed."""
    params = dict(zip(NAMES, values, strict=True))
    targets, parts, math = targets_of(params), parts_of(params), nn.ARITHMETIC[params["math"]]
    places = {"": parts.test, nn.TRAIN: parts.train, nn.VALIDATION: parts.validation}
    answers = list(_answers(targets[parts.train], data_of(params).target_kind))
    found: dict[str, ConstantAnswer] = {}
    for name in params["metrics"]:
        metric, t = nn.with_math(nn.METRICS[nn.plain_name(name)], math), targets[places[nn.part_of(name)]]
        if metric.defined(t):
            each = [ConstantAnswer(answer, _measure(metric, y, t, params)) for answer, y in answers]
            found[name] = (max if metric.higher else min)(each, key=attrgetter("value"))
    return found


def _answers(learnt: np.ndarray, kind: TargetKind) -> Iterator[tuple[str, np.ndarray]]:
    """Return the constant answers (O,) that may be the best, by name; the most frequent class comes first."""
    mean = learnt.mean(axis=0)
    if kind == "amounts":
        yield "the mean of the targets", mean
        yield "the median of the targets", np.median(learnt, axis=0)
        return
    single = np.round(mean) if kind != "one_hot" else np.eye(len(mean))[mean.argmax()]
    what = "labels" if kind == "multilabel" else "class"
    yield f"the most frequent {what}", single
    yield f"the shares of the {'labels' if kind == 'multilabel' else 'classes'}", mean


def _measure(metric: nn.Metric, answer: np.ndarray, t: np.ndarray, params: Params) -> float:
    output = nn.with_math(nn.OUTPUTS[params["output"]], nn.ARITHMETIC[params["math"]])
    y = np.broadcast_to(answer, (1, *t.shape))
    z = output.inverse(np.clip(y, output.lowest + LEAST, output.highest - LEAST)) if output.inverse else y
    return float(metric.value(z, y, t, params["loss"])[0])
