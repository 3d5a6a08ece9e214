"""Compare two stored sweeps: give their cells the same names, and find the settings in which they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nnsweep.design.finding import is_same
from nnsweep.design.sweep import Axis, Sweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.open import StoredSweep
from nnsweep.format import listed
from nnsweep.store import Store
from nnsweep.sweepfile.parameters import as_value
from nnsweep.sweepfile.problems import show

if TYPE_CHECKING:
    import pandas as pd

ASKED = 500
"""The most pairs of trials whose parameters are compared, one per cell."""
NAMED = 3
"""The most values of each sweep that a message lists."""

Pairs = Sequence[tuple[Axis, Axis]]
"""Pairs of an axis of the first sweep and the axis of the second with the same parameter."""


def shared_axes(first: Sweep, second: Sweep) -> Pairs:
    """Pair the axes with the same parameter, whatever their names are."""
    others = {axis.parameter: axis for axis in second.axes}
    return [(axis, others[axis.parameter]) for axis in first.axes if axis.parameter in others]


def under_names_of_first(first: pd.DataFrame, second: pd.DataFrame, axes: Pairs) -> pd.DataFrame:
    """Give the second sweep's trials the names and labels of the first. Values of only the second are left out."""
    labels = {other.column: _translated(axis, other) for axis, other in axes}
    there = second[list(labels)].apply(lambda column: column.map(labels[str(column.name)].__contains__)).all(axis=1)
    found = second.loc[there]
    dtypes = {axis.column: first[axis.column].dtype for axis, _ in axes}
    columns = {
        axis.column: found[other.column].map(labels[other.column]).astype(dtypes[axis.column]) for axis, other in axes
    }
    return found.drop(columns=[other.column for _, other in axes]).assign(**columns)


def _translated(axis: Axis, other: Axis) -> dict[Any, Any]:
    """Map the labels of the second sweep to the labels of the first, for values that both have."""
    return {
        other.shown[theirs]: axis.shown[ours]
        for theirs, label in other.labels.items()
        for ours, same in axis.labels.items()
        if is_same(label, same)
    }


def settled(side: StoredSweep, other: StoredSweep) -> tuple[pd.DataFrame, str]:
    """Return the trials of a sweep with a fixed value on each axis that the other sweep does not have.

    The value is the one that all trials of the other sweep have. Also returns a text such as `hidden = 4`.

    Raises:
        NnsweepError: it has several values of an axis, and the other sweep has none of them, or several.
    """
    shared = {axis.name for axis, _ in shared_axes(side.sweep, other.sweep)}
    trials, chosen = side.trials, []
    for axis in side.sweep.axes:
        if axis.name in shared or len(set(trials[axis.column])) == 1:
            continue
        found = axis.matches(_only(other, axis.parameter))
        if len(found) != 1:
            raise NnsweepError(
                f"{side.sweep.name} has several values of {axis.name}, which the other sweep does not have; "
                "compare two of them in it, with --on, or run it with one, with --set"
            )
        chosen.append(f"{axis.name} = {axis.shown[found[0]]}")
        trials = trials.loc[trials[axis.column] == axis.shown[found[0]]]
    return trials, ", ".join(chosen)


def _only(side: StoredSweep, parameter: str) -> Any:
    """Return the value of a parameter that all trials of a sweep have; None if they have several, or none."""
    values = {json.dumps(params.get(parameter)) for params in _params(side, [trial.id for trial in side.grid]).values()}
    return as_value(json.loads(values.pop())) if len(values) == 1 else None


def differences(first: StoredSweep, second: StoredSweep, axes: Pairs, pairs: Sequence[tuple[str, str]]) -> list[str]:
    """List the differences of two sweeps besides their axes; `pairs` are the ids of compared trials."""
    names = first.sweep.name, second.sweep.name
    told = [("trainer", first.sweep.trainer, second.sweep.trainer), ("success", *_conditions(first, second))]
    found = [_in_both(what, one, other, names) for what, one, other in told if one != other]
    found += _of_params(first, second, pairs, names)
    return [*found, *_of_axes(axes, names)]


def _conditions(first: StoredSweep, second: StoredSweep) -> tuple[str, str]:
    one, other = (str(side.sweep.success or "not defined") for side in (first, second))
    return one, other


def _of_params(
    first: StoredSweep, second: StoredSweep, pairs: Sequence[tuple[str, str]], names: tuple[str, str]
) -> Iterator[str]:
    pairs = pairs[:ASKED]
    ours, theirs = _params(first, [id for id, _ in pairs]), _params(second, [id for _, id in pairs])
    pairs = [(one, other) for one, other in pairs if one in ours and other in theirs]  # of a part, some are missing
    found: dict[str, dict[tuple[str, str], None]] = {}
    for one, other in pairs:
        for name in dict.fromkeys((*ours[one], *theirs[other])):
            if name in ours[one] and name in theirs[other] and ours[one][name] != theirs[other][name]:
                values = show(ours[one][name]), show(theirs[other][name])
                found.setdefault(name, {})[values] = None
    for name, values in found.items():
        one, other = (_listed([each[side] for each in values]) for side in (0, 1))
        yield _in_both(name, one, other, names)
    same = sum(one == other for one, other in pairs)
    if same:
        yield f"nothing in {same:,} of {len(pairs):,} pairs looked at: both are one and the same trial"
    elif not found and first.sweep.trainer == second.sweep.trainer and pairs:
        yield "nothing but the source of the trainer, or the data"


def _params(side: StoredSweep, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    with Store.read(side.folder.store) as store:
        return store.params(ids)


def _of_axes(axes: Pairs, names: tuple[str, str]) -> Iterator[str]:
    """List the values that only one of the two has."""
    for axis, other in axes:
        both = _translated(axis, other)
        ours = [label for label in axis.shown.values() if label not in both.values()]
        theirs = [label for label in other.shown.values() if label not in both]
        alone = [
            f"{_listed(values)} in {name} alone" for values, name in zip((ours, theirs), names, strict=True) if values
        ]
        if alone:
            yield f"{axis.name}: {', '.join(alone)}"


def _in_both(what: str, one: str, other: str, names: tuple[str, str]) -> str:
    return f"{what}: {one} in {names[0]}, {other} in {names[1]}"


def _listed(values: Sequence[Any]) -> str:
    texts = list(dict.fromkeys(map(str, values)))
    more = [f"{len(texts) - NAMED} more"] if len(texts) > NAMED else []
    return listed([*texts[:NAMED], *more])
