"""The built-in trainer: fully connected networks, many at once."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from nnsweep import nn
from nnsweep.nn.losses import LOSSES
from nnsweep.trainers.mlp.ingredients import data_of, dataset_of, network_of, weights_of
from nnsweep.trainers.mlp.parameters import MlpParameters
from nnsweep.trainers.protocol import Outcome, Params, Trainer

WORKING_SET = 2**20
"""Bytes of parameters, gradients and activations that one stack should not much exceed: about a core's cache."""

TRAINING_PARAMETERS = itemgetter(*(name for name in MlpParameters.model_fields if name != "epochs"))
DATASET_PARAMETERS = itemgetter("data", "data_seed", "seed", "train_size", "test_size", "standardize", "evaluation")
WEIGHTS_PARAMETERS = itemgetter("data", "hidden", "init_scale", "seed")


class Mlp(Trainer):
    """Fully connected networks that learn one sample at a time, in a fixed order."""

    name = "mlp"
    version = "1"
    parameters = MlpParameters
    metrics = MappingProxyType({"error": "Mean absolute difference of output and target over the test samples."})

    def problems(self, params: Params) -> list[tuple[str, str]]:
        """Check the sizes of the split against the data, and that loss and output go together."""
        found = []
        samples = len(data_of(params).inputs)
        wanted = params["train_size"] + params["test_size"]
        if wanted > samples:
            sizes = f"train_size {params['train_size']} and test_size {params['test_size']} need {wanted} samples"
            found.append(("train_size", f"{sizes}; {params['data']} has {samples}"))
        allowed = LOSSES[params["loss"]].outputs
        if params["output"] not in allowed:
            names = ", ".join(f"`{name}`" for name in allowed)
            found.append(("loss", f"`{params['loss']}` does not go with output `{params['output']}`; allowed: {names}"))
        return found

    def fingerprint(self, params: Params) -> str:
        """Identify the data set."""
        return data_of(params).fingerprint

    def stack_key(self, params: Params) -> Hashable:
        """Agree in what `nn.train_stack` asks of a stack."""
        network = network_of(params)
        shape = nn.shares_stack(network.widths)
        return params["train_size"], params["update"], network.activation, network.output, network.loss, shape

    def training_key(self, params: Params) -> Hashable:
        """Everything but the number of epochs."""
        return TRAINING_PARAMETERS(params)

    def capacity(self, params: Params) -> int:
        """Fill the working set; a small network's numbers are few, so thousands of trials share a call."""
        return max(1, WORKING_SET // (3 * 8 * network_of(params).size))

    def cost(self, params: Params) -> float:
        """Add up the arithmetic, as measured on one core of a server of 2023."""
        network = network_of(params)
        start, each = (15e-9, 0.6e-9) if nn.fits_rows(network.widths) else (250e-9, 0.6e-9)
        samples = params["train_size"] + params["test_size"]
        return params["epochs"] * samples * (start + each * network.size)

    def overhead(self, params: Params) -> float:
        """Add up the calls of every step, as measured there."""
        network = network_of(params)
        step = 7e-6 + 0.5e-6 * network.size if nn.fits_rows(network.widths) else 17e-6
        return params["epochs"] * params["train_size"] * step

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        """Train each distinct training once, to the most epochs asked of it, and read off every trial."""
        started = time.perf_counter()
        asked: dict[Hashable, Params] = {}
        for params in stack:
            key = self.training_key(params)
            if key not in asked or params["epochs"] > asked[key]["epochs"]:
                asked[key] = params
        trained = {
            key: (result, {name: values.tolist() for name, values in result.history.items()})
            for key, result in zip(asked, _train(list(asked.values())), strict=True)
        }
        seconds = (time.perf_counter() - started) / len(stack)
        return [_outcome(*trained[self.training_key(params)], params["epochs"], seconds) for params in stack]


def _train(stack: Sequence[Params]) -> list[nn.Trained]:
    """Train distinct trainings; those that share a split or a draw of weights share the arrays."""
    datasets: dict[Hashable, nn.Dataset] = {}
    weights: dict[Hashable, Any] = {}
    trainings: dict[int, dict[int, nn.Training]] = {}
    for place, params in enumerate(stack):
        data_key, weights_key = DATASET_PARAMETERS(params), WEIGHTS_PARAMETERS(params)
        if data_key not in datasets:
            datasets[data_key] = dataset_of(params)
        if weights_key not in weights:
            weights[weights_key] = weights_of(params)
        training = nn.Training(network_of(params), weights[weights_key], datasets[data_key], params["learning_rate"])
        trainings.setdefault(params["epochs"], {})[place] = training
    trained: dict[int, nn.Trained] = {}
    for epochs, members in trainings.items():
        trained |= zip(members, nn.train_stack(list(members.values()), epochs, stack[0]["update"]), strict=True)
    return [trained[place] for place in range(len(stack))]


def _outcome(trained: nn.Trained, histories: dict[str, list[float]], epochs: int, seconds: float) -> Outcome:
    """Read a training off after `epochs` epochs; a history ends before the epoch that was not finite."""
    end = trained.diverged_at
    if end is not None and end <= epochs:
        history = {name: values[: end - 1] for name, values in histories.items()}
        return Outcome("diverged", {}, history, seconds, f"not finite after epoch {end}")
    history = {name: values[:epochs] for name, values in histories.items()}
    return Outcome("ok", {name: values[-1] for name, values in history.items()}, history, seconds)
