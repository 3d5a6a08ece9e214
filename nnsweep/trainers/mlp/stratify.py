"""Stratified splits: each part has its share of every class."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


def stratified(labels: Ints, sizes: Sequence[int], random: np.random.Generator) -> list[Ints]:
    """Divide samples of classes `labels` (N,) at random into parts of these sizes, which sum to N.

    Each part's count of each class is its exact share, rounded down or up.

    >>> labels = np.array([0, 0, 0, 0, 1, 1])
    >>> [labels[part].sum() for part in stratified(labels, [3, 3], np.random.default_rng(0))]
    [np.int64(1), np.int64(1)]
    """
    counts = shares(tuple(sizes), tuple(np.bincount(labels).tolist()))
    parts: list[list[Ints]] = [[] for _ in sizes]
    for label, of_label in enumerate(counts.T):
        members = random.permutation(np.flatnonzero(labels == label))
        for part, chosen in zip(parts, np.split(members, np.cumsum(of_label)[:-1]), strict=True):
            part.append(chosen)
    return [random.permutation(np.concatenate(part)) for part in parts]


@lru_cache
def shares(sizes: tuple[int, ...], classes: tuple[int, ...]) -> Ints:
    """Round `size · class / N` down or up to whole numbers (parts, classes), of which rows and columns sum to the two.

    This is always possible, by the integrality of flows (Cox 1987, "A constructive procedure for unbiased
    controlled rounding"). Shares with the largest fractions are rounded up first. If a part then
    lacks a sample, parts swap samples along a path of parts and classes.
    """
    exact, total = np.outer(sizes, classes), sum(sizes)
    whole, fraction = exact // total, exact % total
    up = np.zeros(exact.shape, dtype=bool)
    room = classes - whole.sum(axis=0)

    def give(part: int, tried: set[int]) -> bool:
        """Round up one more class of a part; if necessary, another part gives one up."""
        choices = [c for c in np.argsort(-fraction[part], kind="stable") if fraction[part, c] and not up[part, c]]
        free = next((c for c in choices if room[c]), None)
        if free is not None:
            up[part, free] = True
            room[free] -= 1
            return True
        for c in choices:
            if c not in tried:
                tried.add(c)
                other = next((other for other in np.flatnonzero(up[:, c]).tolist() if give(other, tried)), None)
                if other is not None:
                    up[other, c], up[part, c] = False, True
                    return True
        return False

    for part, missing in enumerate(sizes - whole.sum(axis=1)):
        for _ in range(missing):
            found = give(part, set())
            assert found
    return whole + up
