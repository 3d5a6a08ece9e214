"""E-values: evidence that may be looked at after every seed, without raising the chance of a false answer."""

from __future__ import annotations

from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BETS, WEIGHTS = np.polynomial.legendre.leggauss(64)
"""Stakes between −1 and 1, and how the first capital is divided among them."""
MOST = 700.0
"""The logarithm of the largest number that an e-value is told as."""


def e_value(gained: int, lost: int) -> float:
    """Give the evidence against a fair coin of `gained` heads and `lost` tails: the capital won by betting on it.

    E = 2ⁿ ∫ θᵏ (1 − θ)ⁿ⁻ᵏ dθ = 2ⁿ / ((n + 1) · C(n, k)) with k = gained and n = gained + lost: the winnings, starting
    with 1, of a gambler who divides the money evenly among all biases θ. If the coin is fair, the chance that E ever
    reaches 1/α, however often one looks, is at most α (Ville 1939). n counts only the pairs that disagree; the others
    neither win nor lose.

    >>> round(e_value(15, 2), 1)  # 2¹⁷ / (18 · 136)
    53.5

    J. Ville, Étude critique de la notion de collectif (1939); A. Ramdas, P. Grünwald, V. Vovk, G. Shafer,
    Stat. Sci. 38 (2023) 576–601, section 4.
    """
    n = gained + lost
    choose = lgamma(n + 1) - lgamma(gained + 1) - lgamma(lost + 1)
    return exp(min(MOST, n * log(2) - log(n + 1) - choose))


def e_value_of_mean(gained: int, same: int, lost: int, mean: float) -> float:
    """Give the evidence against "the mean difference is `mean`", of pairs with differences +1, 0 and −1.

    E = ∫ (1 + λ(1 − m))^gained (1 − λm)^same (1 − λ(1 + m))^lost dλ over stakes λ from −1/(1 − m) to 1/(1 + m), by 64
    stakes with the weights of Gauss and Legendre. Any division among stakes bounds the chance of 1/α by α, so the
    quadrature costs no guarantee. At m = 0 it is `e_value` (exactly up to 127 pairs).
    """
    low, high = -1 / (1 - mean) if mean < 1 else -np.inf, 1 / (1 + mean) if mean > -1 else np.inf
    low, high = max(low, -1e6), min(high, 1e6)
    stakes = (low + high) / 2 + (high - low) / 2 * BETS
    wins = [(gained, 1 + stakes * (1 - mean)), (same, 1 - stakes * mean), (lost, 1 - stakes * (1 + mean))]
    total = sum(count * np.log(np.maximum(factor, 1e-300)) for count, factor in wins if count) + np.zeros(len(BETS))
    return float(np.exp(np.minimum(total, MOST)) @ WEIGHTS / 2)


def difference_interval(gained: int, same: int, lost: int, level: float = 0.05) -> tuple[float, float]:
    """Give an interval of the mean difference that holds it at all times, however often one looks, with 1 − level.

    It has the means that no evidence of 1/level stands against; both ends are found by bisection, as the evidence grows
    on either side of the observed difference.

    I. Waudby-Smith and A. Ramdas, J. R. Stat. Soc. B 86 (2024) 1–27.
    """
    n = gained + same + lost
    if not n:
        return -1.0, 1.0
    middle = (gained - lost) / n
    return tuple(_end(gained, same, lost, middle, float(side), 1 / level) for side in (-1, 1))  # type: ignore[return-value]


def _end(gained: int, same: int, lost: int, inside: float, outside: float, limit: float) -> float:
    for _ in range(50):
        middle = (inside + outside) / 2
        if e_value_of_mean(gained, same, lost, middle) < limit:
            inside = middle
        else:
            outside = middle
    return outside


def settled(e_values: NDArray, level: float = 0.05) -> NDArray[np.bool_]:
    """Tell which of several hypotheses are rejected at a family-wise error of `level`, whatever their dependence.

    Holm's procedure on p = 1/E: the k-th largest of m e-values must reach (m − k + 1)/level, and all before it too.

    >>> settled(np.array([50.0, 19.0, 3.0])).tolist(), settled(np.array([60.0, 40.0, 20.0])).tolist()
    ([False, False, False], [True, True, True])

    V. Vovk and R. Wang, Ann. Stat. 49 (2021) 1736–1754.
    """
    order = np.argsort(-e_values, kind="stable")
    enough = e_values[order] * level >= np.arange(len(order), 0, -1)
    rejected = np.zeros(len(order), dtype=bool)
    rejected[order] = np.logical_and.accumulate(enough)
    return rejected
