"""Run a sweep: plan what is missing, have it trained, and store it."""

from nnsweep.execution.options import Options

__all__ = ["Options"]
