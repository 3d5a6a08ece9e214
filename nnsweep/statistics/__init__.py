"""Tests and intervals in which a seed is the unit: pure functions of arrays, shaped (cells, seeds)."""

from nnsweep.statistics.sign_flips import Adjusted, max_t
from nnsweep.statistics.subset import BestSet, best_set

__all__ = ["Adjusted", "BestSet", "best_set", "max_t"]
