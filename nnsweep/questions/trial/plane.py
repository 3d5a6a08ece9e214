"""The plane of a section: which inputs of a network vary, over which ranges, and the constants of the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnsweep.errors import NnsweepError
from nnsweep.format import did_you_mean
from nnsweep.trainers.protocol import Model

Range = tuple[float, float]
STEPS = (1, 2, 2.5, 5, 10)
"""Round numbers, times powers of ten."""
FARTHEST = 1e300
"""The largest number that is drawn, as in figures."""
NAMED = 3
"""Up to this many constant inputs are named; of more, the number is printed."""


@dataclass(frozen=True)
class Plane:
    """The positions of one or two inputs, their ranges, and a sample (I,) with the constants of all others."""

    places: Sequence[int]
    names: Sequence[str]
    ranges: Sequence[Range]
    middle: np.ndarray
    held: str
    """The constants of the other inputs as text; empty if there are none."""
    projected: bool
    """Whether samples lie off the plane, because a constant input varies in the data."""

    def points(self, count: int) -> np.ndarray:
        """Make a grid with `count` points per side, (count ** axes, I); the first input varies fastest."""
        steps = [np.linspace(low, high, count) for low, high in self.ranges]
        grid = np.tile(self.middle, (count ** len(steps), 1))
        grid[:, list(self.places)] = np.column_stack([axis.ravel() for axis in np.meshgrid(*steps)])
        return grid


def plane(model: Model, wanted: Sequence[str], ranges: Sequence[Range], margin: bool, axes: Sequence[int]) -> Plane:
    """Choose the plane through the wanted inputs, by name or number from 1; by default those that vary.

    `ranges` has one range per input, one for all, or none for those of the samples, which `margin` widens. `axes` are
    the numbers of inputs that the figure supports.

    Raises:
        NnsweepError: an input is unknown, or there are too many to choose from, or too few, or numbers are too large.
    """
    inputs = np.vstack([model.train[0], model.test[0]])
    _check_size(inputs, model.names, ranges)
    varying = [place for place in range(inputs.shape[1]) if np.ptp(inputs[:, place]) > 0]
    places = [_place(each, model.names) for each in wanted] if wanted else varying
    if len(set(places)) < len(places) or len(places) not in axes:
        raise NnsweepError(_unfit(places, bool(wanted), axes))
    others = [place for place in range(inputs.shape[1]) if place not in places]
    middle = np.where([place in varying for place in range(inputs.shape[1])], model.train[0].mean(axis=0), inputs[0])
    known = [*ranges] * len(places) if len(ranges) == 1 else [*ranges]
    return Plane(
        places,
        [model.names[place] for place in places],
        known or [rounded(inputs[:, place], margin) for place in places],
        middle,
        _held(model.names, others, varying, middle),
        any(place in varying for place in others),
    )


def _check_size(inputs: np.ndarray, names: Sequence[str], ranges: Sequence[Range]) -> None:
    """Make sure that differences and sums of all numbers are finite.

    Raises:
        NnsweepError: a number is too large.
    """
    for low, high in ranges:
        if max(-low, high) > FARTHEST:
            raise NnsweepError(f"--range {low:g},{high:g}: allowed: numbers between −{FARTHEST:g} and {FARTHEST:g}")
    largest = np.abs(inputs).max(axis=0)
    place = int(largest.argmax())
    if largest[place] > FARTHEST:
        found = f"input `{names[place]}` has values as large as {largest[place]:g}"
        raise NnsweepError(f"{found}; allowed in a figure: at most {FARTHEST:g}")


def _place(wanted: str, names: Sequence[str]) -> int:
    if wanted in names:
        return list(names).index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    known = ", ".join(names) if len(names) <= 12 else f"{names[0]}, …, {names[-1]}"
    raise NnsweepError(f"no input `{wanted}`; allowed: {known}, or 1 to {len(names)}{did_you_mean(wanted, names)}")


def _unfit(places: Sequence[int], chosen: bool, axes: Sequence[int]) -> str:
    if chosen:
        return f"--inputs: found {len(places)}; allowed: {'one or two' if 1 in axes else 'two'} different inputs"
    if len(places) > max(axes):
        first, second, *_ = (place + 1 for place in places)
        choice = f"choose two, such as --inputs {first},{second}"
        return f"{len(places)} inputs vary; {choice}: the others are then held at their means"
    found = "only one input varies, which makes a line, as figure boundary draws" if places else "no input varies"
    return f"{found}; allowed: two, for a surface" if 1 not in axes else f"{found}: there is nothing to draw"


def _held(names: Sequence[str], others: Sequence[int], varying: Sequence[int], middle: np.ndarray) -> str:
    """Write the constants of the other inputs."""
    if len(others) > NAMED:
        return f"the other {len(others)} inputs at their means"
    return ", ".join(
        f"{names[place]} {'at its mean, ' if place in varying else '= '}{middle[place]:.4g}" for place in others
    )


def rounded(values: np.ndarray, margin: bool) -> Range:
    """Round the ends of some values outwards, to multiples of about a sixth of their range.

    >>> rounded(np.array([0.301, 1.652]), True), rounded(np.array([0.0, 1.0]), False)
    ((0.25, 1.75), (0.0, 1.0))
    """
    low, high = float(values.min()), float(values.max())
    margin = margin or low == high
    sixth = (high - low) / 6 or 0.5
    power = 10.0 ** math.floor(math.log10(sixth))
    step = next(each * power for each in STEPS if each * power >= sixth * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    first -= margin and first * step >= low - 1e-9 * step
    last += margin and last * step <= high + 1e-9 * step
    return float(f"{first * step:.12g}"), float(f"{last * step:.12g}")
