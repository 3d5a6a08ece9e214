"""E-values: evidence that may be checked after every seed without more false answers."""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

from nnsweep.confidence import LEVEL

Floats = NDArray[np.float64]

BETS, WEIGHTS = np.polynomial.legendre.leggauss(64)
"""Stakes between −1 and 1, and the share of the initial capital on each."""
SMALL = 1e-6
"""The smallest distance of a tested mean from −1 and 1."""
MOST = 700.0
"""The logarithm of the largest e-value that is returned."""


def e_value(gained: int, lost: int) -> float:
    """Compute the evidence of `gained` heads and `lost` tails against a fair coin.

    E = 2ⁿ ∫ θᵏ (1 − θ)ⁿ⁻ᵏ dθ = 2ⁿ / ((n + 1) · C(n, k)) with k = gained and n = gained + lost: the capital of a gambler
    who starts with 1 and divides it evenly among all biases θ. If the coin is fair, E ever reaches 1/α with a
    probability of at most α, however often it is checked (Ville 1939). n counts only the pairs that disagree; the
    others neither win nor lose.

    >>> round(e_value(15, 2), 1)  # 2¹⁷ / (18 · 136)
    53.5

    J. Ville, Étude critique de la notion de collectif (1939); A. Ramdas, P. Grünwald, V. Vovk, G. Shafer,
    Stat. Sci. 38 (2023) 576–601, section 4.
    """
    n = gained + lost
    choose = lgamma(n + 1) - lgamma(gained + 1) - lgamma(lost + 1)
    return exp(min(MOST, n * log(2) - log(n + 1) - choose))


def e_value_of_mean(values: NDArray, mean: float) -> float:
    """Compute the evidence of values (n,) between −1 and 1 against "the mean is `mean`".

    E = ∫ Π (1 + λ (x − m)) dλ over stakes λ from −1/(1 − m) to 1/(1 + m), by 64 stakes with the weights of Gauss and
    Legendre. Any division among stakes bounds the probability of 1/α by α, so the quadrature keeps the guarantee. For
    differences +1, 0 and −1 and m = 0 it equals `e_value` (exactly up to 127 pairs).

    I. Waudby-Smith and A. Ramdas, J. R. Stat. Soc. B 86 (2024) 1–27.
    """
    low, high = -1 / max(1 - mean, SMALL), 1 / max(1 + mean, SMALL)
    stakes = (low + high) / 2 + (high - low) / 2 * BETS
    distinct, count = np.unique(values, return_counts=True)
    capital = np.log(np.maximum(1 + stakes[:, None] * (distinct - mean), 1e-300)) @ count
    return float(np.exp(np.minimum(capital, MOST)) @ WEIGHTS / 2)


def mean_interval_at_all_times(values: NDArray, level: float = LEVEL) -> tuple[float, float]:
    """Compute an interval that contains the mean at all times, however often it is checked, with probability 1 − level.

    It contains the means with evidence below 1/level against them. Both ends are found by bisection, because the
    evidence grows on either side of the observed mean. Values (n,) are between −1 and 1.
    """
    if not len(values):
        return -1.0, 1.0
    low, high = (_end(values, float(values.mean()), side, 1 / level) for side in (-1.0, 1.0))
    return low, high


def _end(values: NDArray, inside: float, outside: float, limit: float) -> float:
    for _ in range(40):
        middle = (inside + outside) / 2
        if e_value_of_mean(values, middle) < limit:
            inside = middle
        else:
            outside = middle
    return outside


def settled(e_values: NDArray, level: float = LEVEL) -> NDArray[np.bool_]:
    """Return which of several hypotheses are rejected at a family-wise error of `level`, whatever their dependence.

    Holm's procedure on p = 1/E: the k-th largest of m e-values must reach (m − k + 1)/level, each larger one its own.

    >>> settled(np.array([50.0, 19.0, 3.0])).tolist(), settled(np.array([60.0, 40.0, 20.0])).tolist()
    ([False, False, False], [True, True, True])

    V. Vovk and R. Wang, Ann. Stat. 49 (2021) 1736–1754.
    """
    order = np.argsort(-e_values, kind="stable")
    enough = e_values[order] * level >= np.arange(len(order), 0, -1)
    rejected = np.zeros(len(order), dtype=bool)
    rejected[order] = np.logical_and.accumulate(enough)
    return rejected
