"""The 8 × 8 digits that scikit-learn ships."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from nnsweep.data.arrays import Array, one_hot
from nnsweep.errors import DataError


def digits(seed: int) -> tuple[Array, Array]:
    """Load pixels (1797, 64) between 0 and 1 and one column for each digit (1797, 10); the seed is ignored.

    The file is read without importing scikit-learn, which takes a second and 150 MB.

    Source: the test set of UCI's "Optical Recognition of Handwritten Digits"; pixels 0 to 16 there.

    Raises:
        DataError: scikit-learn is not installed, or has no such file.
    """
    import gzip

    found = find_spec("sklearn")
    if found is None or not found.origin:
        needs = 'digits: needs scikit-learn, which is not installed; to install it: pip install "nnsweep[digits]"'
        raise DataError(needs)
    place = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        with gzip.open(place, "rt", encoding="ascii") as lines:
            table = np.loadtxt(lines, delimiter=",")
    except (OSError, ValueError) as error:
        raise DataError(f"digits: {place}: scikit-learn's file cannot be read ({error})") from None
    return table[:, :-1] / 16, one_hot(table[:, -1].astype(int), 10)
