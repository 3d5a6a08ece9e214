"""Make the data, the network and the initial weights of a trial from its parameters."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import numpy as np

from nnsweep import nn
from nnsweep.trainers.mlp.split import data_of, is_drawn, parts_of
from nnsweep.trainers.protocol import Params

NETWORK_PARAMETERS = itemgetter("hidden", "activation", "output", "loss", "bias", "batch_norm", "dropout", "math")
METHOD_PARAMETERS = itemgetter(
    *("optimizer", "batch_size", "order", "reduction", "update", "derivative_at", "class_weight")
)
INITIAL_NAMES = ("init", *(f"init_{name}" for name in nn.hyperparameters(nn.INITIALIZERS)), "init_biases", "draws")

DATASET_NAMES = (
    *("data", "data_seed", "output", "split", "train_size", "test_size", "validation_size", "folds"),
    *("standardize", "scale_target", "evaluation"),
)
DATASET_PARAMETERS = itemgetter(*DATASET_NAMES)
HUGE, TINY, SHIFT = 1e150, 1e-150, 2.0**600
"""The squares of numbers beyond these overflow or vanish; SHIFT brings any such number between them."""
WEIGHTS_PARAMETERS = itemgetter("data", "hidden", "output", "math", "seed", *INITIAL_NAMES)


def _has_two_columns(params: Params) -> bool:
    """Whether two classes in one column become two columns, because a softmax of one output is always 1."""
    return params["output"] == "softmax" and data_of(params).target_kind == "binary"


def targets_of(params: Params) -> np.ndarray:
    """Return the targets (N, O) of the network."""
    targets = data_of(params).targets
    return np.hstack([1 - targets, targets]) if _has_two_columns(params) else targets


def network_of(params: Params) -> nn.Network:
    """Return the network. Its widths follow from the data and from `hidden`."""
    data = data_of(params)
    outputs = 2 if _has_two_columns(params) else data.targets.shape[1]
    return _network(data.inputs.shape[1], outputs, *NETWORK_PARAMETERS(params))


@lru_cache
def _network(inputs: int, outputs: int, hidden: tuple[int, ...], *others: Any) -> nn.Network:
    *names, bias, batch_norm, dropout, math = others
    widths = (inputs, *hidden, outputs)
    return nn.Network(widths, *names, bias=bias, batch_norm=batch_norm, dropout=dropout > 0, math=math)


def method_of(params: Params) -> nn.Method:
    """Return the method of training."""
    return _method(*METHOD_PARAMETERS(params))


@lru_cache
def _method(optimizer: str, batch_size: int | str, *others: str) -> nn.Method:
    return nn.Method(optimizer, 0 if batch_size == "all" else int(batch_size), *others)


def dataset_of(params: Params) -> nn.Dataset:
    """Split the data as the parameters and the seed say."""
    data, parts, targets = data_of(params), parts_of(params), targets_of(params)
    inputs = data.filled(parts.train)
    if params["standardize"]:
        inputs = standardized(inputs, inputs[parts.train])
    tested = inputs[parts.test]
    if params["evaluation"] == "stale":
        tested = np.broadcast_to(inputs[parts.train[-1]], tested.shape)
    return nn.Dataset(
        *(inputs[parts.train], targets[parts.train]),
        *(tested, targets[parts.test]),
        (inputs[parts.validation], targets[parts.validation]) if len(parts.validation) else None,
        units_of(targets[parts.train]) if params["scale_target"] else None,
    )


def units_of(learnt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the deviation of each column (N, I) of the training samples; 1 for a constant column."""
    mean, spread, factor = _units(learnt)
    return mean / factor, spread / factor


def standardized(inputs: np.ndarray, learnt: np.ndarray) -> np.ndarray:
    """Shift and scale inputs (N, I) so that the `learnt` ones have mean 0 and deviation 1."""
    mean, spread, factor = _units(learnt)
    return (inputs * factor - mean) / spread


def shift_of(learnt: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return factor, mean and spread (I,) by which `standardized` shifts and scales: (x · factor − mean) / spread."""
    mean, spread, factor = _units(learnt)
    return factor, mean, spread


def _units(learnt: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean and deviation of each column times a factor, and the factor.

    The factor is 1, except for columns whose squares overflow or vanish. It is a power of two, so that no digit is
    lost.
    """
    largest = np.abs(learnt).max(axis=0, initial=0.0)
    factor = np.select([largest > HUGE, (largest < TINY) & (largest > 0)], [1 / SHIFT, SHIFT], 1.0)
    scaled = learnt * factor
    spread = scaled.std(axis=0)
    return scaled.mean(axis=0), np.where(spread > 0, spread, factor), factor


def weights_of(params: Params) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Draw the initial weights (O, I) and biases (O,) of every layer."""
    init = params["init"]
    hyperparameters = {name: params[f"init_{name}"] for name in nn.INITIALIZERS[init].hyperparameters}
    initial = nn.Initial(init, hyperparameters, params["init_biases"] == "as_weights", params["draws"])
    return nn.draw_parameters(network_of(params), initial, params["seed"])


def training_of(params: Params) -> nn.Training:
    """Make one training."""
    return next(trainings_of([params]))


def trainings_of(stack: Sequence[Params]) -> Iterator[nn.Training]:
    """Make trainings. Those with the same split or the same initial weights share the arrays."""
    datasets: dict[Hashable, nn.Dataset] = {}
    weights: dict[Hashable, Any] = {}
    for params in stack:
        data_key, weights_key = _dataset_key(params), WEIGHTS_PARAMETERS(params)
        if data_key not in datasets:
            datasets[data_key] = dataset_of(params)
        if weights_key not in weights:
            weights[weights_key] = weights_of(params)
        optimizer = nn.OPTIMIZERS[params["optimizer"]]
        hyperparameters = {name: params[name] for name in optimizer.hyperparameters}
        yield nn.Training(
            *(network_of(params), weights[weights_key], datasets[data_key], params["learning_rate"]),
            dropout_rate=params["dropout"],
            seed=params["seed"],
            hyperparameters=hyperparameters,
        )


def _dataset_key(params: Params) -> Hashable:
    return DATASET_PARAMETERS(params), params["seed"] if is_drawn(params) else None
