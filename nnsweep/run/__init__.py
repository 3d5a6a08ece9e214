"""Run a sweep: plan what is missing, and have it trained."""

from nnsweep.run.dispatch import dispatch
from nnsweep.run.environment import environment
from nnsweep.run.plan import Plan, Stack, choose_jobs, make_plan
from nnsweep.run.progress import Progress

__all__ = ["Plan", "Progress", "Stack", "choose_jobs", "dispatch", "environment", "make_plan"]
