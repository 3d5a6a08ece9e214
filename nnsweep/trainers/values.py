"""Convert a value that a trainer returned to a Python number or a list of such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, nan
from typing import Any

import numpy as np

from nnsweep.data.users import described


class NoNumberError(ValueError):
    """A value is neither a number nor a list of numbers; the message says what it is."""


def read(value: Any) -> float | list[float]:
    """Read a number or a list of numbers of any type: NumPy numbers, decimals, tensors; True is 1 and False is 0.

    A missing value, `None` or masked by NumPy, is NaN. An array of one number is a number. An array with a single
    dimension longer than 1 is a list. A whole number beyond the range of float64 is infinite.

    Raises:
        NoNumberError: it is something else.
    """
    if isinstance(value, list | tuple):
        return _list(value)
    if isinstance(value, Mapping | set | frozenset):
        raise NoNumberError(f"a {type(value).__name__} of {len(value)}")
    array = None if _is_scalar(value) else _array(value)
    return _number(value) if array is None else _from_array(array)


def is_missing(value: Any) -> bool:
    """Whether a value stands for a missing one: `None`, masked by NumPy, pandas' `NA` or `NaT`."""
    return value is None or value is np.ma.masked or type(value).__name__ in ("NAType", "NaTType")


def _is_scalar(value: Any) -> bool:
    return is_missing(value) or isinstance(value, complex | float | int | str | bytes | np.generic)


def _list(values: Iterable[Any]) -> list[float]:
    values = list(values)
    if not values:
        raise NoNumberError("an empty list")
    if all(type(each) is float for each in values):  # the usual case, and lists may be long
        return values
    if any(isinstance(each, list | tuple) or (isinstance(each, np.ndarray) and each.size > 1) for each in values):
        return _rows(values)
    return [_number(each) for each in values]


def _rows(values: list[Any]) -> list[float]:
    """Read a list of lists, if it has only one column or one row."""
    try:
        found = _from_array(np.ma.asarray(values))
    except ValueError as error:
        raise (
            error if isinstance(error, NoNumberError) else NoNumberError("a list of lists of different lengths")
        ) from None
    return found if isinstance(found, list) else [found]


def _array(value: Any) -> np.ndarray | None:
    """Convert an object to an array; None if it cannot be converted, or the array would only contain the object."""
    if isinstance(value, np.ndarray):
        return value
    try:
        found = np.asarray(value)
    except Exception:  # a user's object may raise anything
        return None
    return None if found.dtype == object and found.ndim == 0 else found


def _from_array(array: np.ndarray) -> float | list[float]:
    if array.dtype.kind not in "biufO":
        raise NoNumberError(_of_other_type(array))
    if not array.size:
        raise NoNumberError("an empty array")
    if np.squeeze(array).ndim > 1:
        kind = "a matrix" if array.ndim == 2 else "an array"
        raise NoNumberError(f"{kind} of {' × '.join(map(str, array.shape))}")
    numbers = _flat(array)
    return numbers if array.ndim == 1 or len(numbers) > 1 else numbers[0]


def _flat(array: np.ndarray) -> list[float]:
    flat = array.reshape(-1)
    if array.dtype == object:
        return [_number(each) for each in flat]
    with np.errstate(over="ignore"):  # a longer float may be infinite as a float64
        numbers = np.array(np.ma.getdata(flat), dtype=np.float64)
    numbers[np.ma.getmaskarray(flat)] = nan
    return numbers.tolist()


def _of_other_type(array: np.ndarray) -> str:
    names = {"U": "texts", "S": "texts", "c": "complex numbers"}
    what = names.get(array.dtype.kind, f"type {array.dtype}")
    return f"an array of {what}"


def _number(value: Any) -> float:
    if is_missing(value):
        return nan
    if isinstance(value, str | bytes):
        raise NoNumberError("a text")
    if isinstance(value, np.ndarray) and value.size == 1:
        return _number(value.reshape(-1)[0])
    if isinstance(value, complex | np.complexfloating):
        raise NoNumberError("a complex number")
    if isinstance(value, np.datetime64 | np.timedelta64 | np.void):
        raise NoNumberError(f"a `{type(value).__name__}`")
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf
    except Exception:  # it is no number, or a user's object that may raise anything
        raise NoNumberError(described(value)) from None
