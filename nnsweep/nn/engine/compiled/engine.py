"""The engine: blocks of trials in memory of their own, which a kernel trains, and `Rows` for all else."""

from __future__ import annotations

from collections.abc import Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nnsweep.computing import current
from nnsweep.defaults import COMPILED
from nnsweep.nn.batches import Indices, batch_of
from nnsweep.nn.engine.base import BatchResults, Cost, Engine, EngineState, Fit, Observer, Readings, neighbours
from nnsweep.nn.engine.compiled.kernels import Kernel, compiled
from nnsweep.nn.engine.compiled.measuring import Measurement, arranged, measurement_of
from nnsweep.nn.engine.compiled.source import SIGNATURE, place_of, source_of
from nnsweep.nn.engine.compiled.translate import translate
from nnsweep.nn.engine.compiled.wrong_shares import CompiledWrongShares
from nnsweep.nn.engine.rows import Rows
from nnsweep.nn.network import Array, Dataset, Layer, Method, Network, Training

CALL = 2**28
"""Operations of one call of a kernel, about a tenth of a second: Ctrl-C waits for its end."""
THREAD = 2**20
"""Operations that are worth a further thread."""
NO_ORDER = np.zeros((1, 1), np.int64)
NO_SAMPLES = np.zeros((0, 0, 0))
NO_READINGS = Readings(np.zeros(0, np.int64), np.zeros((0, 0, 0)), np.zeros((0, 0), np.bool_))


