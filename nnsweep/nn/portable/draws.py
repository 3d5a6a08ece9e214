"""Uniform and normal numbers of NumPy's generators, with the same bits on every machine.

The generators themselves are whole numbers, and a uniform number in [0, 1) is exact. Where NumPy goes on with the C
library's logarithm, or with a product and a sum that some processors round only once, these go on with the portable
logarithm, and round twice. They draw NumPy's numbers up to the last bits.
"""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn.portable.functions import log

Array = NDArray[np.float64]

TAIL = 3.6541528853610088
"""Where NumPy's ziggurat ends: larger normal numbers are drawn from the tail (Marsaglia & Tsang 2000)."""
INVERSE_TAIL = 0.27366123732975828


class PortableRandom:
    """Draws of a `numpy.random.Generator`."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> Array:
        """Draw from U(low, high)."""
        return low + (high - low) * self._random.random(size)

    def normal(self, loc: float, scale: float, size: tuple[int, ...]) -> Array:
        """Draw from N(loc, scale²)."""
        return loc + scale * self._standard_normal(prod(size)).reshape(size)

    def _standard_normal(self, count: int) -> Array:
        """Draw as NumPy does; one number in 4,000 is from the tail, takes a logarithm, and is drawn again."""
        state = self._random.bit_generator.state
        found = self._random.standard_normal(count)
        places = np.flatnonzero(np.abs(found) > TAIL)
        if places.size:
            self._random.bit_generator.state = state
            done = 0
            for place in places.tolist():
                self._random.standard_normal(place - done)
                found[place] = self._from_tail()
                done = place + 1
            self._random.standard_normal(count - done)
        return found

    def _from_tail(self) -> float:
        """Draw a number of which it is known that it is from the tail."""
        draw = self._random.bit_generator.random_raw
        while (bits := draw()) & 0xFF:  # a layer of the ziggurat above the tail, which rejected its number
            draw()
        while True:
            x, y = (-log(1.0 - self._random.random(1))).tolist(), (-log(1.0 - self._random.random(1))).tolist()
            size = INVERSE_TAIL * x[0]
            if y[0] + y[0] > size * size:
                return -(TAIL + size) if (bits >> 17) & 1 else TAIL + size


class PortableLegacyRandom:
    """Draws of the legacy `numpy.random.RandomState`, either uniform or normal ones alone."""

    def __init__(self, random: np.random.RandomState) -> None:
        self._random, self._left = random, np.empty(0)

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> Array:
        """Draw from U(low, high)."""
        return low + (high - low) * self._random.random_sample(size)

    def normal(self, loc: float, scale: float, size: tuple[int, ...]) -> Array:
        """Draw from N(loc, scale²), by Marsaglia's polar method: points in the unit disc give two numbers each."""
        count = prod(size)
        while len(self._left) < count:
            missing = -(-(count - len(self._left)) // 2)
            x, y = 2.0 * self._random.random_sample((missing, 2)).T - 1.0
            square = x * x + y * y
            x, y, square = (each[(square < 1) & (square != 0)] for each in (x, y, square))
            factor = np.sqrt(-2.0 * log(square) / square)
            self._left = np.concatenate([self._left, np.column_stack([factor * y, factor * x]).ravel()])
        found, self._left = self._left[:count], self._left[count:]
        return loc + scale * found.reshape(size)
