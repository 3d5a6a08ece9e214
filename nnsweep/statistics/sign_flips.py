"""Sign flips by seed: a joint test of many cells that uses how the cells depend on each other.

If two settings do not differ in any cell, the two trials of a seed may be exchanged. That flips the sign of the
seed's difference, and it does so in all cells at once, because all cells share the seed. The distribution of the
largest statistic over such flips is therefore that of the largest statistic under the hypothesis, with all the
dependence between the cells that the data have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnsweep.statistics.ranks import doubled_ranks

Floats = NDArray[np.float64]

FLIPS = 20_000
"""Random flips that are drawn if all flips would be too many."""
ENUMERATED = 14
"""Seeds up to which all 2ⁿ flips are taken."""
CHUNK = 1_000
"""Flips in one matrix product."""
ROUNDING = 1 - 1e-12
"""Statistics that differ by no more than rounding count as equal."""


class Adjusted(NamedTuple):
    """P-values adjusted for the number of cells, and their standard errors due to random flips, (cells,)."""

    p: Floats
    error: Floats


def signed_flips(seeds: int, flips: int = FLIPS, start: int = 0) -> Iterator[Floats]:
    """Yield signs ±1 in parts (seeds, up to CHUNK): every combination, or `flips` random ones.

    Random flips come from a fixed seed, so that the same trials give the same p-values.
    """
    if seeds <= ENUMERATED:
        count = 2**seeds
        for first in range(0, count, CHUNK):
            number = np.arange(first, min(first + CHUNK, count))
            yield _signs(number >> np.arange(seeds)[:, None] & 1)
        return
    random = np.random.default_rng([seeds, start])
    for first in range(0, flips, CHUNK):
        drawn = random.integers(2, size=(min(CHUNK, flips - first), seeds))
        yield _signs(drawn.T)


def _signs(bits: NDArray) -> Floats:
    return 1.0 - 2.0 * bits.astype(np.float64)


def is_enumerated(seeds: int) -> bool:
    """Return whether all flips of this many seeds are taken, so that p-values are exact."""
    return seeds <= ENUMERATED


def max_t(weights: NDArray, flips: int = FLIPS) -> Adjusted:
    """Adjust two-sided p-values of many cells by the step-down maximum of studentised sums under sign flips.

    `weights` (cells, seeds) are signed whole numbers: of success +1 where the second setting alone succeeds, −1 where
    the first does, 0 where they agree or the pair is missing; of a metric the signed ranks of its differences. The
    statistic of a cell is T = |Σ w| / √(Σ w²) over its seeds. A flip f changes it to |Σ f w| / √(Σ w²).

    The p-value of the cell with the k-th largest T is the share of flips whose largest statistic over the cells from
    the k-th on reaches T; none is smaller than one before it. The chance that any true null hypothesis has p < 0.05
    is at most 5 %, however cells depend on each other. A cell without weights has p = 1.

    >>> cells = np.array([[1, 1, 1, 1, 1, 1], [1, -1, 1, -1, 0, 0]])
    >>> max_t(cells).p.tolist()  # 6 of 6 in one of two directions: 2 of the 64 flips, at first with a second cell
    [0.03125, 1.0]

    P. H. Westfall and S. S. Young, Resampling-based multiple testing (1993), algorithm 2.8; J. P. Romano and M. Wolf,
    J. Am. Stat. Assoc. 100 (2005) 94–108.
    """
    weights = np.asarray(weights, dtype=np.float64)
    weights = weights[:, weights.any(axis=0)]  # The sign of a seed without a difference changes nothing.
    cells, seeds = weights.shape
    scale = np.sqrt(np.square(weights).sum(axis=1))
    live = np.flatnonzero(scale > 0)
    observed = np.abs(weights.sum(axis=1))[live] / scale[live]
    order = live[np.argsort(-observed, kind="stable")]
    threshold = np.sort(observed)[::-1] * ROUNDING
    reached, drawn = np.zeros(len(order)), 0
    for signs in signed_flips(seeds, flips) if len(order) else ():
        # Sums of whole numbers are exact in any order: equal data give equal p-values on every machine.
        statistic = np.abs(weights[order] @ signs) / scale[order, None]
        largest = np.maximum.accumulate(statistic[::-1], axis=0)[::-1]
        reached += (largest >= threshold[:, None]).sum(axis=1)
        drawn += signs.shape[1]
    p, error = np.ones(cells), np.zeros(cells)
    share, error[order] = share_of(reached, drawn, is_enumerated(seeds))
    p[order] = np.maximum.accumulate(share)
    return Adjusted(p, error)


def share_of(reached: Floats, drawn: Floats | int, exact: bool) -> tuple[Floats, Floats]:
    """Turn counts of flips that reach a statistic into p-values and their standard errors.

    The data themselves count as one of the random flips, so that p is never 0 and the test keeps its level (B. Phipson
    and G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 9 (2010) 39).
    """
    if exact:
        return reached / np.maximum(drawn, 1), np.zeros(len(reached))
    p = (reached + 1) / (drawn + 1)
    return p, np.sqrt(p * (1 - p) / drawn)


def signed_ranks(differences: NDArray) -> NDArray:
    """Compute signed ranks of paired differences (cells, seeds), doubled so that ties are whole numbers.

    A missing difference (NaN) has no rank and counts as 0. Zeros are ranked with the others and then count as 0 (J. W.
    Pratt, J. Am. Stat. Assoc. 54 (1959) 655–667). An infinite difference has the highest rank.
    """
    return np.where(np.isnan(differences), 0.0, np.sign(differences) * doubled_ranks(np.abs(differences)))
