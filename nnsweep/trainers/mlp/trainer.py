"""The built-in trainer: fully connected networks, many at once."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from math import ceil
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from nnsweep import nn
from nnsweep.errors import NnsweepError
from nnsweep.trainers.mlp.baseline import baseline
from nnsweep.trainers.mlp.details import details
from nnsweep.trainers.mlp.gradient_checks import gradient_checks
from nnsweep.trainers.mlp.ingredients import method_of, network_of, training_of, trainings_of
from nnsweep.trainers.mlp.model import model
from nnsweep.trainers.mlp.parameters import METRICS, MlpParameters
from nnsweep.trainers.mlp.problems import problems
from nnsweep.trainers.mlp.resolve import AUTO, resolve
from nnsweep.trainers.mlp.split import Sizes, data_of, describe_split, sizes_of
from nnsweep.trainers.mlp.target_problems import notes
from nnsweep.trainers.protocol import ConstantAnswer, Model, ModelCheck, Outcome, Params, Trainer

TRACED = 10_000_000
"""Numbers that a trace holds at most."""

WORKING_SET = 2**20
"""Bytes of parameters, gradients and activations that one stack should not much exceed: about a core's cache."""

TRAINING_PARAMETERS = itemgetter(*(name for name in MlpParameters.model_fields if name != "epochs"))


def _meaning(metric: str) -> str:
    """Take the docstring of the metric."""
    samples = {nn.TRAIN: "training", nn.VALIDATION: "validation"}.get(nn.part_of(metric))
    if samples:
        return f"`{nn.plain_name(metric)}` on the {samples} samples."
    return " ".join((METRICS[metric].value.__doc__ or "").split())


KIND_NAMES = (
    *("data", "data_seed"),
    *("hidden", "activation", "output", "loss", "bias", "batch_norm", "dropout"),
    *("optimizer", "batch_size", "order", "reduction", "update", "derivative_at", "class_weight"),
    *("metrics", "measure_every"),
)
KIND_PARAMETERS = itemgetter(*KIND_NAMES)
"""Data, network, method and measurement: few of thousands of trials differ in these."""


