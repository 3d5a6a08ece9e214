"""What a network makes of the inputs on a line or a plane, and of its samples."""

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
"""Points that a network is asked about at once, so that a wide one's activations stay small."""
UNITS = 24
"""Hidden units that are followed one by one; of wider networks, none."""


@dataclass(frozen=True)
class Section:
    """Tables for figures: the points of a grid, and the samples.

    `grid` has `x` (and `y`), the `class` the network says there, `output`, `preactivation` and a column for each
    hidden unit's preactivation, `layer 1, unit 1` and so on. `samples` has `x` (and `y`), `set` (training, test, or
    all where they are the same), whether they are `inside` the ranges, `class` and `wrong`, where targets are classes,
    `target` and `output`. `output`, `preactivation` and `target` are of one output, where there is one or one was
    asked for.
    """

    plane: Plane
    grid: pd.DataFrame
    samples: pd.DataFrame
    hidden: int
    """How many hidden units there are, followed or not."""
    outputs: int

    @property
    def units_text(self) -> str:
        """Say how many hidden units switch, their preactivation passing 0, and how many stay on one side of it."""
        if not self.hidden:
            return ""
        units = [self.grid[name].to_numpy() for name in self.grid if str(name).startswith("layer ")]
        if not units:
            return f"{self.hidden:,} hidden units are too many to draw."
        below, above = sum(z.max() <= 0 for z in units), sum(z.min() >= 0 for z in units)
        numbers = {"switch here": self.hidden - below - above, "stay below 0": below, "stay above 0": above}
        said = [f"{number} {_verb(words, number)}" for words, number in numbers.items() if number]
        return f"Of {format.count(self.hidden, 'hidden unit')}, {', '.join(said)}."

    @property
    def samples_text(self) -> str:
        """Say how samples are drawn."""
        pale = ["Test samples are pale."] if "test" in self.samples["set"].to_numpy() else []
        off = ["Samples also differ in the inputs held; crosses judge each by all of its inputs."]
        return " ".join(pale + off * self.plane.projected)

    def steps(self, column: str) -> bool:
        """Whether a column of the grid takes two values or one."""
        return len(np.unique(self.grid[column])) <= 2


def _verb(words: str, number: int) -> str:
    verb, _, others = words.partition(" ")
    return words if number > 1 else f"{verb}{'es' if verb.endswith('ch') else 's'} {others}"


def section(model: Model, plane: Plane, count: int, unit: int | None = None) -> Section:
    """Ask a network about `count` points a side of a plane, and about its samples; `unit` counts outputs from 1.

    Raises:
        NnsweepError: there is no such output, or what the network says is not finite.
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
    """The class that each row of outputs or targets (N, O) names: the largest, or for one whether it is above ½."""
    return (values[:, 0] > 0.5).astype(int) if values.shape[1] == 1 else values.argmax(axis=1)


def has_classes(model: Model) -> bool:
    """Whether the targets name classes: of one column 0 and 1, of several a 1 among noughts; others are amounts."""
    return target_kind(np.vstack([model.train[1], model.test[1]])) in ("binary", "one_hot")


def _column(outputs: np.ndarray, unit: int | None) -> int | None:
    """The place of the output that is asked for: of one alone, the first; None if none of several is."""
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
    """Samples that train and test are listed once."""
    same = all(np.array_equal(one, other) for one, other in zip(model.train, model.test, strict=True))
    sets = {"all": model.train} if same else {"training": model.train, "test": model.test}
    return pd.concat([_set(name, *each, model, plane, unit) for name, each in sets.items()], ignore_index=True)


def _set(
    name: str, inputs: np.ndarray, targets: np.ndarray, model: Model, plane: Plane, unit: int | None
) -> pd.DataFrame:
    said = model.respond(inputs).outputs
    table = _placed(inputs, plane)
    table["set"] = name
    ends = zip("xy", plane.ranges, strict=False)
    table["inside"] = np.all([table[axis].between(*between) for axis, between in ends], axis=0)
    if has_classes(model):
        table["class"], table["wrong"] = classes(targets), classes(said) != classes(targets)
    shown = _column(said, unit)
    if shown is not None:
        table["target"], table["output"] = targets[:, shown], said[:, shown]
    return table
