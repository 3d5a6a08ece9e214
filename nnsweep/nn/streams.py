"""A training's random streams: one for each purpose, so that changing one setting does not reshuffle another."""

from __future__ import annotations

import numpy as np

SPLIT, WEIGHTS, BATCHES, DROPOUT = range(4)
"""What a stream draws: which samples train, the initial weights, the order of samples, the units left out."""


def stream(seed: int, *purpose: int) -> np.random.Generator:
    """Start the stream of a seed that serves one purpose (`numpy.random.SeedSequence`, its spawn key)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=purpose))
