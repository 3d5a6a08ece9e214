"""Problems of parameters that are valid alone but not together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import isfinite
from operator import itemgetter
from typing import Any

from nnsweep.errors import DataError
from nnsweep.nn import LOSSES, OPTIMIZERS, hyperparameters
from nnsweep.trainers.mlp.parameters import MlpParameters
from nnsweep.trainers.mlp.split import data_of
from nnsweep.trainers.mlp.split_problems import Problem, of_split
from nnsweep.trainers.mlp.target_problems import of_targets
from nnsweep.trainers.protocol import Params

ANY_VALUE = ("learning_rate", *hyperparameters(OPTIMIZERS), "epochs", "measure_every")
"""Parameters whose values are compatible with all values of the others."""
CHECKED = tuple(name for name in MlpParameters.model_fields if name not in ANY_VALUE)
_checked = itemgetter(*CHECKED)


def problems(params: Params) -> list[Problem]:
    """Find all incompatible parameters. If the data cannot be read, that is the only problem."""
    try:
        fingerprint = data_of(params).fingerprint
    except DataError as error:
        return [("data", str(error))]
    return list(_problems(fingerprint, *_checked(params)))


@lru_cache(maxsize=4096)
def _problems(fingerprint: str, *values: Any) -> tuple[Problem, ...]:
    """Check what thousands of trials share. The fingerprint is for the cache: a file of data may have changed."""
    params = dict(zip(CHECKED, values, strict=True))
    parts = of_split, _of_output, of_targets, _of_start, _of_batches
    return tuple(problem for part in parts for problem in part(params))


def _of_output(params: Params) -> Iterator[Problem]:
    loss, output = params["loss"], params["output"]
    allowed = LOSSES[loss].outputs
    if output not in allowed:
        losses = " or ".join(f'"{name}"' for name, each in LOSSES.items() if output in each.outputs)
        outputs = " or ".join(f'"{name}"' for name in allowed)
        yield (
            "loss",
            f"`{loss}` does not go with output `{output}`; allowed: `loss = {losses}`, or `output = {outputs}`",
        )


def _of_start(params: Params) -> Iterator[Problem]:
    low, high = params["init_low"], params["init_high"]
    if params["init"] == "uniform" and low > high:
        yield "init_low", f"{low} is above init_high, {high}"
    if params["init"] == "uniform" and not isfinite(high - low):
        yield "init_low", f"{low} is too far from init_high, {high}; allowed: a difference below 1.8e+308"
    if params["draws"] != "default" and params["seed"] >= 2**32:
        yield "seed", f'{params["seed"]} is no seed of the legacy generator, `draws = "{params["draws"]}"`; below 2^32'


def _of_batches(params: Params) -> Iterator[Problem]:
    if params["batch_norm"] and params["batch_size"] == 1:
        yield "batch_norm", "a batch of one sample has no spread; allowed: a batch_size of 2 and more"
