"""One stored trial, and what can be shown by training it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nnsweep.errors import NnsweepError
from nnsweep.folder.artifacts import FilesOf, FolderArtifacts, SavedArtifacts
from nnsweep.folder.notes import Note, read_notes
from nnsweep.folder.paths import Folder
from nnsweep.folder.restore import completed
from nnsweep.folder.weights_files import KEPT_WEIGHTS, read_npz
from nnsweep.questions.trial.retrain import ReplayResult, compare, retrain
from nnsweep.questions.trial.titles import TRACED, title
from nnsweep.status import FAILURES
from nnsweep.store import Store
from nnsweep.trainers import BUILT_IN, Outcome
from nnsweep.trainers import load as load_trainer
from nnsweep.trainers.protocol import Model
from nnsweep.trainers.weights import Weights
from nnsweep.trials.trial import Trial

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from nnsweep.questions.trial.plane import Range

T = TypeVar("T")

FINE, COARSE, STEEP = 400, 20, 120
"""Points per side of decision regions, of a surface, and of a surface that has steps."""
AS_PUBLISHED: dict[tuple[str, Any], Sequence[Range]] = {("preactivation", "parabolas"): ((0.0, 5.0),)}
"""Ranges of published figures, by figure and data set. They are wider than the samples' range."""


@dataclass(frozen=True, repr=False)
class StoredTrial:
    """A stored trial, the name of its trainer, and its results folder."""

    trial: Trial
    outcome: Outcome
    trainer: str
    folder: Folder
    importable: str = ""
    """A trainer of the user that may be imported even if only the store names it."""

    @cached_property
    def complete(self) -> Trial:
        """The trial with its parameters. A sweep that was opened by name reads these only to train the trial again.

        Raises:
            NnsweepError: its trainer or its data has changed, or cannot be loaded.
        """
        if self.trial.params_json:
            return self.trial
        with Store.read(self.folder.store) as store:
            return completed([self.trial], store, self.folder, self.importable)[0]

    def __repr__(self) -> str:
        from nnsweep.questions.trial.text import format_trial

        return format_trial(self.trial, self.outcome, {}, remarks=read_notes(self.folder).of(self.trial.id))

    @property
    def notes(self) -> list[Note]:
        """The notes on this trial, as they are now.

        Raises:
            StoreError: the file of notes is damaged.
        """
        return read_notes(self.folder).of(self.trial.id).notes

    @property
    def tags(self) -> list[str]:
        """The tags of this trial, as they are now.

        Raises:
            StoreError: the file of notes is damaged.
        """
        return read_notes(self.folder).of(self.trial.id).tags

    @property
    def files(self) -> dict[str, Path]:
        """The files of this trial by name, such as those that `nnsweep replay --trace` writes."""
        kept = FolderArtifacts(self.folder.traces)
        return {name: kept.get(self.trial.id, name) for name in kept.list(self.trial.id)}

    @property
    def artifacts(self) -> Mapping[str, Path]:
        """The files that this trial saved while it was trained: paths by name. Each is read and checked when asked for.

        Raises:
            StoreError: a file is not as it was saved, or is lost.
        """
        return FilesOf(SavedArtifacts(self.folder), self.trial.id)

    def replay(self) -> ReplayResult:
        """Train it again, alone, and compare it with the stored outcome."""
        outcome = retrain(self.trainer, self.complete, self.outcome, self.folder.store)
        return ReplayResult(self.trial, outcome, compare(self.trial.id, self.outcome, outcome, self.folder.store))

    def trace(self, every: int = 1) -> pd.DataFrame:
        """Train it again, and return its weights: one row per `every` steps, a column `step` and one per parameter.

        Raises:
            NnsweepError: the trainer cannot trace parameters, or there would be too many numbers.
        """
        import pandas as pd

        trial = self.complete
        names, values = _alone(lambda: load_trainer(self.trainer).trace(trial.params, every))
        table = pd.DataFrame(values, columns=pd.Index(names))
        table.insert(0, "step", [step * every for step in range(len(values))])
        return table

    def model(self) -> Model:
        """Train it again, and return its network, which can be evaluated at any inputs.

        Raises:
            NnsweepError: the trainer trains no network.
        """
        trial = self.complete
        return _alone(lambda: load_trainer(self.trainer).model(trial.params))

    @cached_property
    def weights(self) -> Weights:
        """The weights of its network: those that `[keep] weights` kept, or else those of training it again.

        Raises:
            NnsweepError: the trainer has no weights, or the training diverged. StoreError: the kept ones are damaged.
        """
        if self.trainer in BUILT_IN and KEPT_WEIGHTS in self.artifacts:
            return read_npz(self.artifacts[KEPT_WEIGHTS])
        trial = self.complete
        return _alone(lambda: load_trainer(self.trainer).weights(trial.params))

    def predict(self, inputs: ArrayLike) -> NDArray[Any]:
        """Predict for inputs (N, I): the number of the class (N,), labels (N, O), or amounts (N,) or (N, O).

        Raises:
            NnsweepError: as `weights`, or these are no inputs of its network.
        """
        return self.weights.predict(inputs)

    def predict_proba(self, inputs: ArrayLike) -> NDArray[Any]:
        """Return the probability of each class (N, classes), or of each label (N, O), for inputs (N, I).

        Raises:
            NnsweepError: as `predict`, or its outputs are no probabilities.
        """
        return self.weights.predict_proba(inputs)

    def figure(self, kind: str, **options: Any) -> Figure:
        """Train it again, and draw one of the figures in KINDS.

        The options are those of the kind's function: `trial.figure("boundary", inputs=["1", "2"])`,
        `trial.figure("trace", weights=["w11", "w12"])`, `trial.figure("preactivation", ranges=[(0, 5)])`.

        Raises:
            NnsweepError: there is no such figure, or nothing to draw.
        """
        if kind not in KINDS:
            raise NnsweepError(f"no figure `{kind}` of a trial; allowed: {', '.join(KINDS)}")
        return KINDS[kind](self, **options)


