"""The built-in trainer: fully connected networks, many at once."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import ceil
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.trainers.mlp.baseline import baseline
from nnsweep.trainers.mlp.costs import EpochCost, epoch_cost, training_cost
from nnsweep.trainers.mlp.ingredients import DATASET_NAMES, method_of, network_of, training_of
from nnsweep.trainers.mlp.parameters import METRICS, MlpParameters
from nnsweep.trainers.mlp.problems import problems
from nnsweep.trainers.mlp.resolve import AUTO, RESOLVED, resolve
from nnsweep.trainers.mlp.split import Sizes, data_of, describe_split, sizes_of
from nnsweep.trainers.mlp.target_problems import notes
from nnsweep.trainers.mlp.training import MlpState, advance, start, train
from nnsweep.trainers.protocol import CompiledCode, ConstantAnswer, Model, ModelCheck, Outcome, Params, Trainer

if TYPE_CHECKING:
    from nnsweep.trainers.weights import Weights

TRACED = 10_000_000
"""The largest count of numbers in a trace."""

SPEED = 5.0
"""How many times as fast compiled code is, measurements included. It does not draw the order of samples."""

TRAINING_PARAMETERS = itemgetter(*(name for name in MlpParameters.model_fields if name != "epochs"))


def _meaning(metric: str) -> str:
    """Describe a metric by its docstring."""
    samples = {nn.TRAIN: "training", nn.VALIDATION: "validation"}.get(nn.part_of(metric))
    if samples:
        return f"`{nn.plain_name(metric)}` on the {samples} samples."
    return " ".join((METRICS[metric].value.__doc__ or "").split())


KIND_NAMES = (
    *("data", "data_seed"),
    *("hidden", "activation", "output", "loss", "bias", "batch_norm", "dropout", "math"),
    *("optimizer", "batch_size", "order", "reduction", "update", "derivative_at", "class_weight"),
    *("metrics", "measure_every"),
)
KIND_PARAMETERS = itemgetter(*KIND_NAMES)
"""Data, network, method and measurement: thousands of trials have few different values of these."""


DECISIVE = {*KIND_NAMES, *RESOLVED, *DATASET_NAMES}


class Mlp(Trainer):
    """Fully connected networks that learn by gradient descent, many at once."""

    name = "mlp"
    version = "1"
    checkpoint = "epochs"
    advances = True
    shares_by_seed = True
    parameters = MlpParameters
    metrics = MappingProxyType({name: _meaning(name) for name in METRICS})

    def decisive(self, values: Mapping[str, Collection[Any]]) -> Collection[str]:
        """Name the parameters of the data, the network, the method and the measurement; folds may differ in size."""
        return DECISIVE | ({"seed"} if any(values["folds"]) else set())

    def resolve(self, params: Params, judged_by: str = "") -> Params:
        """Replace `auto` by what fits the data, and shares of the samples by their numbers."""
        return resolve(params, judged_by)

    def describe(self, params: Params) -> str:
        """Name the output and the loss, and count the samples of each part."""
        return f"output `{params['output']}`, loss `{params['loss']}`; {describe_split(params)}"

    def problems(self, params: Params) -> list[tuple[str, str]]:
        """Check the sizes of the split against the data, and that loss and output go together."""
        return problems(params)

    def measured(self, params: Params) -> tuple[str, ...]:
        """List the metrics of the trial; empty if they depend on data that cannot be read."""
        return () if AUTO in params["metrics"] else params["metrics"]

    def fingerprint(self, params: Params) -> str:
        """Identify the data set."""
        return data_of(params).fingerprint

    def notes(self, params: Params) -> Sequence[str]:
        """Describe the format of a data file, and note targets that are amounts but look like classes."""
        return () if isinstance(params["data"], str) else (*data_of(params).notes, *notes(params))

    def stack_key(self, params: Params) -> Hashable:
        """Return a key; `nn.train_stack` can train trials with equal keys together."""
        return _kind_of(params).stack_key

    def training_key(self, params: Params) -> Hashable:
        """Return all parameters except the number of epochs."""
        return TRAINING_PARAMETERS(params)

    def capacity(self, params: Params) -> int:
        """Return the number of trainings that fill the cache: thousands of small networks share a call."""
        network, batch = network_of(params), _batch(params)
        return nn.choose_engine(network, batch).engine.capacity(network, batch)

    def cost(self, checkpoints: Sequence[Params]) -> float:
        """Add up the start, the epochs and the checkpoints of one training."""
        return _cost(checkpoints).training

    def overhead(self, checkpoints: Sequence[Params]) -> float:
        """Add up the start, the epochs and the checkpoints of a stack, besides what its trainings add."""
        return _cost(checkpoints).stack

    def compiled(self, params: Params) -> CompiledCode:
        """Ask the compiled engine."""
        from nnsweep.nn.engine.compiled.accepts import refusal, start_seconds

        network, method, batch = network_of(params), method_of(params), _batch(params)
        choice = nn.choose_engine(network, batch)
        refused = refusal(network, method, batch) if choice.engine.name == "rows" else choice.why
        if refused:
            return CompiledCode(refused)
        cost, drawing = _kind_of(params).epoch
        speed = cost.training / (drawing + (cost.training - drawing) / SPEED)
        return CompiledCode("", speed, start_seconds(network, method, batch))

    def history_size(self, params: Params) -> int:
        """Count one number per metric and measured epoch, plus the epochs themselves if not all are measured."""
        every = params["measure_every"]
        return -(-params["epochs"] // every) * (len(params["metrics"]) + (every > 1))

    def baseline(self, params: Params) -> Mapping[str, ConstantAnswer]:
        """Return the metrics of constant answers, such as the most frequent class or the mean of the targets."""
        return baseline(params)

    def gradient_checks(self, trials: Sequence[Params]) -> Iterator[ModelCheck]:
        """Check every distinct model once."""
        from nnsweep.trainers.mlp.gradient_checks import gradient_checks

        return gradient_checks(trials)

    def details(self, params: Params, inputs: Sequence[Sequence[float]] = ()) -> Mapping[str, Any]:
        """Return the weights before and after training, and the outputs for test samples and further inputs."""
        from nnsweep.trainers.mlp.details import details

        return details(params, inputs)

    def trace(self, params: Params, every: int = 1) -> tuple[list[str], Any]:
        """Return every weight and bias after the steps of training."""
        size, samples = network_of(params).size, sizes_of(params)[0]
        numbers = size * params["epochs"] * ceil(samples / _batch(params)) // every
        if numbers > TRACED:
            least = ceil(numbers * every / TRACED)
            raise NnsweepError(f"a trace of {numbers:,} numbers is too long; allowed: {TRACED:,}, with --every {least}")
        return nn.trace(training_of(params), params["epochs"], method_of(params), every)

    def model(self, params: Params) -> Model:
        """Return the network. It standardises its inputs if it learnt from standardised ones."""
        from nnsweep.trainers.mlp.model import model

        return model(params)

    def weights(self, params: Params) -> Weights:
        """Return the weights of the trained network, which standardises its inputs if it learnt from such."""
        return self.weights_of([params])[0]

    def weights_of(self, stack: Sequence[Params]) -> list[Weights]:
        """Return the weights of networks that are trained together."""
        from nnsweep.trainers.mlp.weights import weights_of

        return weights_of(stack)

    def train(self, stack: Sequence[Params]) -> Sequence[Outcome]:
        """Train neighbours that differ only in their epochs as one training with several checkpoints."""
        return train(stack, self.training_key)

    def start(self, stack: Sequence[Params]) -> list[MlpState]:
        """Start trainings; nothing is trained yet."""
        return start(stack)

    def advance(self, states: Sequence[MlpState], epochs: int) -> list[tuple[MlpState, Outcome]]:
        """Continue trainings; those that can share a stack are trained together."""
        return advance(states, epochs)


def _batch(params: Params) -> int:
    return nn.batch_of(method_of(params), sizes_of(params)[0])


class _Kind(NamedTuple):
    """The properties that trials of one kind share: the key of their stacks, and the cost of an epoch."""

    stack_key: Hashable
    epoch: EpochCost


def _kind_of(params: Params) -> _Kind:
    return _kind(data_of(params).fingerprint, sizes_of(params), *KIND_PARAMETERS(params))


@lru_cache
def _kind(fingerprint: str, sizes: Sizes, *values: Any) -> _Kind:
    """Compute the properties of trials of one kind. The fingerprint is for the cache: a data file may change."""
    params = dict(zip(KIND_NAMES, values, strict=True))
    key = nn.stack_key(network_of(params), method_of(params), sizes.train), params["metrics"], params["measure_every"]
    return _Kind(key, epoch_cost(params, sizes))


def _cost(checkpoints: Sequence[Params]) -> nn.Cost:
    return training_cost(_kind_of(checkpoints[0]).epoch.cost, checkpoints)
