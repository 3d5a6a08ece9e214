"""What an engine is: it holds the networks of one stack, and computes the steps by which they learn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Hashable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.batches import Indices
from nnsweep.nn.network import Array, Dataset, Layer, Method, Network, Training
from nnsweep.nn.wrong_shares import WrongShares

Observer = Callable[[Callable[[], None]], object]
"""Called in place of a step. It gets the step, and must take it once."""

EngineState = Mapping[str, Any]
"""What one training needs in order to go on: arrays and the states of random generators, by name."""


class Fit(NamedTuple):
    """Whether a network fits an engine, and why."""

    fits: bool
    why: str


class Cost(NamedTuple):
    """Seconds on one core of a server of 2023: those that one training adds to a stack, and those of the stack."""

    training: float
    stack: float


class BatchResults(NamedTuple):
    """What the last layer made of the last batch: arrays (T, B, O), and weights (T, B, 1) or None."""

    preactivations: Array
    outputs: Array
    targets: Array
    weights: Array | None


class Readings(NamedTuple):
    """Where an engine that also measures puts what it finds: values (T, M, E), and whether all was finite (T, E).

    `steps` counts through a call of `run_steps`, rising; what is found after the first of them goes to `column` of E,
    and so on. Values are NaN where a metric or a parameter is not finite.
    """

    steps: NDArray[np.int64]
    values: Array
    finite: NDArray[np.bool_]
    column: int = 0

    def after(self, steps: int) -> Readings:
        """Give what is left after so many steps, counted from there."""
        past = int(np.searchsorted(self.steps, steps, "right"))
        return self._replace(steps=self.steps[past:] - steps, column=self.column + past)


class Engine(ABC):
    """T networks of one `stack_key` that learn together, ordered by falling width.

    A training's numbers depend neither on the other networks of its engine nor on their count, bit for bit. Two
    engines agree on a step up to rounding.
    """

    name: ClassVar[str]
    counter: ClassVar[type[WrongShares]] = WrongShares
    """What counts errors of its networks."""
    working_set: ClassVar[int] = 2**20
    """Bytes of parameters, gradients and activations in one stack: about the cache of a core."""

    @abstractmethod
    def __init__(
        self,
        trainings: Sequence[Training],
        datasets: Sequence[Dataset],
        dataset_of: NDArray[np.intp],
        method: Method,
    ) -> None:
        """Hold trainings with their initial parameters; training k learns from `datasets[dataset_of[k]]`."""

    @classmethod
    @abstractmethod
    def fits(cls, network: Network, batch: int) -> Fit:
        """Say whether networks like this should train here, in batches of this size."""

    @classmethod
    @abstractmethod
    def numbers(cls, network: Network, batch: int) -> int:
        """Count the numbers of one training that every step touches; a gradient counts as its parameter."""

    @classmethod
    def capacity(cls, network: Network, batch: int) -> int:
        """Count the trainings that a stack should have at most."""
        return max(1, cls.working_set // (3 * 8 * cls.numbers(network, batch)))

    @classmethod
    @abstractmethod
    def cost(cls, network: Network, steps: int, samples: float) -> Cost:
        """Estimate an epoch of so many steps, in which `samples` pass through the network, to learn or to measure."""

    @classmethod
    def shared_widths(cls, network: Network, method: Method, batch: int) -> tuple[int, ...]:
        """Give the widths that networks must share to train together, 0 where any width will do."""
        return network.widths

    @abstractmethod
    def run_steps(
        self,
        order: Indices | None,
        observer: Observer | None = None,
        observed: Container[int] = (),
        epochs: int = 1,
        readings: Readings | None = None,
    ) -> None:
        """Take one step for each batch of samples, so many times over.

        `order` holds the indices of samples for each training, (T, n), where n is a multiple of the batch; None is
        an epoch in the order of the data. An epoch's last batch may be short: the indices that fill it up count for
        nothing. Steps are counted from 1 and through all epochs; `observer` is called in place of those in `observed`.
        `readings` are for an engine that was told what to measure.
        """

    @abstractmethod
    def read(self, span: slice) -> list[Layer]:
        """Get networks of one shape, layer by layer: weights (G, O, I) and biases (G, O).

        Running statistics of batch normalisation are worked into them.
        """

    @abstractmethod
    def parameters(self) -> list[list[Array]]:
        """View what is learnt, (T, n) arrays, where all networks have one shape.

        Views, also those of `gradients` and `results`, are asked for before the steps that they are to show.
        Each layer has an array of weights and biases, counted by input, then by output, the biases last; where it is
        normalised, also an array of γ and one of β.
        """

    @abstractmethod
    def gradients(self) -> list[list[Array]]:
        """View the gradients of the last step, in the shape of `parameters`."""

    @abstractmethod
    def parameters_changed(self) -> None:
        """Take note that `parameters` were written to."""

    @abstractmethod
    def copy_parameters(self) -> Any:
        """Copy what is learnt, for `changed_since`."""

    @abstractmethod
    def changed_since(self, before: Any) -> NDArray[np.bool_]:
        """Tell whose parameters are not those of a copy, (T,)."""

    @abstractmethod
    def results(self) -> BatchResults:
        """View what the last layer made of the last batch."""

    @abstractmethod
    def states(self) -> list[EngineState]:
        """Copy what each training needs in order to go on, between two epochs."""

    @abstractmethod
    def restore(self, states: Sequence[EngineState]) -> None:
        """Put every training where `states` left it, whatever stack it was in."""


def neighbours(
    trainings: Sequence[Training], key: Callable[[Training], Hashable]
) -> Iterator[tuple[slice, list[Training]]]:
    """Split ordered trainings into neighbours of equal key, and give the places of these."""
    start = 0
    for _, run in groupby(trainings, key):
        members = list(run)
        yield slice(start, start + len(members)), members
        start += len(members)
