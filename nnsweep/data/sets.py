"""The table of data sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnsweep.data.parabolas import parabolas

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Data:
    """Inputs (N, I) and targets (N, O), float64, and the fingerprint that identifies them."""

    inputs: Array
    targets: Array
    fingerprint: str


@dataclass(frozen=True)
class Generator:
    """A data set made from a seed. Raise `version` when the same seed would give other points."""

    make: Callable[[int], tuple[Array, Array]]
    version: int


DATASETS: dict[str, Generator] = {
    "parabolas": Generator(parabolas, version=1),
}


@lru_cache(maxsize=16)
def load(name: str, seed: int) -> Data:
    """Make the data set `name` of DATASETS with a seed; the arrays are read-only, because they are shared."""
    generator = DATASETS[name]
    inputs, targets = generator.make(seed)
    inputs.flags.writeable = targets.flags.writeable = False
    # A generator is identified by its name, not its bits: sin and cos may differ in the last of them between hosts.
    return Data(inputs, targets, f"{name} version {generator.version} seed {seed}")
