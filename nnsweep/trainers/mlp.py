"""The built-in trainer: fully connected networks, many at once."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nnsweep import nn
from nnsweep.data import DATASETS
from nnsweep.data import load as load_data
from nnsweep.nn.losses import LOSSES
from nnsweep.trainers.protocol import Outcome, Params, Trainer

SPLIT, WEIGHTS = 0, 1
"""Purposes of a trial's random streams: independent, so that changing one setting does not reshuffle another."""

WORKING_SET = 2**20
"""Bytes of parameters, gradients and activations that one stack should not much exceed: about a core's cache."""


class OneOf:
    """A pydantic annotation: a string that is a key of a table."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._names = list(table)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept the table's names, and list them in JSON Schema and in errors."""
        return core_schema.literal_schema(self._names)


def _widths(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


Width = Annotated[int, Field(ge=1, le=100_000)]


class MlpParameters(BaseModel):
    """What a network is, what it learns from, and how."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    data: Annotated[str, OneOf(DATASETS)] = Field("parabolas", description="The data set.")
    data_seed: int = Field(0, ge=0, lt=2**63, description="Seed of a generated data set, the same for all trials.")
    train_size: int = Field(1000, ge=1, description="Samples that train.")
    test_size: int = Field(2000, ge=1, description="Samples that test.")
    standardize: bool = Field(
        False, description="Shift and scale each input to mean 0 and standard deviation 1 over the training samples."
    )
    hidden: Annotated[
        tuple[Width, ...], Field(min_length=1), BeforeValidator(_widths, json_schema_input_type=Width | list[Width])
    ] = Field((4,), description="Width of the hidden layer, or a list with the width of each hidden layer.")
    activation: Annotated[str, OneOf(nn.ACTIVATIONS)] = Field("relu", description="What hidden layers apply.")
    output: Annotated[str, OneOf(nn.OUTPUTS)] = Field("step", description="What the last layer applies.")
    loss: Annotated[str, OneOf(nn.LOSSES)] = Field("straight_through", description="What training lowers.")
    init_scale: float = Field(
        0.5, gt=0, description="Weights and biases start uniform between minus and plus this number."
    )
    learning_rate: float = Field(
        0.01,
        gt=0,
        validation_alias=AliasChoices("learning_rate", "alpha"),
        description="The factor of each step down the gradient.",
    )
    epochs: int = Field(1, ge=1, le=10**9, description="Passes through the training samples.")
    update: Literal["sequential", "simultaneous"] = Field(
        "simultaneous",
        description="simultaneous: every layer steps from the old weights, as the gradient says. "
        "sequential: errors go down through weights that have already moved.",
    )
    evaluation: Literal["held_out", "stale"] = Field(
        "held_out",
        description="held_out: measured on the test samples. "
        "stale: the last training input stands in for every test input, a mistake of indexing.",
    )
    seed: int = Field(0, ge=0, lt=2**63, description="Draws the split and the initial weights: the replicate.")


TRAINING_PARAMETERS = itemgetter(*(name for name in MlpParameters.model_fields if name != "epochs"))
NETWORK_PARAMETERS = itemgetter("data", "data_seed", "hidden", "activation", "output", "loss")
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
        samples = len(_data(params).inputs)
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
        return _data(params).fingerprint

    def stack_key(self, params: Params) -> Hashable:
        """Agree in what `nn.train_stack` asks of a stack."""
        network = _network(params)
        shape = nn.shares_stack(network.widths)
        return params["train_size"], params["update"], network.activation, network.output, network.loss, shape

    def training_key(self, params: Params) -> Hashable:
        """Everything but the number of epochs."""
        return TRAINING_PARAMETERS(params)

    def capacity(self, params: Params) -> int:
        """Fill the working set; a small network's numbers are few, so thousands of trials share a call."""
        return max(1, WORKING_SET // (3 * 8 * _network(params).size))

    def cost(self, params: Params) -> float:
        """Add up the arithmetic, as measured on one core of a server of 2023."""
        network = _network(params)
        start, each = (15e-9, 0.6e-9) if nn.fits_rows(network.widths) else (250e-9, 0.6e-9)
        samples = params["train_size"] + params["test_size"]
        return params["epochs"] * samples * (start + each * network.size)

    def overhead(self, params: Params) -> float:
        """Add up the calls of every step, as measured there."""
        network = _network(params)
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


def _data(params: Params):
    return load_data(params["data"], params["data_seed"])


def _network(params: Params) -> nn.Network:
    return _network_of(*NETWORK_PARAMETERS(params))


@lru_cache
def _network_of(
    data: str, data_seed: int, hidden: tuple[int, ...], activation: str, output: str, loss: str
) -> nn.Network:
    samples = load_data(data, data_seed)
    return nn.Network((samples.inputs.shape[1], *hidden, samples.targets.shape[1]), activation, output, loss)


def _random(params: Params, purpose: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(params["seed"], spawn_key=(purpose,)))


def _dataset(params: Params) -> nn.Dataset:
    """Split the data as a trial's seed says."""
    data = _data(params)
    order = _random(params, SPLIT).permutation(len(data.inputs))[: params["train_size"] + params["test_size"]]
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


def _weights(params: Params) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Draw weights (O, I) and then biases (O,), layer by layer."""
    random, scale = _random(params, WEIGHTS), params["init_scale"]
    return tuple(
        (random.uniform(-scale, scale, shape), random.uniform(-scale, scale, shape[0]))
        for shape in _network(params).shapes
    )


def _train(stack: Sequence[Params]) -> list[nn.Trained]:
    """Train distinct trainings; those that share a split or a draw of weights share the arrays."""
    datasets: dict[Hashable, nn.Dataset] = {}
    weights: dict[Hashable, Any] = {}
    trainings: dict[int, dict[int, nn.Training]] = {}
    for place, params in enumerate(stack):
        data_key, weights_key = DATASET_PARAMETERS(params), WEIGHTS_PARAMETERS(params)
        if data_key not in datasets:
            datasets[data_key] = _dataset(params)
        if weights_key not in weights:
            weights[weights_key] = _weights(params)
        training = nn.Training(_network(params), weights[weights_key], datasets[data_key], params["learning_rate"])
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
