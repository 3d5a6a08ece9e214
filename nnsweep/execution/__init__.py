"""Run a sweep: plan what is missing, have it trained, and store it."""

from nnsweep.execution.dispatch import Ended, dispatch
from nnsweep.execution.environment import command, environment
from nnsweep.execution.estimate import Measured
from nnsweep.execution.origin import Origin
from nnsweep.execution.plan import Plan, Stack, choose_jobs, make_plan
from nnsweep.execution.progress import Progress
from nnsweep.execution.run import Options, Record, Work, train

__all__ = [
    "Ended",
    "Measured",
    "Options",
    "Origin",
    "Plan",
    "Progress",
    "Record",
    "Stack",
    "Work",
    "choose_jobs",
    "command",
    "dispatch",
    "environment",
    "make_plan",
    "train",
]
