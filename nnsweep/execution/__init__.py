"""Run a sweep: plan what is missing, have it trained, and store it."""

from nnsweep.execution.block_plans import BlockPlans
from nnsweep.execution.dispatch import dispatch
from nnsweep.execution.environment import command, environment
from nnsweep.execution.estimate import Measured
from nnsweep.execution.events import Listener
from nnsweep.execution.forecast import Past, forecast
from nnsweep.execution.gathered import Gathered
from nnsweep.execution.histories import count_histories
from nnsweep.execution.origin import Origin
from nnsweep.execution.plan import Plan, choose_jobs, make_plan
from nnsweep.execution.progress import Progress
from nnsweep.execution.runner import Options, Record, train
from nnsweep.execution.stack import Stack
from nnsweep.execution.writer import Work

__all__ = [
    "BlockPlans",
    "Gathered",
    "Listener",
    "Measured",
    "Options",
    "Origin",
    "Past",
    "Plan",
    "Progress",
    "Record",
    "Stack",
    "Work",
    "choose_jobs",
    "command",
    "count_histories",
    "dispatch",
    "environment",
    "forecast",
    "make_plan",
    "train",
]
