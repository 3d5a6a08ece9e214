"""The interface of a trainer: parameters in, outcomes out, many trials at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from nnsweep.errors import NnsweepError
from nnsweep.status import Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nnsweep.trainers.weights import Weights

    Array = NDArray[np.float64]

Params = Mapping[str, Any]
"""The complete parameters of a trial under their canonical names. Values are JSON scalars, or tuples of these."""

EPOCHS = "epochs"
"""The parameter that counts the epochs of a training."""
EPOCH = "epoch"
"""The name of a list in a history: the epochs at which the other lists were measured, as increasing whole numbers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one trial.

    `metrics` has the values after the last epoch; a metric without a value is left out. `history` has one value per
    epoch under the same names; long lists are arrays (see `compact`). `seconds` is the trial's share of the training
    time of its stack. `failure` is the traceback, or a sentence, of a trial that did not end well.

    `diagnosis` has numbers that explain why a trial did not learn; numbers that do not apply are left out. `dead` and
    `saturated` are shares of the hidden units. `output_range` is the largest difference of an output between samples,
    as a share of the range of its targets. `changed` is the share of steps that changed a weight, and
    `nonfinite_epoch` the first epoch after which something was not finite.
    """

    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    seconds: float = 0.0
    failure: str | None = None
    diagnosis: Mapping[str, float] = field(default_factory=dict)


LONG = 1000
"""Lists with at least this many numbers are kept as arrays, which need a third of the memory."""


def compact(history: Mapping[str, Sequence[float]]) -> Mapping[str, Sequence[float]]:
    """Keep the long lists of a history as arrays, of doubles or of whole numbers."""
    if max(map(len, history.values()), default=0) < LONG:
        return history
    return {name: _packed(name, values) if len(values) >= LONG else values for name, values in history.items()}


def _packed(name: str, values: Sequence[float]) -> Sequence[float]:
    return array("q", map(int, values)) if name == EPOCH else array("d", values)


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """How one model's gradient compares with central differences of its loss.

    `largest` is the largest relative error, found at the parameter `where`. `compared` counts the derivatives, `kinks`
    those left out because the loss has a kink there. `reasons` are settings by which the model does not learn by the
    gradient. `unchecked` says why the gradient could not be checked; it is empty if it was.
    """

    model: str
    largest: float
    where: str
    compared: int
    kinks: int
    passed: bool
    reasons: tuple[str, ...] = ()
    unchecked: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """A network's response to N samples: each layer's preactivations (N, units), and the outputs (N, O)."""

    preactivations: Sequence[Array]
    outputs: Array


@dataclass(frozen=True, slots=True)
class Model:
    """A trial's network, trained again, and its samples: inputs (N, I) and targets (N, O) in the units of the data.

    `names` are the names of the inputs. `respond` evaluates the network at inputs (N, I) in the same units.
    """

    names: Sequence[str]
    train: tuple[Array, Array]
    test: tuple[Array, Array]
    respond: Callable[[Array], Response]


@dataclass(frozen=True, slots=True)
class ConstantAnswer:
    """One answer for all samples, such as "the most frequent class", and the metric that it reaches."""

    answer: str
    value: float


@dataclass(frozen=True, slots=True)
class AddedLater:
    """Marks a parameter that was added to a trainer later: `momentum: Annotated[float, ADDED_LATER] = 0.0`.

    With the default, the trainer must do what it did before. The parameter is then left out of the JSON for ids and for
    the store, so that trials that were stored earlier keep their ids. The default can never change.
    """


ADDED_LATER = AddedLater()


def added_later(model: type[BaseModel]) -> dict[str, Any]:
    """Return the parameters annotated with `AddedLater`, and their defaults."""
    fields = model.model_fields.items()
    return {name: field.default for name, field in fields if ADDED_LATER in field.metadata}


class CompiledCode(NamedTuple):
    """Whether compiled code can train a trial: why it cannot, or "", and what it gains."""

    refusal: str
    speed: float = 1.0
    """How many times as fast it is as NumPy alone."""
    start: float = 0.0
    """Seconds to compile it, or to load it."""


class Trainer(ABC):
    """A pure function from parameters to outcomes, with the information that nnsweep needs to call it efficiently."""

    name: str
    """The name by which it is loaded. The loader sets it for trainers outside this package."""
    version: str
    """Part of every trial's identity. Change it when the same parameters give other numbers."""
    former_versions: tuple[str, ...] = ()
    """Versions under which earlier releases of nnsweep stored the same trials; these stay valid."""
    checkpoint: str | None = None
    """The parameter whose values are checkpoints of one training, such as "epochs"; "" if each trial is a training of
    its own. It must say the same as `training_key`, which is asked of every trial where this is None."""
    advances: bool = False
    """Whether a training can stop and continue, by `start` and `advance`."""
    shares_by_seed: bool = False
    """Whether trainings of one seed share work, such as making their samples: they are then neighbours in stacks."""
    parameters: type[BaseModel]
    """Every parameter with its type, default and description; strict, frozen, without extra names."""
    metrics: Mapping[str, str]
    """The name and meaning of each metric; empty if they are not known before a trial ends."""

    def decisive(self, values: Mapping[str, Collection[Any]]) -> Collection[str] | None:
        """Name the parameters that decide more than training: all methods but those that train, or cost, see only them.

        `values` are those that a grid has of each parameter. Of a million trials that differ in other parameters, one
        is resolved, described and so on; None stands for all parameters. Trainers outside this package are not asked:
        what they forgot would give wrong numbers.
        """
        return None

    def identity(self, params: Params) -> Params:
        """Return the parameters for ids: values that mean the same to the trainer must become equal."""
        return params

    def resolve(self, params: Params, judged_by: str = "") -> Params:
        """Replace values that depend on other parameters, such as "auto", by what they stand for.

        The result must not depend on the seed. `judged_by` is the metric of [success], which must be measured too if
        the parameters leave the metrics open. Ids are made from the result, so that a default that is left out and the
        same value written are one trial. Resolved parameters resolve to themselves. A value that cannot be resolved
        stays as it is, and `problems` says why.
        """
        return params

    def problems(self, params: Params) -> list[tuple[str, str]]:
        """List problems of the combination of parameters, as pairs of a parameter and a sentence."""
        return []

    def measured(self, params: Params) -> tuple[str, ...]:
        """List the metrics of one trial; all of `metrics` by default."""
        return tuple(self.metrics)

    def describe(self, params: Params) -> str:
        """Describe a trial in a few words, above all what "auto" stands for. Most trials should have the same text."""
        return ""

    def fingerprint(self, params: Params) -> str:
        """Identify the data of the parameters; data of a file are identified by content."""
        return ""

    def notes(self, params: Params) -> Sequence[str]:
        """Return lines of text that inform the user about the data of the parameters."""
        return ()

    def stack_key(self, params: Params) -> Hashable:
        """Return a key; trials with equal keys may be trained in one stack."""
        return tuple(params.items())

    def training_key(self, params: Params) -> Hashable:
        """Return a key; trials with equal keys are checkpoints of one training, after different numbers of epochs."""
        return tuple(params.items())

    def capacity(self, params: Params) -> int:
        """Return the largest number of trainings for one stack."""
        return 1

    def cost(self, checkpoints: Sequence[Params]) -> float | None:
        """Estimate the seconds that one training adds to its stack; `checkpoints` are its trials, of one training key.

        None means unknown: the time is then estimated from stored trials, or from the first that end.
        """
        return None

    def overhead(self, checkpoints: Sequence[Params]) -> float:
        """Estimate the further seconds that a stack takes, whatever the number of its trainings."""
        return 0.0

    def compiled(self, params: Params) -> CompiledCode:
        """Say whether compiled code can train a trial, in place of NumPy alone."""
        return CompiledCode(f"trainer `{self.name}` has no compiled code")

    def history_size(self, params: Params) -> int | None:
        """Count the numbers in the history of a trial that ends well; None if that is not known."""
        return None

    def baseline(self, params: Params) -> Mapping[str, ConstantAnswer]:
        """Return the best value of each metric that one answer for all samples reaches; empty if unknown."""
        return {}

    def gradient_checks(self, trials: Sequence[Params]) -> Iterable[ModelCheck]:
        """Check the gradient of every distinct model.

        Raises:
            NnsweepError: the trainer has none to check.
        """
        raise NnsweepError(f"trainer `{self.name}` has no gradients to check")

    def details(self, params: Params, inputs: Sequence[Sequence[float]] = ()) -> Mapping[str, Any]:
        """Train a trial again, and return details by name, as values that JSON can hold.

        `metrics` among them are compared with the stored ones. `inputs` are further samples to predict.
        """
        return {}

    def trace(self, params: Params, every: int = 1) -> tuple[list[str], Any]:
        """Train a trial again, and return the names of its weights and their values, (steps kept + 1, weights).

        The values before the first step and after each `every`-th step are kept.

        Raises:
            NnsweepError: the trainer has no weights, or there are too many values.
        """
        raise NnsweepError(f"trainer `{self.name}` keeps no weights to trace")

    def model(self, params: Params) -> Model:
        """Train a trial again, and return its network, which can be evaluated at any inputs.

        Raises:
            NnsweepError: the trainer trains no network, or this one cannot be evaluated.
        """
        raise NnsweepError(f"trainer `{self.name}` has no network to draw")

    def weights(self, params: Params) -> Weights:
        """Train a trial again, and return the weights of its network.

        Raises:
            NnsweepError: the trainer trains no network, or this one has no weights.
        """
        raise NnsweepError(f"trainer `{self.name}` has no weights to export; a function saves its own by `trial.save`")

    def weights_of(self, stack: Sequence[Params]) -> list[Weights]:
        """Return the weights of each trial of a stack; the built-in trainer trains them together.

        Raises:
            NnsweepError: see `weights`.
        """
        return [self.weights(params) for params in stack]

    def start(self, stack: Sequence[Params]) -> list[Any]:
        """Start trainings for `advance`: return the state of each before its first epoch.

        A state can be pickled. It has everything that the training needs, except for the data.

        Raises:
            NnsweepError: the trainer does not advance.
        """
        raise NnsweepError(self._never_stops())

    def advance(self, states: Sequence[Any], epochs: int) -> list[tuple[Any, Outcome]]:
        """Continue trainings to the end of epoch `epochs`, counted from their start, and stop there.

        Returns, in the order of `states`, the new state of each training and the outcome of the trial with `epochs`
        epochs. Except for its seconds, an outcome has the same bits as from `train`, wherever the training stopped
        before and whichever states are passed together. The given states do not change, so that a training can
        continue twice from one state.

        Raises:
            NnsweepError: the trainer does not advance, or a training has gone further.
        """
        raise NnsweepError(self._never_stops())

    def _never_stops(self) -> str:
        what = "cannot stop a training and continue it"
        return f"trainer `{self.name}` {what}; allowed: a `Trainer` that has `start` and `advance`"

    @abstractmethod
    def train(self, stack: Sequence[Params]) -> Sequence[Outcome]:
        """Train trials of one stack key and return their outcomes, in the order given."""
