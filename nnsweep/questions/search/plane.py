"""The value over two axes of a search, averaged over all others by the surrogate, where configurations are near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnsweep.design.places import AxisPlaces, Floats
from nnsweep.errors import NnsweepError
from nnsweep.questions.search.configurations import Configurations
from nnsweep.questions.search.fitted import SEED, Fitted

SIDE = 32
"""Points along a side of the plane, on an axis with a space."""
AVERAGED = 64
"""Points of the other axes over which each point of the plane is averaged."""
NEAR = 0.15
"""How far, as a share of the axes, a point of the plane may be from the nearest configuration."""


@dataclass(frozen=True)
class Plane:
    """Two axes, `across` and `up`; the places on them of each row and column; the values (up, across)."""

    across: AxisPlaces
    up: AxisPlaces
    x: Floats
    y: Floats
    values: Floats
    """NaN where no configuration with a value is near; nowhere a number if no surrogate can be believed."""
    points: Floats
    """The places of the configurations, (n, 2)."""


def plane(fitted: Fitted, names: Sequence[str] = ()) -> Plane:
    """Average over all axes but two: those that are named, or else that explain most.

    Raises:
        NnsweepError: there are no two axes, or none with these names.
    """
    found = fitted.found
    across, up = _axes(fitted, names)
    at = [found.axes.index(axis) for axis in (across, up)]
    x, y = _places(across), _places(up)
    values = np.full((len(y), len(x)), np.nan)
    points = found.places[:, at]
    if not fitted.why_not:
        values = _averaged(fitted, at, x, y)
        values[~_near(x, y, points[~np.isnan(found.value)], (across, up))] = np.nan
    return Plane(across, up, x, y, values, points)


def _axes(fitted: Fitted, names: Sequence[str]) -> tuple[AxisPlaces, AxisPlaces]:
    found: Configurations = fitted.found
    if not names:
        if fitted.pair is None:
            raise NnsweepError(f"{found.sweep.name}: a contour needs two axes of several values")
        return fitted.pair
    known = {axis.column: axis for axis in found.axes}
    columns = [found.sweep.cell_axis(name).column for name in names]
    if len(set(columns)) != 2 or not set(columns) <= known.keys():
        allowed = ", ".join(axis.name for axis in found.axes)
        raise NnsweepError(
            f"{found.sweep.name}: a contour is against two of these axes, not {', '.join(names)}: {allowed}"
        )
    return known[columns[0]], known[columns[1]]


def _places(axis: AxisPlaces) -> Floats:
    count = SIDE if axis.space is not None else len(axis.levels)
    return (np.arange(count) + 0.5) / count


def _averaged(fitted: Fitted, at: Sequence[int], x: Floats, y: Floats) -> Floats:
    axes = fitted.found.axes
    others = np.random.default_rng(SEED).random((AVERAGED if len(axes) > 2 else 1, len(axes)))
    others = np.stack([axis.level(others[:, number]) for number, axis in enumerate(axes)], axis=1)
    whole = np.tile(others, (len(x), 1))
    whole[:, at[0]] = np.repeat(x, len(others))
    rows = []
    for place in y.tolist():
        whole[:, at[1]] = place
        rows.append(fitted.predict(whole).reshape(len(x), -1).mean(axis=1))
    found = np.array(rows)
    return 10**found if fitted.is_log else found


def _near(x: Floats, y: Floats, points: Floats, axes: Sequence[AxisPlaces]) -> np.ndarray:
    """Tell which points of the plane are near a configuration, (up, across)."""
    known = points[~np.isnan(points).any(axis=1)]
    apart = [
        _apart(places, known[:, number], axis) for number, (places, axis) in enumerate(zip((x, y), axes, strict=True))
    ]
    squared = apart[0][None, :, :] ** 2 + apart[1][:, None, :] ** 2
    return np.asarray((squared <= NEAR**2).any(axis=2))


def _apart(places: Floats, known: Floats, axis: AxisPlaces) -> Floats:
    """Return the distances along an axis; of values of a list, others than the same one are far."""
    found = np.abs(places[:, None] - known[None, :])
    return found if axis.space is not None else np.where(found < 1e-9, 0.0, 1.0)