def _alone(train: Callable[[], T]) -> T:
    """Train with one thread, as a worker does, because the order of a sum depends on the number of threads."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return train()


def boundary(stored: StoredTrial, inputs: Sequence[str] = (), ranges: Sequence[Range] = ()) -> Figure:
    """Draw the decision regions over one or two inputs, with the lines of hidden units and the samples.

    `inputs` are names or numbers from 1, by default those that vary. `ranges` has a pair for each input, or one pair
    for both.
    """
    from nnsweep.figures.boundary import boundary as draw
    from nnsweep.questions.trial.plane import plane
    from nnsweep.questions.trial.section import has_classes, section

    model = _trained(stored).model()
    if not has_classes(model):
        raise NnsweepError("the targets name no classes, so there is no boundary; figure surface draws the output")
    through = plane(model, inputs, ranges, margin=True, axes=(1, 2))
    drawn = section(model, through, FINE)
    lines = title(stored.folder, stored.trial, stored.outcome, "decision regions", through.held)
    classes = max(drawn.outputs, 2)
    note = f"{drawn.units_text} {drawn.samples_text}".strip()
    return draw(drawn.grid, drawn.samples, through.names, classes, lines, note)


def trace(stored: StoredTrial, weights: Sequence[str] = (), every: int = 1) -> Figure:
    """Draw the named weights and biases, such as `w12`, or all of them, over the steps of training."""
    from nnsweep.figures.trace import trace as draw
    from nnsweep.questions.trial.weights import chosen

    table = chosen(_trained(stored).trace(every), weights)
    return draw(table, title(stored.folder, stored.trial, stored.outcome, TRACED))


def surface(
    stored: StoredTrial,
    inputs: Sequence[str] = (),
    ranges: Sequence[Range] = (),
    unit: int | None = None,
    points: int | None = None,
) -> Figure:
    """Draw the output over two inputs as a surface, with the samples at their targets; see `boundary` for arguments.

    `unit` counts outputs from 1 if there are several. `points` is the number of points per side of the grid.
    """
    return _surface("output", stored, inputs, ranges, unit, points)


def preactivation(
    stored: StoredTrial,
    inputs: Sequence[str] = (),
    ranges: Sequence[Range] = (),
    unit: int | None = None,
    points: int | None = None,
) -> Figure:
    """Draw the preactivation of the output as a surface; see `surface` for arguments."""
    return _surface("preactivation", stored, inputs, ranges, unit, points)


KINDS: dict[str, Callable[..., Figure]] = {
    "boundary": boundary,
    "trace": trace,
    "surface": surface,
    "preactivation": preactivation,
}
"""Figures of one trial, by name."""


def _surface(
    column: str,
    stored: StoredTrial,
    inputs: Sequence[str],
    ranges: Sequence[Range],
    unit: int | None,
    points: int | None,
) -> Figure:
    from nnsweep.figures.surface import surface as draw
    from nnsweep.questions.trial.plane import plane
    from nnsweep.questions.trial.section import section

    model = _trained(stored).model()
    published = () if inputs else AS_PUBLISHED.get((column, stored.complete.params.get("data")), ())
    through = plane(model, inputs, ranges or published, margin=False, axes=(2,))
    drawn = section(model, through, points or COARSE, unit)
    if drawn.outputs > 1 and unit is None:
        raise NnsweepError(f"the network has {drawn.outputs} outputs; choose one, such as --unit 1")
    if points is None and drawn.steps(column):
        drawn = section(model, through, STEEP, unit)
    what = column if unit is None else f"{column} {unit} of {drawn.outputs}"
    lines = title(stored.folder, stored.trial, stored.outcome, f"its {what}", through.held)
    samples, note = (drawn.samples, drawn.samples_text) if column == "output" else (None, "")
    return draw(drawn.grid, column, samples, through.names, lines, max(drawn.outputs, 2), note)


def _trained(stored: StoredTrial) -> StoredTrial:
    """Return the trial, unless it failed.

    Raises:
        NnsweepError: it failed, crashed or timed out.
    """
    if stored.outcome.status in FAILURES:
        raise NnsweepError(f"trial {stored.trial.id} ended as {stored.outcome.status}: it has no network to draw")
    return stored
