"""Train a stack of networks by gradient descent, on whichever engine fits them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import numpy as np

from nnsweep.computing import current, in_threads
from nnsweep.defaults import COMPILED, NUMPY
from nnsweep.nn.batches import Orders, batch_of
from nnsweep.nn.diagnostics import Changes, screened, target_ranges
from nnsweep.nn.engine.base import Observer, Readings, neighbours
from nnsweep.nn.engine.choose import measures, stack_engine
from nnsweep.nn.engine.rows import Rows
from nnsweep.nn.group import Group
from nnsweep.nn.network import Method, Trained, Training, TrainingState

Each = TypeVar("Each")

PARTS, LEAST = 4, 256
"""Parts of a stack for each thread, and how many trainings each of them has at least."""


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


def train_stack(
    trainings: Sequence[Training],
    epochs: int | Sequence[int],
    method: Method | None = None,
    metrics: Sequence[str] = ("error",),
    diagnosed_at: Collection[int] = (),
) -> list[Trained]:
    """Train networks of one `stack_key` together. Each result is, bit for bit, what the training gives alone.

    `epochs` is how many, with a measurement after each, or rising numbers of epochs: a measurement after each of
    these, the last of which ends the training. `metrics` are names from METRICS, with `train_` before them for those
    of the training samples. `diagnosed_at` are those of the measured epochs at which DIAGNOSTICS are taken.
    """
    measured = range(1, epochs + 1) if isinstance(epochs, int) else epochs

    def train_part(part: Sequence[Training]) -> list[Trained]:
        stack = StackTraining(part, method, metrics, diagnose=bool(diagnosed_at))
        stack.train(measured, diagnosed_at)
        return stack.trained()

    parts = _parts(trainings, method, metrics)
    return (
        train_part(trainings) if len(parts) == 1 else [each for part in in_threads(train_part, parts) for each in part]
    )


def _parts(
    trainings: Sequence[Training], method: Method | None, metrics: Sequence[str]
) -> Sequence[Sequence[Training]]:
    """Split a stack for threads, if kernels do all of it: Python gets one part ready while another is computed."""
    threads, size = current().threads, len(trainings)
    count = min(PARTS * threads, size // LEAST)
    if current().engine != COMPILED or threads == 1 or count < 2:
        return [trainings]
    if not StackTraining(trainings[:1], method, metrics).engine_measures:
        return [trainings]
    return [trainings[size * k // count : size * (k + 1) // count] for k in range(count)]


class StackTraining:
    """The training of a stack, which can stop after any epoch and go on, also in another stack and another process.

    `states` are those of trainings that stopped, from `states()`; the trainings are then those that began them. What
    comes of it has the same bits as that of a training that never stopped.
    """

    @np.errstate(all="ignore")
    def __init__(
        self,
        trainings: Sequence[Training],
        method: Method | None = None,
        metrics: Sequence[str] = ("error",),
        diagnose: bool = False,
        states: Sequence[TrainingState] = (),
    ) -> None:
        datasets = list({id(training.dataset): training.dataset for training in trainings}.values())
        places = {id(data): place for place, data in enumerate(datasets)}

        # By falling width, then by data set, so that those measured together are neighbours.
        kinds = [(training.network.widths, id(training.dataset)) for training in trainings]
        positions = {kind: (*(-width for width in kind[0]), places[kind[1]]) for kind in set(kinds)}
        self._place = sorted(range(len(trainings)), key=[positions[kind] for kind in kinds].__getitem__)
        ordered, method = [trainings[k] for k in self._place], method or Method()
        network, samples = ordered[0].network, len(datasets[0].train_inputs)
        batch = batch_of(method, samples)
        self.steps = -(-samples // batch)
        dataset_of = np.array([places[id(training.dataset)] for training in ordered])
        widths = list(neighbours(ordered, lambda training: training.network.widths))
        engines = {stack_engine(same[0].network, method, samples, metrics, datasets) for _, same in widths}
        engine = engines.pop() if len(engines) == 1 else Rows  # compiled code is not used for some of the widths
        self.engine = engine(ordered, datasets, dataset_of, method)
        self._metrics, self.engine_measures = metrics, measures(self.engine, metrics)
        self._orders = Orders(method, ordered, self.steps * batch)
        self._groups = [Group(self.engine, span, same, metrics, not self.engine_measures) for span, same in widths]
        self._changes = Changes(self.engine, len(ordered)) if diagnose else None
        if diagnose:
            seen, ranges = screened(network, datasets), target_ranges(datasets)
            for group in self._groups:
                group.screen(seen[dataset_of[group.span]], ranges[dataset_of[group.span]])
        self._epochs, self._measured, self._diagnosed_at = 0, (), ()
        if states:
            self._restore([states[k] for k in self._place])

    @np.errstate(all="ignore")  # what overflows is found by its parameters, after the epoch
    def train(self, measured: Sequence[int], diagnosed_at: Collection[int] = ()) -> None:
        """Train to the last epoch of `measured`, and measure after each of these."""
        epochs = [epoch for epoch in measured if epoch > self._epochs]
        diagnosed = [epoch for epoch in epochs if epoch in diagnosed_at]
        if self.engine_measures:
            self._train_measured(epochs, diagnosed)
        else:
            for epoch in epochs:
                self._take_epochs(epoch)
                for group in self._groups:
                    group.measure()
                if epoch in diagnosed:
                    self._diagnose()
        self._measured, self._diagnosed_at = (*self._measured, *epochs), (*self._diagnosed_at, *diagnosed)

    def _train_measured(self, epochs: Sequence[int], diagnosed: Sequence[int]) -> None:
        """Have the engine measure after each of these epochs; one call takes all epochs up to a diagnosis."""
        trials = len(self._place)
        values, finite = np.empty((trials, len(self._metrics), len(epochs))), np.empty((trials, len(epochs)), np.bool_)
        readings = Readings(np.array(epochs, np.int64) * self.steps, values, finite)
        for epoch in sorted({*diagnosed, *epochs[-1:]}):
            self._take_epochs(epoch, readings)
            if epoch in diagnosed:
                self._diagnose()
        for group in self._groups:
            group.record(values[group.span], finite[group.span])

    def _diagnose(self) -> None:
        if self._changes is not None:
            changed = self._changes.shares()
            for group in self._groups:
                group.diagnose(changed)

    def _take_epochs(self, last: int, readings: Readings | None = None) -> None:
        """Take the steps up to an epoch; epochs in the order of the data are all alike.

        The steps of `readings` are counted from the first epoch on.
        """
        by, count = COMPILED if self.engine.name == COMPILED else NUMPY, last - self._epochs
        current().count(by, count * self.steps * len(self._place))
        at_once = 1 if self._orders.generators else count
        for done in range(self._epochs, last, at_once):
            order = self._orders.next_epoch()
            after = None if readings is None else readings.after(done * self.steps)
            if self._changes is None:
                self.engine.run_steps(order, epochs=at_once, readings=after)
            else:
                observed = self._changes.steps_to_observe(at_once * self.steps)
                self.engine.run_steps(order, self._changes.observe, observed, at_once, after)
        self._epochs = last

    @np.errstate(all="ignore")
    def run_observed(self, epochs: int, observer: Observer) -> None:
        """Train without measuring; every step is handed to the observer, which must take it."""
        for _ in range(epochs):
            self.engine.run_steps(self._orders.next_epoch(), observer, range(1, self.steps + 1))

    @np.errstate(all="ignore")
    def trained(self) -> list[Trained]:
        """Give what came of each training so far, in the order given."""
        found = [each for group in self._groups for each in group.trained(self._measured, self._diagnosed_at)]
        return self._as_given(found)

    def states(self) -> list[TrainingState]:
        """Copy what each training needs in order to go on, in the order given."""
        engines = self.engine.states()
        orders = [each.bit_generator.state for each in self._orders.generators] or [None] * len(engines)
        counts = np.zeros(len(engines)) if self._changes is None else self._changes.counts
        observed = 0 if self._changes is None else self._changes.observed
        measurements = [each for group in self._groups for each in group.measurements()]
        found = [
            TrainingState(
                *(self._epochs, engine, order),
                *(self._measured, values, finite),
                *(self._diagnosed_at, diagnostics),
                *(observed, float(count)),
            )
            for engine, order, (values, finite, diagnostics), count in zip(
                engines, orders, measurements, counts, strict=True
            )
        ]
        return self._as_given(found)

    def _restore(self, states: Sequence[TrainingState]) -> None:
        """Put every training where it stopped; all stopped after the same epochs, and were measured at the same."""
        first = states[0]
        self._epochs, self._measured, self._diagnosed_at = first.epochs, first.measured, first.diagnosed_at
        self.engine.restore([state.engine for state in states])
        for generator, state in zip(self._orders.generators, states, strict=False):
            assert state.order is not None, "it was saved by a method that draws the order too"
            generator.bit_generator.state = state.order
        for group in self._groups:
            group.restore(states[group.span])
        if self._changes is not None:
            counts = np.array([state.changed for state in states])
            self._changes.restore(counts, first.observed, first.epochs * self.steps)

    def _as_given(self, found: Sequence[Each]) -> list[Each]:
        given = list(found)
        for place, each in zip(self._place, found, strict=True):
            given[place] = each
        return given
