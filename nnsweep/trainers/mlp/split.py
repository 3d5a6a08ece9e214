"""Split the samples into training, validation and test samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep import nn
from nnsweep.data import Data
from nnsweep.data import load as load_data
from nnsweep.trainers.mlp.stratify import stratified
from nnsweep.trainers.protocol import Params

Places = NDArray[np.intp]


class Parts(NamedTuple):
    """The rows of the data in each part; the training rows are in the order of training."""

    train: Places
    validation: Places
    test: Places


class Sizes(NamedTuple):
    """The number of samples in each part."""

    train: int
    validation: int
    test: int


def data_of(params: Params) -> Data:
    """Load the data set."""
    return load_data(params["data"], params["data_seed"])


def is_drawn(params: Params) -> bool:
    """Whether the parts depend on the seed."""
    return params["split"] in ("shuffled", "stratified") or bool(params["folds"])


def sizes_of(params: Params) -> Sizes:
    """Count the samples of each part."""
    if params["folds"]:
        samples = len(data_of(params).inputs)
        test = _fold_sizes(samples, params["folds"])[params["seed"] % params["folds"]]
        return Sizes(samples - test, 0, test)
    if params["split"] == "all":
        samples = len(data_of(params).inputs)
        return Sizes(samples, 0, samples)
    return Sizes(params["train_size"], params["validation_size"], params["test_size"])


def parts_of(params: Params) -> Parts:
    """Divide the samples, by the seed if the split is random."""
    data = data_of(params)
    if params["folds"]:
        return _fold(params, data)
    if params["split"] == "all":
        every = np.arange(len(data.inputs))
        return Parts(every, every[:0], every)
    sizes = sizes_of(params)
    return Parts(*_divided(params, data, [*sizes, len(data.inputs) - sum(sizes)], params["seed"])[:3])


def _fold(params: Params, data: Data) -> Parts:
    """Test on one of k folds, and train on the others: seeds 0 to k − 1 share a shuffle, the next k another."""
    shuffle, fold = divmod(params["seed"], params["folds"])
    folds = _divided(params, data, _fold_sizes(len(data.inputs), params["folds"]), shuffle)
    test = folds.pop(fold)
    return Parts(np.concatenate(folds), test[:0], test)


def _fold_sizes(samples: int, folds: int) -> list[int]:
    """Make folds as equal as they can be, the longer ones first."""
    return [samples // folds + (fold < samples % folds) for fold in range(folds)]


def _divided(params: Params, data: Data, sizes: list[int], seed: int) -> list[Places]:
    """Divide all samples into parts of these sizes."""
    samples, random = len(data.inputs), nn.stream(seed, nn.SPLIT)
    if params["split"] == "stratified":
        return stratified(labels_of(data), sizes, random)
    order = np.arange(samples) if params["split"] == "ordered" else random.permutation(samples)
    return np.split(order, np.cumsum(sizes)[:-1])


def labels_of(data: Data) -> Places:
    """Number the classes (N,) of a data set that has some."""
    return (data.targets[:, 0] if data.targets.shape[1] == 1 else data.targets.argmax(axis=1)).astype(np.intp)


def describe_split(params: Params) -> str:
    """Write how many samples each part has: `samples: 112 to train, 38 to test`."""
    samples = len(data_of(params).inputs)
    if params["folds"]:
        return f"samples: {samples:,} in {params['folds']} folds"
    if params["split"] == "all":
        return f"samples: all {samples:,} to train and to test"
    train, validation, test = sizes_of(params)
    validate = f", {validation:,} to validate" if validation else ""
    return f"samples: {train:,} to train{validate}, {test:,} to test"
