"""Run a sweep: plan what is missing, and have it trained."""

from nnsweep.execution.dispatch import dispatch
from nnsweep.execution.environment import environment
from nnsweep.execution.plan import Plan, Stack, choose_jobs, make_plan
from nnsweep.execution.progress import Progress

__all__ = ["Plan", "Progress", "Stack", "choose_jobs", "dispatch", "environment", "make_plan"]
