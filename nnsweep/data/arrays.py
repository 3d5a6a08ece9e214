"""A loaded data set: two arrays and a fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnsweep.errors import DataError
from nnsweep.targets import TargetKind, target_kind

Array = NDArray[np.float64]

NUMBERS = 2**27
"""Inputs and targets of all samples of a data set that is read from files, at most: 1 GiB as float64."""


@dataclass(frozen=True, eq=False)
class Data:
    """Inputs (N, I) and targets (N, O), float64 and read-only, and the fingerprint that identifies them.

    `names` are the names of the inputs, if they have any. `notes` tell the user what was found in a file. With `fill`,
    an input that is NaN is missing: it is replaced by the mean or median of its column over the training samples.
    """

    inputs: Array
    targets: Array
    fingerprint: str
    names: Sequence[str] = ()
    notes: Sequence[str] = ()
    fill: Literal["mean", "median"] | None = None

    def __post_init__(self) -> None:
        self.inputs.flags.writeable = self.targets.flags.writeable = False

    @cached_property
    def target_kind(self) -> TargetKind:
        """What the targets are, by their values alone: see `TargetKind`."""
        return target_kind(self.targets)

    def filled(self, train: NDArray[np.integer]) -> Array:
        """Return the inputs (N, I). Missing ones are filled from the training rows alone, so that no test sample leaks.

        Raises:
            DataError: an input is missing in all of these rows.
        """
        missing = np.isnan(self.inputs) if self.fill else np.zeros((1, 1), dtype=bool)
        if not missing.any():
            return self.inputs
        unknown = missing[train].all(axis=0)
        if unknown.any():
            name = self.names[int(unknown.argmax())] if self.names else f"{int(unknown.argmax()) + 1}"
            raise DataError(f"input {name} is missing in each of the {len(train):,} samples that train")
        typical = (np.nanmean if self.fill == "mean" else np.nanmedian)(self.inputs[train], axis=0)
        return np.where(missing, typical, self.inputs)


def by_content(inputs: Array, targets: Array) -> Data:
    """Make a data set that is identified by its numbers."""
    return Data(inputs, targets, digest(inputs, targets))


def digest(*arrays: NDArray) -> str:
    """Digest arrays, with their shapes and types, in 32 hex digits of BLAKE2b, the same on every machine.

    >>> digest(np.array([1.0, 2.0]))
    'eb1f76daf919427f1b1dfd33d79e1d88'
    """
    summed = blake2b(digest_size=16)
    for array in arrays:
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        summed.update(f"{little.dtype.str}{little.shape}".encode())
        summed.update(little.data)
    return summed.hexdigest()


def check_size(rows: int, columns: int, where: str) -> None:
    """Refuse arrays that memory may not hold, before they are made.

    Raises:
        DataError: they would have more than `NUMBERS` numbers.
    """
    if rows * columns > NUMBERS:
        found = f"{rows:,} samples of {columns:,} inputs and outputs"
        raise DataError(f"{where}: found {found}; allowed: at most {NUMBERS:,} numbers together")


def one_hot(labels: NDArray[np.integer], classes: int) -> Array:
    """Turn labels (N,) from 0 into columns (N, classes) with a 1 in the label's column.

    >>> one_hot(np.array([1, 0]), 3).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    columns = np.zeros((len(labels), classes))
    columns[np.arange(len(labels)), labels] = 1
    return columns
