"""Data sets that a function of the user's makes."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

import numpy as np

from nnsweep.data.arrays import Array, Data, by_content
from nnsweep.data.words import did_you_mean, plain_line
from nnsweep.errors import DataError

FUNCTION = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"
RETURNS = "allowed: a pair of inputs (N, I) and targets (N,) or (N, O)"


def is_function(name: str) -> bool:
    """Whether a name has the form "package.module:function".

    >>> is_function("mine.sets:rings"), is_function("parabolas")
    (True, False)
    """
    return re.fullmatch(FUNCTION, name) is not None


def call(name: str, seed: int) -> Data:
    """Import "package.module:function" and call function(seed) for inputs (N, I) and targets (N,) or (N, O).

    It is called twice: a function that draws without its seed would give each worker other data.

    Raises:
        DataError: it cannot be imported, raises, or does not return such arrays, the same each time.
    """
    function = _imported(name)
    first, again = (_checked(_called(function, name, seed), name) for _ in range(2))
    if first.fingerprint != again.fingerprint:
        raise DataError(f"{name}({seed}): called twice, it gave different data; allowed: the same for the same seed")
    return first


def _imported(name: str) -> Callable[[int], Any]:
    module_name, _, attribute = name.partition(":")
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does, and the program `nnsweep` by itself does not
    invalidate_caches()  # a notebook may just have written the module
    try:
        module = import_module(module_name)
    except (Exception, SystemExit) as error:
        where = f"looked in {here} and in Python's path"
        raise DataError(f"{name}: cannot be imported: {_raised(error)}; {where}") from None
    function = getattr(module, attribute, None)
    if callable(function):
        return function
    if function is not None:
        raise DataError(f"{name}: found {_described(function)}; allowed: a function of a seed")
    nearest = did_you_mean(attribute, [each for each in vars(module) if not each.startswith("_")])
    raise DataError(f"{name}: {module_name} has no `{attribute}`{nearest}")


def _called(function: Callable[[int], Any], name: str, seed: int) -> Any:
    try:
        return function(seed)
    except (Exception, SystemExit) as error:
        raise DataError(f"{name}({seed}): raised {_raised(error)}") from None


def _raised(error: BaseException) -> str:
    """Name an exception and the line that raised it, in one line."""
    text = plain_line(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{f': {text}' if text else ''}{place}"


def _is_users(file: str) -> bool:
    return Path(os.getcwd()) in Path(file).parents and "site-packages" not in file and file != __file__


def _checked(made: Any, name: str) -> Data:
    if not isinstance(made, tuple | list) or len(made) != 2:
        raise DataError(f"{name}: returned {_described(made)}; {RETURNS}")
    inputs, targets = (_numbers(each, part, name) for each, part in zip(made, ("inputs", "targets"), strict=True))
    targets = targets[:, None] if targets.ndim == 1 else targets
    if inputs.ndim != 2 or targets.ndim != 2 or len(inputs) != len(targets) or 0 in inputs.shape + targets.shape:
        shapes = f"arrays of shape {_shape(made[0])} and {_shape(made[1])}"
        raise DataError(f"{name}: returned {shapes}; {RETURNS}, with N, I and O at least 1")
    return by_content(inputs, targets)


def _numbers(value: Any, part: str, name: str) -> Array:
    """Copy an array, so that nothing the function keeps can change it."""
    try:
        found = np.asarray(value)
        with np.errstate(over="ignore"):  # what is too large for float64 becomes infinite, and is found below
            array = np.array(found, dtype=np.float64, order="C") if found.dtype.kind in "biuf" else None
    except (Exception, SystemExit) as error:
        raise DataError(f"{name}: its {part} make no array: {_raised(error)}") from None
    if array is None:
        raise DataError(f"{name}: its {part} are of type {found.dtype}; allowed: numbers")
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        raise DataError(f"{name}: its {part} hold {array[tuple(place)]} at {place}; allowed: finite numbers")
    return array


def _described(made: Any) -> str:
    if made is None:
        return "nothing"
    return f"`{type(made).__name__}`" + (f" of {len(made)}" if isinstance(made, tuple | list) else "")


def _shape(value: Any) -> str:
    return str(np.shape(value))
