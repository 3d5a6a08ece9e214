"""Whether black or white text has more contrast on a colour (WCAG 2.1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EVEN = 0.179
"""Luminance at which black and white text have the same contrast: √(1.05 · 0.05) − 0.05."""


def is_dark(colours: ArrayLike) -> NDArray[np.bool_]:
    """Return on which sRGB colours (…, 3), between 0 and 1, white text has more contrast than black.

    The better of the two has a contrast of at least 4.58 : 1 on every colour.

    >>> is_dark([[0.0, 0.0, 0.5], [1.0, 0.9, 0.1]])
    array([ True, False])
    """
    return luminance(colours) < EVEN


def luminance(colours: ArrayLike) -> NDArray[np.float64]:
    """Compute the relative luminance of sRGB colours (…, 3), between 0 and 1.

    >>> luminance([1.0, 1.0, 1.0]).round(6)
    np.float64(1.0)

    https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
    """
    colours = np.asarray(colours, dtype=np.float64)
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))
