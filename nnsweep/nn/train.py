"""Train a stack of networks by gradient descent: one logic, whatever the memory layout."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.batches import REDUCTIONS, batch_of, orders
from nnsweep.nn.diagnostics import OBSERVED_EVERY, Changes, Screen, Single, screened, target_ranges
from nnsweep.nn.engine.choose import Stack, lay_out
from nnsweep.nn.engine.step import hyperparameters, training_step
from nnsweep.nn.evaluate import defined, evaluator
from nnsweep.nn.network import Array, Dataset, Layer, Method, Trained, Training
from nnsweep.nn.optimizers import OPTIMIZERS


def train(
    training: Training, epochs: int | Sequence[int], method: Method | None = None, metrics: Sequence[str] = ("error",)
) -> Trained:
    """Train one network from given initial parameters, on given samples in a given order; see `train_stack`.

    >>> from nnsweep.nn import Dataset, Network, Training
    >>> inputs, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> data = Dataset.split(inputs, targets, order=[3, 0, 1, 2, 0, 1, 2, 3], n_train=4)
    >>> weights, biases = np.zeros((1, 2)), np.zeros(1)
    >>> trained = train(Training(Network((2, 1)), ((weights, biases),), data, learning_rate=0.5), epochs=4)
    >>> trained.history["error"].tolist()
    [0.25, 0.25, 0.25, 0.0]
    """
    return train_stack([training], epochs, method, metrics)[0]


@np.errstate(all="ignore")  # what overflows is found by its parameters, after the epoch
def train_stack(
    trainings: Sequence[Training],
    epochs: int | Sequence[int],
    method: Method | None = None,
    metrics: Sequence[str] = ("error",),
    signs_at: Collection[int] = (),
) -> list[Trained]:
    """Train networks of one `stack_key` together. Each result is, bit for bit, what the training gives alone.

    `epochs` is how many, with a measurement after each, or rising numbers of epochs: a measurement after each of
    these, the last of which ends the training. `metrics` are names from METRICS, with `train_` before them for those
    of the training samples. `signs_at` are those of the measured epochs at which SIGNS are looked for.
    """
    run = Run(trainings, method or Method(), metrics, signs_at)
    return run.train(range(1, epochs + 1) if isinstance(epochs, int) else epochs)


class Run:
    """The training of a stack."""

    def __init__(
        self,
        trainings: Sequence[Training],
        method: Method,
        metrics: Sequence[str],
        signs_at: Collection[int] = (),
    ) -> None:
        datasets = list({id(training.dataset): training.dataset for training in trainings}.values())
        places = {id(data): place for place, data in enumerate(datasets)}

        def position(k: int) -> tuple[int, ...]:
            """Sort by falling width, then by data set, so that those measured together are neighbours."""
            return *(-width for width in trainings[k].network.widths), places[id(trainings[k].dataset)]

        self._order = sorted(range(len(trainings)), key=position)
        self._trainings, self._method = [trainings[k] for k in self._order], method
        self._samples = len(datasets[0].train_inputs)
        self._batch = batch_of(method, self._samples)
        dataset_of = np.array([places[id(training.dataset)] for training in self._trainings])
        self.stack = lay_out(self._trainings, datasets, dataset_of, method)
        self._rates = np.array([training.learning_rate for training in self._trainings])
        network = self._trainings[0].network
        self._calls = training_step(self.stack, network, method, hyperparameters(self.stack, self._trainings))
        self._inputs = network.widths[0]
        runs = _runs(self._trainings, lambda training: training.network.widths)
        self._groups = [_Group(self.stack, span, same, metrics) for span, same in runs]
        self._signs_at = frozenset(signs_at)
        if signs_at:
            seen, ranges = screened(network, datasets), target_ranges(datasets)
            for group in self._groups:
                group.look_at(seen[dataset_of[group.span]], ranges[dataset_of[group.span]])
        self._changes, self._done = Changes(self.stack, len(self._trainings)), 0

    def after_each_step(self, call: Callable[[], object]) -> None:
        """Have something done after each step."""
        self._calls.append((call, ()))

    def train(self, measured: Sequence[int]) -> list[Trained]:
        """Train to the last epoch of `measured`, and give what came of each training, in the order given."""
        steps = -(-self._samples // self._batch)
        order = orders(self._method, self._trainings, steps * self._batch)
        self._weigh(self._batch)
        wanted = frozenset(measured)
        for epoch in range(1, max(measured, default=0) + 1):
            self._epoch(self.stack.steps(next(order)), steps)
            if epoch in wanted:
                changed = self._changes.shares() if epoch in self._signs_at else None
                for group in self._groups:
                    group.measure(changed)
        signs_at = tuple(epoch for epoch in measured if epoch in self._signs_at)
        trained = [trained for group in self._groups for trained in group.results(tuple(measured), signs_at)]
        return [result for _, result in sorted(zip(self._order, trained, strict=True), key=lambda pair: pair[0])]

    def _epoch(self, steps: Iterator[None], count: int) -> None:
        left = self._samples - (count - 1) * self._batch
        observed = range(1 + -self._done % OBSERVED_EVERY, count + 1, OBSERVED_EVERY) if self._signs_at else ()
        for step, _ in enumerate(steps, start=1):
            if step == count and left < self._batch:
                self._weigh(left)
            if step in observed:
                self._changes.observe(self._step)
            else:
                self._step()
        self._done += count
        if left < self._batch:
            self._weigh(self._batch)

    def _step(self) -> None:
        for function, operands in self._calls:
            function(*operands)

    def _weigh(self, samples: int) -> None:
        """Say by what the deltas of a batch of so many samples are multiplied."""
        share = REDUCTIONS[self._method.reduction](samples, self._inputs)
        linear = OPTIMIZERS[self._method.optimizer].linear
        self.stack.weigh(self._rates * share if linear else np.full_like(self._rates, share), samples)


def _runs(trainings: Sequence[Training], key: Callable[[Training], Hashable]) -> Iterator[tuple[slice, list[Training]]]:
    """Split ordered trainings into neighbours of equal key, and say where these stand."""
    start = 0
    for _, run in groupby(trainings, key):
        members = list(run)
        yield slice(start, start + len(members)), members
        start += len(members)


class _Group:
    """Neighbouring trials of a stack whose networks have one shape: set, measured and read together."""

    def __init__(self, stack: Stack, span: slice, trainings: Sequence[Training], metrics: Sequence[str]) -> None:
        self._stack, self.span = stack, span
        self.network, self._metrics = trainings[0].network, tuple(metrics)
        self._values: list[Array] = []
        runs = _runs(trainings, lambda training: id(training.dataset))
        spans = [(within, same[0].dataset) for within, same in runs]
        self._measure = evaluator(self.network, spans, metrics)
        lengths = [within.stop - within.start for within, _ in spans]
        self._defined = np.repeat(defined(spans, metrics), lengths, axis=1)  # (M, G)
        self._finite: list[NDArray[np.bool_]] = []
        self._units = _units([training.dataset for training in trainings], self.network.widths[-1])
        self._signs: dict[str, list[Array]] = {}
        self._count = len(trainings)
        for layer, same in zip(stack.layers, zip(*(t.parameters for t in trainings), strict=True), strict=True):
            layer.load(self.span, (np.array([w for w, _ in same]), np.array([b for _, b in same])))

    def look_at(self, samples: Single, ranges: Single) -> None:
        """Say at which samples (G, I, N) signs are looked for, and what the ranges of the targets are (G, O)."""
        self._screen = Screen(self.network, samples, ranges)

    def measure(self, changed: Array | None) -> None:
        """Record the metrics (M, G) after one more epoch, NaN for networks that are no longer finite.

        And the signs, if that is asked for by telling which steps `changed` something: their shares, (T,).
        """
        parameters = self._read()
        values = self._measure(parameters)
        finite = (np.isfinite(values) | ~self._defined).all(axis=0)
        for array in (array for layer in parameters for array in layer):
            finite &= np.isfinite(array).reshape(len(array), -1).all(axis=1)
        self._values.append(np.where(finite, values, np.nan))
        self._finite.append(np.asarray(finite))
        if changed is not None:
            for name, found in {**self._screen(parameters), "changed": changed[self.span]}.items():
                self._signs.setdefault(name, []).append(found)

    def results(self, measured: tuple[int, ...], signs_at: tuple[int, ...]) -> Iterator[Trained]:
        """Give what came of each training, in the order of the stack."""
        parameters = self._read()
        values = np.array(self._values).reshape(len(measured), len(self._metrics), self._count)
        finite = np.array(self._finite, dtype=bool).reshape(len(measured), self._count)
        looks = {name: np.array(each, dtype=np.float64) for name, each in self._signs.items()}
        for g in range(self._count):
            history = {name: values[:, m, g].copy() for m, name in enumerate(self._metrics) if self._defined[m, g]}
            signs = {name: each[:, g] for name, each in looks.items()}
            layers = tuple((w[g], b[g]) for w, b in parameters)
            yield Trained(measured, history, finite[:, g], layers, signs_at, signs)

    def _read(self) -> list[Layer]:
        """Give the parameters, those of the last layer so that outputs have the units of the targets as they are."""
        pairs = zip(self._stack.layers, self.network.shapes, strict=True)
        *layers, last = [layer.read(self.span, shape) for layer, shape in pairs]
        return [*layers, last if self._units is None else in_units(last, *self._units)]


def _units(datasets: Sequence[Dataset], outputs: int) -> tuple[Array, Array] | None:
    """Give the means and deviations of each training's targets, (G, O) each; None if all are learnt as they are."""
    if all(data.units is None for data in datasets):
        return None
    as_they_are = np.zeros(outputs), np.ones(outputs)
    means, deviations = zip(*(data.units or as_they_are for data in datasets), strict=True)
    return np.array(means), np.array(deviations)


def in_units(layer: Layer, mean: Array, deviation: Array) -> Layer:
    """Turn the outputs of a last layer without an activation, W a + b, into deviation · (W a + b) + mean.

    Weights are (…, O, I), biases, means and deviations (…, O).
    """
    weights, biases = layer
    return weights * deviation[..., None], biases * deviation + mean