class Mlp(Trainer):
    """Fully connected networks that go down a gradient, many at once."""

    name = "mlp"
    version = "1"
    parameters = MlpParameters
    metrics = MappingProxyType({name: _meaning(name) for name in METRICS})

    def resolve(self, params: Params, judged_by: str = "") -> Params:
        """Choose what fits the data where the parameters say `auto`, and count the samples that shares are of."""
        return resolve(params, judged_by)

    def describe(self, params: Params) -> str:
        """Name the output and the loss, and count the samples of each part."""
        return f"output `{params['output']}`, loss `{params['loss']}`; {describe_split(params)}"

    def problems(self, params: Params) -> list[tuple[str, str]]:
        """Check the sizes of the split against the data, and that loss and output go together."""
        return problems(params)

    def measured(self, params: Params) -> tuple[str, ...]:
        """Name the metrics that the trial asks for; none where they follow from data that cannot be read."""
        return () if AUTO in params["metrics"] else params["metrics"]

    def fingerprint(self, params: Params) -> str:
        """Identify the data set."""
        return data_of(params).fingerprint

    def notes(self, params: Params) -> Sequence[str]:
        """Say how the file of the data is written, and whether its targets look like classes that they are not."""
        return () if isinstance(params["data"], str) else (*data_of(params).notes, *notes(params))

    def stack_key(self, params: Params) -> Hashable:
        """Agree in what `nn.train_stack` asks of a stack."""
        return _kind_of(params).stack_key

    def training_key(self, params: Params) -> Hashable:
        """Everything but the number of epochs."""
        return TRAINING_PARAMETERS(params)

    def capacity(self, params: Params) -> int:
        """Fill the working set; a small network's numbers are few, so thousands of trials share a call."""
        network, batch = network_of(params), _batch(params)
        numbers = network.size * batch if nn.fits_rows(network, batch) else network.size + sum(network.widths) * batch
        return max(1, WORKING_SET // (3 * 8 * numbers))

    def cost(self, readings: Sequence[Params]) -> float:
        """Add up the arithmetic, as measured on one core of a server of 2023."""
        return _last(readings) * _kind_of(readings[0]).seconds

    def overhead(self, readings: Sequence[Params]) -> float:
        """Add up the calls of every step, as measured there."""
        return _last(readings) * _kind_of(readings[0]).overhead

    def baseline(self, params: Params) -> Mapping[str, ConstantAnswer]:
        """Answer with the class that is most frequent among the training samples, or with their mean."""
        return baseline(params)

    def gradient_checks(self, trials: Sequence[Params]) -> Iterator[ModelCheck]:
        """Check every distinct model once."""
        return gradient_checks(trials)

    def details(self, params: Params, inputs: Sequence[Sequence[float]] = ()) -> Mapping[str, Any]:
        """Give the weights before and after, and what the network makes of its test samples and of other inputs."""
        return details(params, inputs)

    def trace(self, params: Params, every: int = 1) -> tuple[list[str], Any]:
        """Give every weight and bias over the steps of training."""
        size, samples = network_of(params).size, sizes_of(params)[0]
        numbers = size * params["epochs"] * ceil(samples / _batch(params)) // every
        if numbers > TRACED:
            least = ceil(numbers * every / TRACED)
            raise NnsweepError(f"a trace of {numbers:,} numbers is too long; allowed: {TRACED:,}, with --every {least}")
        return nn.trace(training_of(params), params["epochs"], method_of(params), every)

    def model(self, params: Params) -> Model:
        """Give the network, which standardises what it is asked where it learnt from standardised inputs."""
        return model(params)

    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        """Train neighbours that differ in their epochs alone as one, to the most of these, and read off every trial."""
        started = time.perf_counter()
        trainings = [list(run) for _, run in groupby(stack, self.training_key)]
        trained = _train(trainings)
        seconds = (time.perf_counter() - started) / len(stack)
        pairs = zip(trained, trainings, strict=True)
        return [outcome for each, readings in pairs for outcome in _outcomes(each, readings, seconds)]


def _last(readings: Sequence[Params]) -> int:
    """The epoch at which a training ends."""
    return max(params["epochs"] for params in readings)


def _batch(params: Params) -> int:
    return nn.batch_of(method_of(params), sizes_of(params)[0])


class _Kind(NamedTuple):
    """What trials of a kind share. An epoch takes `seconds` for one training, and `overhead` for its stack besides."""

    stack_key: Hashable
    seconds: float
    overhead: float


def _kind_of(params: Params) -> _Kind:
    return _kind(data_of(params).fingerprint, sizes_of(params), *KIND_PARAMETERS(params))


@lru_cache
def _kind(fingerprint: str, sizes: Sizes, *values: Any) -> _Kind:
    """The fingerprint is for the cache: a file of data may be another one by now."""
    params, train = dict(zip(KIND_NAMES, values, strict=True)), sizes.train
    network, method = network_of(params), method_of(params)
    batch = nn.batch_of(method, train)
    key = nn.stack_key(network, method, train), params["metrics"], params["measure_every"]
    steps, measured = ceil(train / batch), _measured_samples(params["metrics"], sizes) / params["measure_every"]
    if nn.fits_rows(network, batch):
        seconds, overhead = 15e-9 + 0.6e-9 * network.size, steps * (7e-6 + 0.5e-6 * network.size)
        return _Kind(key, (train + measured) * seconds, overhead)
    start = 2e-6 * steps  # `np.matmul` starts anew for each trial
    seconds = (train + measured) * (40e-9 + 0.4e-9 * network.size) + start
    return _Kind(key, seconds, 20e-6 * steps * len(network.widths))


def _measured_samples(metrics: Sequence[str], sizes: Sizes) -> int:
    """Count the samples that one measurement looks at, once for each metric."""
    of_part = {"": sizes.test, nn.TRAIN: sizes.train, nn.VALIDATION: sizes.validation}
    return sum(of_part[nn.part_of(name)] for name in metrics)


def _train(trainings: Sequence[Sequence[Params]]) -> list[nn.Trained]:
    """Train each training to the most epochs asked of it; those of as many epochs together."""
    made = dict(enumerate(trainings_of([readings[0] for readings in trainings])))
    last = [_last(readings) for readings in trainings]
    first = trainings[0][0]
    trained: dict[int, nn.Trained] = {}
    for epochs in set(last):
        places = [place for place, end in enumerate(last) if end == epochs]
        ends = {params["epochs"] for place in places for params in trainings[place]}
        measured = sorted({*_measured(epochs, first["measure_every"]), *ends})
        stack = [made[place] for place in places]
        found = nn.train_stack(stack, measured, method_of(first), first["metrics"], ends)
        trained |= zip(places, found, strict=True)
    return [trained[place] for place in made]


def _measured(epochs: int, every: int) -> list[int]:
    """List the epochs after which a trial is measured."""
    return [*range(every, epochs, every), epochs]


def _outcomes(trained: nn.Trained, readings: Sequence[Params], seconds: float) -> Iterator[Outcome]:
    """Read a training off for each of its trials; a history ends before the measurement that was not finite."""
    whole = {name: values.tolist() for name, values in trained.history.items()}
    signs = {name: values.tolist() for name, values in trained.signs.items()}
    rows = (dict(zip(signs, row, strict=True)) for row in zip(*signs.values(), strict=True))
    diagnoses, diverged_at = dict(zip(trained.signs_at, rows, strict=True)), trained.diverged_at
    for params in readings:
        epochs, every = params["epochs"], params["measure_every"]
        if every == 1:
            history = {name: values[:epochs] for name, values in whole.items()}
        else:
            measured = _measured(epochs, every)
            places = [bisect_left(trained.epochs, epoch) for epoch in measured]
            history = {name: [values[place] for place in places] for name, values in whole.items()}
            history["epoch"] = measured
        wild = diverged_at is not None and diverged_at <= epochs and _first_not_finite(trained, params)
        if wild:
            yield _diverged(history, _measured(epochs, every), wild, seconds)
        else:
            metrics = {name: history[name][-1] for name in params["metrics"] if name in history}
            yield Outcome("ok", metrics, history, seconds, diagnosis=diagnoses[epochs])


def _first_not_finite(trained: nn.Trained, params: Params) -> int | None:
    """Find the first of a trial's own measurements at which something was not finite, by its epoch."""
    finite = dict(zip(trained.epochs, trained.finite.tolist(), strict=True))
    return next((epoch for epoch in _measured(params["epochs"], params["measure_every"]) if not finite[epoch]), None)


def _diverged(history: Mapping[str, list[float]], measured: list[int], epoch: int, seconds: float) -> Outcome:
    """End the history before the measurement at which something was not finite."""
    history = {name: values[: measured.index(epoch)] for name, values in history.items()}
    return Outcome("diverged", {}, history, seconds, f"not finite after epoch {epoch}", {"nonfinite_epoch": epoch})
