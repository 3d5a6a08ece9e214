"""The 8 × 8 digits that scikit-learn ships."""

from __future__ import annotations

import numpy as np

from nnsweep.data.arrays import Array, one_hot
from nnsweep.errors import DataError


def digits(seed: int) -> tuple[Array, Array]:
    """Load pixels (1797, 64) between 0 and 1 and one column for each digit (1797, 10); the seed is ignored.

    Source: the test set of UCI's "Optical Recognition of Handwritten Digits"; pixels 0 to 16 there.

    Raises:
        DataError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits  # pyright: ignore[reportMissingImports]
    except ImportError:
        needs = 'digits: needs scikit-learn, which is not installed; to install it: pip install "nnsweep[digits]"'
        raise DataError(needs) from None
    pixels, labels = load_digits(return_X_y=True)
    return np.asarray(pixels, dtype=np.float64) / 16, one_hot(np.asarray(labels), 10)
