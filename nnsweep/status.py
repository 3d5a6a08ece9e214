"""How a trial can end."""

from typing import Literal

Status = Literal["ok", "diverged", "failed", "crashed", "timeout"]
ENDED: tuple[Status, ...] = ("ok", "diverged")
"""Ends of trials that tell something about their parameters."""
FAILURES: tuple[Status, ...] = ("failed", "crashed", "timeout")
"""Ends of trials that tell nothing about their parameters."""
