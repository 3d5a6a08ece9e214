"""Trainers: what turns parameters into outcomes, found by name."""

from __future__ import annotations

from nnsweep.status import FAILURES, Status
from nnsweep.trainers.plugins import BUILT_IN, check_unchanged, load, refresh
from nnsweep.trainers.protocol import ADDED_LATER, AddedLater, Outcome, Params, Trainer

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
