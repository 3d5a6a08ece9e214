"""What engines share that write a step down as NumPy calls; they differ in how arrays lie in memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.batches import REDUCTIONS, Indices, batch_of, sample_weights
from nnsweep.nn.engine.base import BatchResults, Engine, EngineState, Observer, Readings, neighbours
from nnsweep.nn.engine.direct import Ready, direct
from nnsweep.nn.engine.program import Call, assert_loans, execute
from nnsweep.nn.engine.step import StackLayer, training_step
from nnsweep.nn.network import Array, Dataset, Layer, Method, Training
from nnsweep.nn.optimizers import OPTIMIZERS

Copies = Sequence[Sequence[Array]]

BUFFER = 1024
"""Numbers in NumPy's buffer while it takes steps. It copies what it repeats, such as a number for each trial, into the
buffer, which takes longer than the operation itself, unless the buffer is too short for more than one repetition."""


@contextmanager
def short_buffer() -> Iterator[None]:
    """Give NumPy a buffer of BUFFER numbers, in place of 8,192."""
    before = np.setbufsize(BUFFER)
    try:
        yield
    finally:
        np.setbufsize(before)


class CallsEngine(Engine):
    """An engine whose step is a list of NumPy calls.

    `per_trial` is the shape in which one number per trial broadcasts against parameters. `factors` and `weights` are
    what each sample's delta is multiplied by; `weights` is None if all samples count alike. `calls` are those of a
    step by their functions' names, `ready` those that are made.
    """

    layers: Sequence[StackLayer]
    targets: Array
    factors: Array
    weights: Array | None
    per_trial: tuple[int, ...]
    calls: Sequence[Call]
    ready: Sequence[Ready]

    def __init__(
        self,
        trainings: Sequence[Training],
        datasets: Sequence[Dataset],
        dataset_of: NDArray[np.intp],
        method: Method,
    ) -> None:
        self._trainings, self._method = trainings, method
        self._samples = len(datasets[0].train_inputs)
        self._batch = batch_of(method, self._samples)
        self._steps = -(-self._samples // self._batch)  # of an epoch
        self._rates = np.array([training.learning_rate for training in trainings])
        self._optimizer = OPTIMIZERS[method.optimizer]
        self._allocate(trainings, datasets, dataset_of, sample_weights(method, datasets))
        self._hyperparameters = self._columns()
        self._kept: list[tuple[StackLayer, Array]] = [(each, a) for each in self.layers for a in each.kept]
        self.calls = training_step(self, trainings[0].network, method, self._descend)
        assert_loans(self.calls, [loan for layer in self.layers for loan in layer.loans])
        self.ready = direct(self.calls)
        self._load()
        self.weigh_batch(self._batch)

    @abstractmethod
    def _allocate(
        self,
        trainings: Sequence[Training],
        datasets: Sequence[Dataset],
        dataset_of: NDArray[np.intp],
        weights: Sequence[Array] | None,
    ) -> None:
        """Lay out the layers and the data; `weights` are those of each data set's samples."""

    @abstractmethod
    def set_sample_weights(self, factors: Array, samples: int) -> None:
        """Multiply each delta by its trial's factor (T,), and those after the first `samples` of the batch by 0."""

    @abstractmethod
    def batches(self, order: Indices | None, epochs: int) -> Iterator[Sequence[Ready]]:
        """Put one batch of every trial in place after the other, and give the calls of its step; see `run_steps`."""

    def shown(self, calls: Sequence[Ready]) -> Sequence[Ready]:
        """Put the batch of a step's calls where `results` views it, and give the calls of a step from there."""
        return calls

    @abstractmethod
    def by_trial(self, parameters: Array) -> Array:
        """View one of the layers' parameters as (T, n), where all networks have one shape."""

    @abstractmethod
    def of_samples(self, outputs: Array) -> Array:
        """View the last layer's outputs, or the targets, as (T, B, O)."""

    def _columns(self) -> dict[str, Array]:
        """Give the keywords of the optimiser's rule, each with one number per trial, shaped to broadcast."""
        wanted = self._optimizer.hyperparameters
        values = {
            name: [float(training.hyperparameters.get(name, each.default)) for training in self._trainings]
            for name, each in wanted.items()
        }
        columns = {name: np.array(column) for name, column in values.items()}
        if not self._optimizer.linear:
            columns["learning_rate"] = self._rates
        return {name: column.reshape(self.per_trial) for name, column in columns.items()}

    def _descend(self, layer: StackLayer, parameters: Array, gradient: Array) -> list[Call]:
        def keep(array: Array) -> Array:
            self._kept.append((layer, array))
            return array

        return self._optimizer.rule(parameters, gradient, keep, **self._hyperparameters)

    def _load(self) -> None:
        for span, same in neighbours(self._trainings, lambda training: training.network.widths):
            for layer, pairs in zip(self.layers, zip(*(t.parameters for t in same), strict=True), strict=True):
                layer.load(span, (np.array([w for w, _ in pairs]), np.array([b for _, b in pairs])))
        self.parameters_changed()

    @short_buffer()
    def run_steps(
        self,
        order: Indices | None,
        observer: Observer | None = None,
        observed: Container[int] = (),
        epochs: int = 1,
        readings: Readings | None = None,
    ) -> None:
        """Take one step for each batch; see `Engine.run_steps`."""
        assert readings is None, "only engines that measure take readings"
        steps, left = self._steps, self._samples % self._batch
        calls: Sequence[Ready] = ()
        for number, calls in enumerate(self.batches(order, epochs), start=1):
            last = left and number % steps == 0
            if last:
                self.weigh_batch(left)
            if observer is not None and number in observed:
                observer(partial(execute, self.shown(calls)))
            else:
                execute(calls)
            if last:
                self.weigh_batch(self._batch)
        self.shown(calls)

    def weigh_batch(self, samples: int) -> None:
        """Set what the deltas of a batch of so many samples are multiplied by."""
        share = REDUCTIONS[self._method.reduction](samples, self._trainings[0].network.widths[0])
        self.set_sample_weights(
            self._rates * share if self._optimizer.linear else np.full_like(self._rates, share), samples
        )

    def read(self, span: slice) -> list[Layer]:
        """Get networks of one shape, layer by layer."""
        shapes = self._trainings[span.start].network.shapes
        return [layer.read(span, shape) for layer, shape in zip(self.layers, shapes, strict=True)]

    def parameters(self) -> list[list[Array]]:
        """View what is learnt, (T, n) arrays, layer by layer."""
        return [[self.by_trial(p) for p, _ in layer.params_and_grads()] for layer in self.layers]

    def gradients(self) -> list[list[Array]]:
        """View the gradients of the last step, (T, n) arrays, layer by layer."""
        return [[self.by_trial(g) for _, g in layer.params_and_grads()] for layer in self.layers]

    def parameters_changed(self) -> None:
        """Bring the copies of the parameters up to date, where a layout has some."""
        for layer in self.layers:
            execute(layer.sync_params())

    def copy_parameters(self) -> Copies:
        """Copy what is learnt, layer by layer."""
        return [[parameters.copy() for parameters, _ in layer.params_and_grads()] for layer in self.layers]

    def changed_since(self, before: Copies) -> NDArray[np.bool_]:
        """Tell whose parameters are not those of a copy, (T,)."""
        changed = np.zeros(len(self._trainings), dtype=bool)
        for layer, copies in zip(self.layers, before, strict=True):
            changed |= layer.changed(copies)
        return changed

    def results(self) -> BatchResults:
        """View what the last layer made of the last batch."""
        top = self.layers[-1]
        z, y, t = (self.of_samples(array) for array in (top.z, top.a, self.targets))
        return BatchResults(z, y, t, None if self.weights is None else self.of_samples(self.weights))

    def states(self) -> list[EngineState]:
        """Copy each training's parameters, the arrays that its steps keep, and its random generators."""
        arrays = [(layer, p) for layer in self.layers for p, _ in layer.params_and_grads()]
        parts = [layer.split(array) for layer, array in (*arrays, *self._kept)]
        generators = [layer.generators() for layer in self.layers]
        return [
            {
                "arrays": [of_trials[k] for of_trials in parts],
                "generators": [each[k].bit_generator.state for each in generators if each],
            }
            for k in range(len(self._trainings))
        ]

    def restore(self, states: Sequence[EngineState]) -> None:
        """Put every training where `states` left it."""
        arrays = [(layer, p) for layer in self.layers for p, _ in layer.params_and_grads()]
        for place, (layer, array) in enumerate((*arrays, *self._kept)):
            layer.join(array, [state["arrays"][place] for state in states])
        drawing = [each for each in (layer.generators() for layer in self.layers) if each]
        for place, generators in enumerate(drawing):
            for generator, state in zip(generators, states, strict=True):
                generator.bit_generator.state = state["generators"][place]
        self.parameters_changed()
