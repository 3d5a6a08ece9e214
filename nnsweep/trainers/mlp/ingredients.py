"""What a trial's parameters name: its data, its network, its initial weights."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter

import numpy as np

from nnsweep import nn
from nnsweep.data import Data
from nnsweep.data import load as load_data
from nnsweep.trainers.protocol import Params

SPLIT, WEIGHTS = 0, 1
"""Purposes of a trial's random streams: independent, so that changing one setting does not reshuffle another."""

NETWORK_PARAMETERS = itemgetter("data", "data_seed", "hidden", "activation", "output", "loss")


def data_of(params: Params) -> Data:
    """Load the data set."""
    return load_data(params["data"], params["data_seed"])


def network_of(params: Params) -> nn.Network:
    """Say what is trained: widths as the data and `hidden` have them."""
    return _network(*NETWORK_PARAMETERS(params))


@lru_cache
def _network(data: str, data_seed: int, hidden: tuple[int, ...], activation: str, output: str, loss: str) -> nn.Network:
    samples = load_data(data, data_seed)
    return nn.Network((samples.inputs.shape[1], *hidden, samples.targets.shape[1]), activation, output, loss)


def random_stream(params: Params, purpose: int) -> np.random.Generator:
    """Start the stream of a trial's seed that serves one purpose."""
    return np.random.default_rng(np.random.SeedSequence(params["seed"], spawn_key=(purpose,)))


def dataset_of(params: Params) -> nn.Dataset:
    """Split the data as a trial's seed says."""
    data = data_of(params)
    order = random_stream(params, SPLIT).permutation(len(data.inputs))[: params["train_size"] + params["test_size"]]
    inputs = data.inputs
    if params["standardize"]:
        train = inputs[order[: params["train_size"]]]
        spread = train.std(axis=0)
        inputs = (inputs - train.mean(axis=0)) / np.where(spread > 0, spread, 1)
    split = nn.Dataset.split(inputs, data.targets, order, params["train_size"])
    if params["evaluation"] == "stale":
        last = np.broadcast_to(split.train_inputs[-1], split.test_inputs.shape)
        return nn.Dataset(split.train_inputs, split.train_targets, last, split.test_targets)
    return split


def weights_of(params: Params) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Draw weights (O, I) and then biases (O,), layer by layer."""
    random, scale = random_stream(params, WEIGHTS), params["init_scale"]
    return tuple(
        (random.uniform(-scale, scale, shape), random.uniform(-scale, scale, shape[0]))
        for shape in network_of(params).shapes
    )
