"""Data sets that a user's function makes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from nnsweep.data import users
from nnsweep.data.arrays import Array, Data, by_content
from nnsweep.data.containment import contained
from nnsweep.data.users import described, raised
from nnsweep.errors import DataError, NnsweepError

FUNCTION = rf"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$|{users.FILE}"
RETURNS = "allowed: a pair of inputs (N, I) and targets (N,) or (N, O)"


def is_function(name: str) -> bool:
    """Return whether a name looks like "package.module:function" or "path/module.py:function".

    >>> is_function("mine.sets:rings"), is_function("parabolas")
    (True, False)
    """
    return re.fullmatch(FUNCTION, name) is not None


def call(name: str, seed: int) -> Data:
    """Import "package.module:function" and call function(seed), which returns inputs (N, I), targets (N,) or (N, O).

    It is called twice: if it drew random numbers without the seed, each worker would get other data.

    Raises:
        DataError: it cannot be imported, raises an error, returns no such arrays, or other arrays the second time.
    """
    function = _imported(name)
    first, again = (_checked(_called(function, name, seed), name) for _ in range(2))
    if first.fingerprint != again.fingerprint:
        raise DataError(f"{name}({seed}): called twice, it gave different data; allowed: the same for the same seed")
    return first


def _imported(name: str) -> Callable[[int], Any]:
    try:
        function = users.find(name)
    except NnsweepError as error:
        raise DataError(f"{name}: {error}") from None
    if callable(function) and not inspect.iscoroutinefunction(function):
        return function
    what = "an async function" if callable(function) else described(function)
    raise DataError(f"{name}: found {what}; allowed: a function of a seed")


def _called(function: Callable[[int], Any], name: str, seed: int) -> Any:
    try:
        with contained():
            return function(seed)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):  # it may be Ctrl-C
            raise
        raise DataError(f"{name}({seed}): raised {raised(error)}") from None


def _checked(made: Any, name: str) -> Data:
    if not isinstance(made, tuple | list) or len(made) != 2:
        raise DataError(f"{name}: returned {described(made)}; {RETURNS}")
    inputs, targets = (_numbers(each, part, name) for each, part in zip(made, ("inputs", "targets"), strict=True))
    targets = targets[:, None] if targets.ndim == 1 else targets
    if inputs.ndim != 2 or targets.ndim != 2 or len(inputs) != len(targets) or 0 in inputs.shape + targets.shape:
        shapes = f"arrays of shape {_shape(made[0])} and {_shape(made[1])}"
        raise DataError(f"{name}: returned {shapes}; {RETURNS}, with N, I and O at least 1")
    return by_content(inputs, targets)


def _numbers(value: Any, part: str, name: str) -> Array:
    """Copy an array: the function may keep and change its own."""
    try:
        masked = np.argwhere(np.ma.getmaskarray(value)) if np.ma.is_masked(value) else np.empty((0, 0))
        found = np.asarray(value)
        with np.errstate(over="ignore"):  # What is too large for float64 becomes infinite, which is refused below.
            array = np.array(found, dtype=np.float64, order="C") if found.dtype.kind in "biuf" else None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):  # it may be Ctrl-C
            raise
        raise DataError(f"{name}: its {part} make no array: {raised(error)}") from None
    if len(masked):
        raise DataError(f"{name}: its {part} are masked at {masked[0].tolist()}; allowed: finite numbers")
    if array is None:
        raise DataError(f"{name}: its {part} are of type {found.dtype}; allowed: numbers")
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        raise DataError(f"{name}: its {part} hold {array[tuple(place)]} at {place}; allowed: finite numbers")
    return array


def _shape(value: Any) -> str:
    return str(np.shape(value))
