"""Trainers: what turns parameters into outcomes, found by name."""

from __future__ import annotations

from nnsweep.trainers.plugins import BUILT_IN, check_unchanged, load, refresh
from nnsweep.trainers.protocol import ADDED_LATER, FAILURES, AddedLater, Outcome, Params, Status, Trainer

__all__ = [
    "ADDED_LATER",
    "BUILT_IN",
    "FAILURES",
    "AddedLater",
    "Outcome",
    "Params",
    "Status",
    "Trainer",
    "check_unchanged",
    "load",
    "refresh",
]
