"""The outputs of a network on a line or a plane of inputs, and for its samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nnsweep import format
from nnsweep.errors import NnsweepError
from nnsweep.questions.trial.plane import Plane
from nnsweep.targets import target_kind
from nnsweep.trainers.protocol import Model, Response

AT_ONCE = 4096
"""Points that are evaluated at once, which limits the memory for the activations of a wide network."""
UNITS = 24
"""Up to this many hidden units have a column each; those of wider networks have none."""


@dataclass(frozen=True)
class Section:
    """Tables for figures: the points of a grid, and the samples.

    `grid` has `x` (and `y`), the predicted `class`, `output`, `preactivation`, and a column for the preactivation of
    each hidden unit: `layer 1, unit 1` and so on. `samples` has `x` (and `y`), the `set` (training, test, or all if
    both are the same), whether a sample is `inside` the ranges, `target` and `output`. If the targets are classes, it
    also has `class` and `wrong`. `output`, `preactivation` and `target` are those of a single output, and are left out
    if there are several and none is chosen.
    """

    plane: Plane
    grid: pd.DataFrame
    samples: pd.DataFrame
    hidden: int
    """The number of hidden units, with or without a column."""
    outputs: int

    @property
    def units_text(self) -> str:
        """Count the hidden units that switch (their preactivation passes 0), and those that stay on one side of it."""
        if not self.hidden:
            return ""
        units = [self.grid[name].to_numpy() for name in self.grid if str(name).startswith("layer ")]
        if not units:
            return f"{self.hidden:,} hidden units are too many to draw."
        below, above = sum(z.max() <= 0 for z in units), sum(z.min() >= 0 for z in units)
        numbers = {"switch here": self.hidden - below - above, "stay below 0": below, "stay above 0": above}
        parts = [f"{number} {_verb(words, number)}" for words, number in numbers.items() if number]
        return f"Of {format.count(self.hidden, 'hidden unit')}, {', '.join(parts)}."

    @property
    def samples_text(self) -> str:
        """Explain how samples are drawn."""
        pale = ["Test samples are pale."] if "test" in self.samples["set"].to_numpy() else []
        off = ["Samples also differ in the constant inputs; crosses judge each sample by all of its inputs."]
        return " ".join(pale + off * self.plane.projected)

    def steps(self, column: str) -> bool:
        """Whether a column of the grid has at most two different values."""
        return len(np.unique(self.grid[column])) <= 2


def _verb(words: str, number: int) -> str:
    verb, _, others = words.partition(" ")
    return words if number > 1 else f"{verb}{'es' if verb.endswith('ch') else 's'} {others}"


def section(model: Model, plane: Plane, count: int, unit: int | None = None) -> Section:
    """Evaluate a network at `count` points per side of a plane, and at its samples; `unit` counts outputs from 1.

    Raises:
        NnsweepError: there is no such output, or outputs are not finite.
    """
    points = plane.points(count)
    parts = [_grid(model, plane, points[at : at + AT_ONCE], unit) for at in range(0, len(points), AT_ONCE)]
    layers = model.respond(points[:1]).preactivations
    hidden = sum(z.shape[1] for z in layers[:-1])
    samples = _samples(model, plane, unit)
    return Section(plane, pd.concat(parts, ignore_index=True), samples, hidden, layers[-1].shape[1])


def _grid(model: Model, plane: Plane, points: np.ndarray, unit: int | None) -> pd.DataFrame:
    response = model.respond(points)
    if not all(np.isfinite(z).all() for z in response.preactivations):
        raise NnsweepError("the network's outputs are not finite: there is nothing to draw but its trace")
    table = _placed(points, plane)
    table["class"] = classes(response.outputs)
    shown = _column(response.outputs, unit)
    if shown is not None:
        table["output"] = response.outputs[:, shown]
        table["preactivation"] = response.preactivations[-1][:, shown]
    return pd.concat([table, _units(response)], axis=1)


def classes(values: np.ndarray) -> np.ndarray:
    """The class of each row of outputs or targets (N, O): the largest column, or whether a single one exceeds ½."""
    return (values[:, 0] > 0.5).astype(int) if values.shape[1] == 1 else values.argmax(axis=1)


def has_classes(model: Model) -> bool:
    """Whether the targets are classes: 0 and 1 in one column, or a single 1 among zeros in several columns."""
    return target_kind(np.vstack([model.train[1], model.test[1]])) in ("binary", "one_hot")


def _column(outputs: np.ndarray, unit: int | None) -> int | None:
    """The column of the chosen output, or of the only one; None if there are several and none is chosen."""
    count = outputs.shape[1]
    if unit is None:
        return 0 if count == 1 else None
    if not 1 <= unit <= count:
        raise NnsweepError(f"--unit {unit}: no such output; allowed: {'1' if count == 1 else f'1 to {count}'}")
    return unit - 1


def _placed(points: np.ndarray, plane: Plane) -> pd.DataFrame:
    return pd.DataFrame({axis: points[:, place] for axis, place in zip("xy", plane.places, strict=False)})


def _units(response: Response) -> pd.DataFrame:
    hidden = response.preactivations[:-1]
    if sum(z.shape[1] for z in hidden) > UNITS:
        hidden = []
    columns = {
        f"layer {level}, unit {unit}": z[:, unit - 1]
        for level, z in enumerate(hidden, start=1)
        for unit in range(1, z.shape[1] + 1)
    }
    return pd.DataFrame(columns, index=range(len(response.outputs)))


def _samples(model: Model, plane: Plane, unit: int | None) -> pd.DataFrame:
    """Make the table of samples. Samples that are both training and test samples are listed once."""
    same = all(np.array_equal(one, other) for one, other in zip(model.train, model.test, strict=True))
    sets = {"all": model.train} if same else {"training": model.train, "test": model.test}
    return pd.concat([_set(name, *samples, model, plane, unit) for name, samples in sets.items()], ignore_index=True)


def _set(
    name: str, inputs: np.ndarray, targets: np.ndarray, model: Model, plane: Plane, unit: int | None
) -> pd.DataFrame:
    outputs = model.respond(inputs).outputs
    table = _placed(inputs, plane)
    table["set"] = name
    ends = zip("xy", plane.ranges, strict=False)
    table["inside"] = np.all([table[axis].between(*between) for axis, between in ends], axis=0)
    if has_classes(model):
        table["class"], table["wrong"] = classes(targets), classes(outputs) != classes(targets)
    shown = _column(outputs, unit)
    if shown is not None:
        table["target"], table["output"] = targets[:, shown], outputs[:, shown]
    return table