class Compiled(Engine):
    """Networks that `Rows` would train, bit for bit the same.

    Trainings of one width are a `Part`. Whoever asks for views of parameters, gradients or results gets those of
    `Rows`, which takes all steps from then on.
    """

    name = COMPILED
    counter = CompiledWrongShares

    def __init__(
        self,
        trainings: Sequence[Training],
        datasets: Sequence[Dataset],
        dataset_of: NDArray[np.intp],
        method: Method,
    ) -> None:
        self._datasets, self._method = datasets, method
        self._samples = len(datasets[0].train_inputs)
        self._batch = batch_of(method, self._samples)
        self._steps = -(-self._samples // self._batch)
        self._parts: list[Part] = []
        for span, same in neighbours(trainings, lambda training: training.network.widths):
            rows = Rows(same, datasets, dataset_of[span], method)
            if self._parts:
                rows.data = self._parts[0].rows.data
            self._parts.append(Part(span, rows, same[0].network))
        self._by_rows = False

    @classmethod
    def fits(cls, network: Network, batch: int) -> Fit:
        """Take what `Rows` takes."""
        return Rows.fits(network, batch)

    @classmethod
    def numbers(cls, network: Network, batch: int) -> int:
        """Count as `Rows` does."""
        return Rows.numbers(network, batch)

    @classmethod
    def cost(cls, network: Network, steps: int, samples: float) -> Cost:
        """Estimate an epoch: a step is no call, but what is measured after it is many."""
        return Cost(samples * (3e-9 + 0.1e-9 * network.size), 50e-6 + 1e-6 * network.size)

    @classmethod
    def shared_widths(cls, network: Network, method: Method, batch: int) -> tuple[int, ...]:
        """Let trainings share a stack that share one of `Rows`."""
        return Rows.shared_widths(network, method, batch)

    def measurements(self, metrics: Sequence[str]) -> list[tuple[Measurement | None, Method, int]]:
        """Describe the measurement of the networks of each width, None where kernels do not measure that."""
        found = [measurement_of(part.network, metrics, self._datasets) for part in self._parts]
        return [(each, self._method, self._batch) for each in found]

    def measure(self, measurements: Sequence[Measurement], datasets: Sequence[Dataset] = ()) -> None:
        """Measure so from now on, the networks of each width, on the engine's data sets or on others."""
        samples = arranged(measurements[0], datasets or self._datasets)
        for part, each in zip(self._parts, measurements, strict=True):
            part.measure(each, samples)

    def run_steps(
        self,
        order: Indices | None,
        observer: Observer | None = None,
        observed: Container[int] = (),
        epochs: int = 1,
        readings: Readings | None = None,
    ) -> None:
        """Take one step for each batch; see `Engine.run_steps`."""
        if self._by_rows:
            self._only.rows.run_steps(order, observer, observed, epochs, readings)
            return
        count = (self._steps if order is None else order.shape[1] // self._batch) * epochs
        done, readings = 0, readings or NO_READINGS
        for number in range(1, count + 1) if observer else ():
            if observer and number in observed:
                self._advance(order, done, number - 1, readings)
                observer(partial(self._advance, order, number - 1, number, readings))
                done = number
        self._advance(order, done, count, readings)

    def _advance(self, order: Indices | None, first: int, last: int, readings: Readings) -> None:
        """Take steps `first` to `last`, counted from 0; the last one of an epoch may have a short batch."""
        left, steps = self._samples % self._batch, self._steps
        ends = range(first // steps * steps + steps, last + 1, steps) if left else ()
        for end in ends:
            self._run(order, first, end - 1, readings)
            for part in self._parts:
                part.weigh_batch(left)
            self._run(order, end - 1, end, readings)
            for part in self._parts:
                part.weigh_batch(self._batch)
            first = end
        self._run(order, first, last, readings)

    def _run(self, order: Indices | None, first: int, last: int, readings: Readings) -> None:
        for part in self._parts:
            part.run(None if order is None else order[part.span], first, last, readings)

    def read(self, span: slice) -> list[Layer]:
        """Get networks of one shape, layer by layer."""
        part = next(each for each in self._parts if each.span.start <= span.start < each.span.stop)
        return part.up_to_date().read(slice(span.start - part.span.start, span.stop - part.span.start))

    @property
    def _only(self) -> Part:
        (part,) = self._parts
        return part

    def _views(self) -> Rows:
        """Give the only part's rows, which take all steps from now on."""
        if not self._by_rows:
            self._only.up_to_date()
            self._by_rows = True
        return self._only.rows

    def parameters(self) -> list[list[Array]]:
        """View what is learnt, (T, n) arrays, layer by layer."""
        return self._views().parameters()

    def gradients(self) -> list[list[Array]]:
        """View the gradients of the last step, (T, n) arrays, layer by layer."""
        return self._views().gradients()

    def parameters_changed(self) -> None:
        """Take note that views of the parameters were written to."""
        self._views().parameters_changed()

    def results(self) -> BatchResults:
        """View what the last layer made of the last batch."""
        return self._views().results()

    def copy_parameters(self) -> list[Array]:
        """Copy what is learnt, part by part."""
        return [part.copy_parameters(self._by_rows) for part in self._parts]

    def changed_since(self, before: Sequence[Array]) -> NDArray[np.bool_]:
        """Tell whose parameters are not those of a copy, (T,)."""
        pairs = zip(self._parts, before, strict=True)
        return np.concatenate([part.changed_since(copy, self._by_rows) for part, copy in pairs])

    def states(self) -> list[EngineState]:
        """Copy what each training needs in order to go on, as `Rows` does: either engine goes on from it."""
        return [state for part in self._parts for state in part.up_to_date().states()]

    def restore(self, states: Sequence[EngineState]) -> None:
        """Put every training where `states` left it."""
        for part in self._parts:
            part.rows.restore(states[part.span])
            part.load()


class Part:
    """Trainings of one width: their rows, and blocks of lanes with what a step loads of these."""

    def __init__(self, span: slice, rows: Rows, network: Network) -> None:
        self.span, self.rows, self.network = span, rows, network
        self._trials = span.stop - span.start
        self._step = step = translate(*rows.numbered_step(), self._trials)
        self._parameters = [row for layer in rows.layers for p, _ in layer.params_and_grads() for row in p]
        self._learnt = [place_of(row, step) for row in self._parameters]
        self._names, self._loaded = list(step.loaded), list(step.loaded.values())
        self._constant = [place for place, name in enumerate(self._names) if name not in step.stored]
        self._stored = [place for place, name in enumerate(self._names) if name in step.stored]
        self.measure(None, NO_SAMPLES)
        lanes, self._operations = self._source.lanes, len(step.lines)
        self._blocks = -(-self._trials // lanes)
        self._memory = np.zeros((self._blocks, len(self._loaded), lanes))
        self._trial_of = np.zeros(self._blocks * lanes, np.int64)
        self._trial_of[: self._trials] = np.arange(self._trials)
        self._dataset_of = rows.dataset_of.astype(np.int64)[self._trial_of]
        self._newer = False
        self.load()

    def measure(self, measurement: Measurement | None, samples: Array) -> None:
        """Measure so from now on, on samples (datasets, rows, N); None measures nothing."""
        numbers, batch = self.rows.data.shape[1:3]
        self._source = source_of(self._step, numbers, batch, measurement, self._parameters)
        self._samples = samples
        self._measured_operations = self._source.measured * samples.shape[2]

    @cached_property
    def _kernel(self) -> Kernel:
        return compiled(self._source.text, "train", SIGNATURE, self._source.steps)

    def load(self) -> None:
        """Take all from the rows."""
        self._load(range(len(self._loaded)))
        self._newer = False

    def _load(self, places: Sequence[int]) -> None:
        lanes = np.zeros(self._trial_of.size)
        for place in places:
            lanes[: self._trials] = self._loaded[place]
            self._memory[:, place] = lanes.reshape(self._blocks, -1)

    def up_to_date(self) -> Rows:
        """Give the rows, with what the kernel made of them."""
        if self._newer:
            for place in self._stored:
                self._loaded[place][:] = self._memory[:, place].reshape(-1)[: self._trials]
            self.rows.parameters_changed()
            self._newer = False
        return self.rows

    def copy_parameters(self, by_rows: bool) -> Array:
        """Copy what is learnt, (blocks, parameters, lanes); `by_rows` says that the rows have it."""
        if by_rows:
            self.load()
        return self._memory[:, self._learnt]

    def changed_since(self, before: Array, by_rows: bool) -> NDArray[np.bool_]:
        """Tell whose parameters are not those of a copy, (T,)."""
        return (self.copy_parameters(by_rows) != before).any(axis=1).reshape(-1)[: self._trials]

    def weigh_batch(self, samples: int) -> None:
        """Set what the deltas of a batch of so many samples are multiplied by."""
        self.rows.weigh_batch(samples)
        self._load(self._constant)

    def run(self, order: Indices | None, first: int, last: int, readings: Readings = NO_READINGS) -> None:
        """Take steps `first` to `last` of an epoch, in the order of the data or in each trial's own, (T, n)."""
        drawn = NO_ORDER if order is None else np.ascontiguousarray(order, np.int64)
        arguments = self._memory.reshape(-1), self.rows.data, self._dataset_of, self._trial_of, drawn, order is not None
        values, finite = readings.values[self.span], readings.finite[self.span]
        marks = np.searchsorted(readings.steps, (first, last), "right")
        measured = self._measured_operations * (marks[1] - marks[0]) / max(1, last - first)
        operations = int(self._operations + measured) * self._trials
        most = max(1, CALL // operations)
        for start in range(first, last, most):
            current().check()
            self._newer = True
            stop = min(start + most, last)
            low, high = np.searchsorted(readings.steps, (start, stop), "right")
            read = self._samples, readings.steps[low:high], values, finite, readings.column + low
            threads = min(current().threads, self._blocks, 1 + (stop - start) * operations // THREAD)
            ends = [self._blocks * k // threads for k in range(threads + 1)]
            if threads == 1:
                self._kernel(*arguments, *read, 0, self._blocks, start, stop)
                continue
            kernel = self._kernel
            runs = [_pool(threads).submit(kernel, *arguments, *read, *blocks, start, stop) for blocks in pairwise(ends)]
            for each in runs:
                each.result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, "kernel")
