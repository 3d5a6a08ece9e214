"""What a trainer is: parameters in, outcomes out, many trials at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from nnsweep.errors import NnsweepError
from nnsweep.status import Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Params = Mapping[str, Any]
"""A trial's complete parameters under their canonical names; values are JSON's scalars and tuples of them."""

EPOCH = "epoch"
"""The list of this name in a history holds the epochs at which the others were measured: rising whole numbers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one trial.

    `metrics` holds the figures after the last epoch (absent where the trial has none), `history` the same names with
    one value per epoch, long ones as arrays (see `compact`). `seconds` is the trial's share of its stack's training
    time. `failure` is the traceback, or a sentence, of a trial that did not end well. `diagnosis` holds numbers that
    tell why a trial did not learn, each absent where it makes no sense: `dead` and `saturated` are shares of the
    hidden units, `output_range` is the largest difference of an output between samples, as a share of the range of
    its targets, `changed` the share of steps that changed a weight, and `nonfinite_epoch` the first epoch after which
    something was not finite.
    """

    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, Sequence[float]] = field(default_factory=dict)
    seconds: float = 0.0
    failure: str | None = None
    diagnosis: Mapping[str, float] = field(default_factory=dict)


LONG = 1000
"""Lists with at least this many numbers are kept as arrays, which take a third of the memory."""


def compact(history: Mapping[str, Sequence[float]]) -> Mapping[str, Sequence[float]]:
    """Keep the long lists of a history as arrays, of doubles or of whole numbers."""
    if not any(len(values) >= LONG for values in history.values()):
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
    """A trial's network, trained again, and its samples: inputs (N, I) and targets (N, O), as the data have them.

    `names` are those of the inputs, `respond` asks the network about inputs (N, I) of the same kind.
    """

    names: Sequence[str]
    train: tuple[Array, Array]
    test: tuple[Array, Array]
    respond: Callable[[Array], Response]


@dataclass(frozen=True, slots=True)
class ConstantAnswer:
    """One answer for all samples, in words such as "the most frequent class", and the metric that it gives."""

    answer: str
    value: float


@dataclass(frozen=True, slots=True)
class AddedLater:
    """Marks a parameter that a trainer did not have at first: `momentum: Annotated[float, ADDED_LATER] = 0.0`.

    At its default the trainer must do what it did before. The parameter is then left out of the JSON that ids are made
    from and that the store keeps, so that trials stored earlier keep their ids. The default can never change.
    """


ADDED_LATER = AddedLater()


def added_later(model: type[BaseModel]) -> dict[str, Any]:
    """Give the parameters annotated with `AddedLater`, and their defaults."""
    fields = model.model_fields.items()
    return {name: field.default for name, field in fields if ADDED_LATER in field.metadata}


class Trainer(ABC):
    """A pure function from parameters to outcomes, and what nnsweep must know to call it well."""

    name: str
    """The name by which it is loaded. The loader sets it for trainers outside this package."""
    version: str
    """Part of every trial's identity: raise it when the same parameters would give other numbers."""
    former_versions: tuple[str, ...] = ()
    """Versions under which an earlier nnsweep stored the same trials; these stay valid."""
    checkpoint: str | None = None
    """The parameter whose values are checkpoints of one training, such as "epochs"; "" if each trial is a training of
    its own. It must say the same as `training_key`, which is asked of every trial where this is None."""
    advances: bool = False
    """Whether a training can stop and go on: whether there are `start` and `advance`."""
    parameters: type[BaseModel]
    """Every parameter with its type, default and description. Strict, frozen, no extra names."""
    metrics: Mapping[str, str]
    """Each metric's name and what it means; none where they are not known before a trial ends."""

    def decisive(self, values: Mapping[str, Collection[Any]]) -> Collection[str] | None:
        """Name the parameters that decide more than training: all methods but those that train, or cost, see only them.

        `values` are those that a grid has of each parameter. Of a million trials that differ in other parameters, one
        is resolved, described and so on; None stands for all parameters. Trainers outside this package are not asked:
        what they forgot would give wrong numbers.
        """
        return None

    def identity(self, params: Params) -> Params:
        """Give the parameters from which ids are made: those that mean the same to the trainer become equal."""
        return params

    def resolve(self, params: Params, judged_by: str = "") -> Params:
        """Replace values that depend on other parameters, such as "auto", by those they stand for; never by the seed's.

        `judged_by` is the metric of [success], to be measured too where the parameters leave the metrics open. Ids are
        made from the result, so that a value left out and the same value written are one trial. Resolved parameters
        resolve to themselves. What cannot be resolved stays as it is, and `problems` says why.
        """
        return params

    def problems(self, params: Params) -> list[tuple[str, str]]:
        """List the problems of the parameters as (parameter, sentence) pairs; none if they go together."""
        return []

    def measured(self, params: Params) -> tuple[str, ...]:
        """Name the metrics of one trial; all of `metrics` by default."""
        return tuple(self.metrics)

    def describe(self, params: Params) -> str:
        """Describe a trial in a few words, above all what was chosen for it. Most trials should get the same text."""
        return ""

    def fingerprint(self, params: Params) -> str:
        """Identify the data that the parameters name, by content where it is read from a file."""
        return ""

    def notes(self, params: Params) -> Sequence[str]:
        """Tell the user, in lines of text, what was found in the data that the parameters name."""
        return ()

    def stack_key(self, params: Params) -> Hashable:
        """Trials with equal keys may train in one stack."""
        return tuple(params.items())

    def training_key(self, params: Params) -> Hashable:
        """Trials with equal keys are checkpoints of one training: its outcomes after different numbers of epochs."""
        return tuple(params.items())

    def capacity(self, params: Params) -> int:
        """Give the largest number of trainings for one stack."""
        return 1

    def cost(self, checkpoints: Sequence[Params]) -> float | None:
        """Estimate the seconds that one training adds to its stack; `checkpoints` are its trials, of one training key.

        None stands for unknown: then the estimate is what stored trials took, or the first that end.
        """
        return None

    def overhead(self, checkpoints: Sequence[Params]) -> float:
        """Estimate the seconds that a stack takes in addition, however few trainings it holds."""
        return 0.0

    def history_size(self, params: Params) -> int | None:
        """Count the numbers that a trial's history holds if the trial ends well; None where that is not known."""
        return None

    def baseline(self, params: Params) -> Mapping[str, ConstantAnswer]:
        """Give for each metric the best value that one answer for all samples reaches; nothing if that is unknown."""
        return {}

    def gradient_checks(self, trials: Sequence[Params]) -> Iterable[ModelCheck]:
        """Check the gradient of every distinct model.

        Raises:
            NnsweepError: the trainer has none to check.
        """
        raise NnsweepError(f"trainer `{self.name}` has no gradients to check")

    def details(self, params: Params, inputs: Sequence[Sequence[float]] = ()) -> Mapping[str, Any]:
        """Train a trial again, and give more than its outcome: values that JSON can hold, by names to print.

        `metrics` among them are compared with those stored. `inputs` are further samples to predict.
        """
        return {}

    def trace(self, params: Params, every: int = 1) -> tuple[list[str], Any]:
        """Train a trial again, and give names of its parameters and their values, (steps kept + 1, parameters).

        Kept are the values before the first step and after each `every`-th one.

        Raises:
            NnsweepError: the trainer has no such values, or they are too many.
        """
        raise NnsweepError(f"trainer `{self.name}` keeps no weights to trace")

    def model(self, params: Params) -> Model:
        """Train a trial again, and give its network, to be asked about any inputs.

        Raises:
            NnsweepError: the trainer trains no network, or this one cannot be asked.
        """
        raise NnsweepError(f"trainer `{self.name}` has no network to draw")

    def start(self, stack: Sequence[Params]) -> list[Any]:
        """Begin trainings that `advance` goes on with: give each one's state before its first epoch.

        A state can be pickled. It holds all that the training needs, except for its data.

        Raises:
            NnsweepError: the trainer does not advance.
        """
        raise NnsweepError(self._never_stops())

    def advance(self, states: Sequence[Any], epochs: int) -> list[tuple[Any, Outcome]]:
        """Go on with trainings to the end of epoch `epochs`, counted from their start, and stop there.

        Gives, in the order of `states`, each training's new state and the outcome of the trial with so many epochs.
        Except for its seconds it has the bits of the outcome from `train`, wherever the training stopped before, and
        whichever states are given together. The given states do not change: a training can go on twice from one.

        Raises:
            NnsweepError: the trainer does not advance, or a training has gone further.
        """
        raise NnsweepError(self._never_stops())

    def _never_stops(self) -> str:
        what = "cannot stop a training and go on with it"
        return f"trainer `{self.name}` {what}; allowed: a `Trainer` that has `start` and `advance`"

    @abstractmethod
    def train(self, stack: Sequence[Params]) -> list[Outcome]:
        """Train trials of one stack key and return their outcomes, in the order given."""
