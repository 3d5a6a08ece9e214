"""Confidence intervals in closed form."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from nnsweep.confidence import CONFIDENCE


def wilson(successes: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
    """Compute Wilson's score interval of a success rate, low and high; NaN if n is 0.

    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), with p = successes / n and z the normal quantile.
    `successes` and `n` are counts of any shapes that broadcast; both results are float64 of that shape.

    >>> low, high = wilson(9, 50)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0977, 0.308)

    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209–212; R. G. Newcombe, Stat. Med. 17 (1998) 857–872.
    """
    # scipy.stats has this too, but importing it takes longer than a whole small sweep.
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    successes, n = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    n = np.where(n > 0, n, np.nan)
    p = successes / n
    centre = p + z * z / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    shrink = 1 + z * z / n
    # The interval of no success ends exactly at 0, that of all successes at 1; rounding would leave 1e-17.
    low = np.where(successes == 0, 0 * n, (centre - half) / shrink)
    high = np.where(successes == n, 1.0, (centre + half) / shrink)
    return low, high


def student(mean: float, sd: float, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Compute Student's interval of a mean, low and high; NaN if n is below 2.

    mean ± t sd / √n, with t the quantile of Student's distribution with n − 1 degrees of freedom, and `sd` by n − 1.

    >>> [round(end, 3) for end in student(10.0, 2.0, 20)]
    [9.064, 10.936]

    Student, Biometrika 6 (1908) 1–25.
    """
    from scipy.special import stdtrit

    if n < 2:
        return float("nan"), float("nan")
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * sd / n**0.5
    return mean - half, mean + half
