"""What every trainer must hold to, however it is written and wherever it trains. A new one is one more row of CASES."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import dataclass

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import SpecError
from nnsweep.execution.dispatch import dispatch
from nnsweep.execution.plan import make_plan
from nnsweep.execution.training import train_stack
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from tests.helpers import JOBS
from tests.helpers.stacks import at

MODULE = '''
import numpy as np
from pydantic import BaseModel, ConfigDict
from nnsweep.trainers import Outcome, Trainer

FACTOR = 1.0

def descend(alpha, start, epochs, random):
    """Go down a parabola with noise."""
    x, losses = start, []
    for _ in range(epochs):
        x -= alpha * (x + 0.01 * random.normal())
        losses.append(FACTOR * x**2)
    return losses

def train(alpha: float, starts: list[float] = [1.0], epochs: int = 3, bad: bool = False, seed: int = 0):
    if bad:
        raise ValueError("it is bad")
    return {"loss": descend(alpha, sum(starts), epochs, np.random.default_rng(seed)), "calls": 1}

class Parameters(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
    alpha: float = 0.1
    start: float = 1.0
    epochs: int = 3
    bad: bool = False
    seed: int = 0

class Stacked(Trainer):
    """All trials of a stack in one array."""

    version, parameters, metrics = "1", Parameters, {"loss": "the square"}

    def stack_key(self, params):
        return params["epochs"]

    def capacity(self, params):
        return 5

    def train(self, stack):
        if any(params["bad"] for params in stack):
            raise ValueError("it is bad")
        random = [np.random.default_rng(params["seed"]) for params in stack]
        alpha, x = (np.array([params[name] for params in stack]) for name in ("alpha", "start"))
        losses = []
        for _ in range(stack[0]["epochs"]):
            x = x - alpha * (x + 0.01 * np.array([each.normal() for each in random]))
            losses.append(FACTOR * x**2)
        histories = np.array(losses).T.tolist()
        return [Outcome("ok", {"loss": each[-1]}, {"loss": each}, 0.001) for each in histories]
'''


@dataclass(frozen=True)
class Case:
    """A trainer, a grid for it, and a setting that makes some trials end as `status`."""

    trainer: str
    fixed: str
    axis: str
    bad: str
    status: str
    metric: str

    @property
    def grid(self):
        axes = f"alpha = [0.01, 0.2]\n{self.axis}\nseed = {{ count = 4 }}"
        success = f'[success]\nmetric = "{self.metric}"\nbelow = 0.3'
        return f'name = "held"\ntrainer = "{self.trainer}"\n\n[fixed]\n{self.fixed}\n\n[axes]\n{axes}\n\n{success}\n'


CASES = {
    "mlp": Case(
        "mlp",
        'train_size = 30\ntest_size = 40\noutput = "identity"\nloss = "squared_error"\nepochs = 4',
        "hidden = [2, 3, [2, 2]]",
        "alpha=0.01,0.2,1e200",
        "diverged",
        "error",
    ),
    "function": Case("mine:train", "epochs = 4", "starts = [[1.0], [2, 1]]", "bad=true,false", "failed", "loss"),
    "stacked": Case("mine:Stacked", "epochs = 4", "start = [1.0, 3]", "bad=true,false", "failed", "loss"),
}
PLUG_INS = [name for name in CASES if name != "mlp"]

pytestmark = pytest.mark.usefixtures("mine")


@pytest.fixture
def mine(module):
    module(MODULE)


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def trials_of(case, *overrides):
    return expand(sweepfile.loads(case.grid, overrides=overrides), load(case.trainer))


def kept(outcome):
    """What of an outcome is the trial's own, and not the hour's."""
    return outcome.status, dict(outcome.metrics), {k: list(v) for k, v in outcome.history.items()}


def dispatched(case, trials, jobs):
    stacks = make_plan(trials, to_numbers(()), load(case.trainer), jobs).stacks
    pairs = [pair for ended in dispatch(case.trainer, stacks, at(jobs)) for pair in ended.pairs]
    assert len(pairs) == len(trials)
    return {trial.id: outcome for trial, outcome in pairs}


@pytest.mark.parametrize("jobs", JOBS)
def test_outcomes_do_not_depend_on_stack_jobs_or_order(case, jobs):
    trials = trials_of(case)
    alone = {trial.id: kept(train_stack(case.trainer, [trial.params]).outcomes[0]) for trial in trials}
    for order in (trials, trials[::-1], [*trials[::3], *trials[1::3], *trials[2::3]]):
        assert {id: kept(outcome) for id, outcome in dispatched(case, order, jobs).items()} == alone


@pytest.mark.parametrize("jobs", JOBS)
def test_a_trial_that_ends_badly_costs_no_other_anything(case, jobs):
    good = {trial.id for trial in trials_of(case)}
    found = dispatched(case, trials_of(case, case.bad), jobs)
    bad = {id for id, outcome in found.items() if outcome.status == case.status}
    assert bad == found.keys() - good
    assert bad
    assert {found[id].status for id in good & found.keys()} == {"ok"}
    for id in bad:
        assert found[id].metrics == {}
        assert found[id].failure


def test_metrics_and_histories_are_well_formed(case):
    trainer = load(case.trainer)
    for outcome in dispatched(case, trials_of(case), 1).values():
        assert outcome.status == "ok"
        assert outcome.failure is None
        assert outcome.seconds >= 0
        assert case.metric in outcome.metrics
        assert not trainer.metrics or outcome.metrics.keys() <= trainer.metrics.keys()
        assert all(type(value) is float and math.isfinite(value) for value in outcome.metrics.values())
        assert {len(values) for values in outcome.history.values()} == {4}
        assert all(outcome.metrics[name] == values[-1] for name, values in outcome.history.items())
        assert kept(outcome)[1:] == tuple(json.loads(json.dumps(kept(outcome)[1:])))


def test_an_unknown_parameter_is_refused(case):
    names = ", ".join(Parameters.of(load(case.trainer)).names)
    line = case.grid.split("\n").index("alpha = [0.01, 0.2]") + 1
    with pytest.raises(SpecError) as caught:
        sweepfile.loads(case.grid.replace("alpha", "alhpa"))
    meant = "unknown parameter `alhpa` in [axes]; did you mean `alpha`?"
    assert str(caught.value) == f"grid.toml:{line}:1: {meant} Allowed: {names}"


def test_a_value_of_another_kind_is_refused(case):
    line = case.grid.split("\n").index("alpha = [0.01, 0.2]") + 1
    with pytest.raises(SpecError) as caught:
        sweepfile.loads(case.grid.replace("0.2]", '"fast"]'))
    message = '`alpha` in [axes]: found "fast"; allowed: a number'
    assert str(caught.value).startswith(f"grid.toml:{line}:16: {message}")


IDS = """
import sys
from nnsweep import sweepfile
from nnsweep.trials.expand import expand
from nnsweep.trainers import load
sweep = sweepfile.loads(sys.stdin.read())
print(*(trial.id for trial in expand(sweep, load(sweep.trainer))))
"""


def test_ids_depend_on_neither_process_nor_order(case, monkeypatch, tmp_path):
    ids = [trial.id for trial in trials_of(case)]
    assert len(set(ids)) == len(ids)
    head, fixed, axes, success = case.grid.split("\n\n")
    turned = "\n".join(axes.split("\n")[:1] + axes.split("\n")[:0:-1])
    for seed, text in (("1", case.grid), ("2", "\n\n".join([head, success, turned, fixed]))):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        done = subprocess.run([sys.executable, "-c", IDS], input=text, capture_output=True, text=True, check=True)
        assert sorted(done.stdout.split()) == sorted(ids)


def test_what_is_stored_is_not_trained_again(case):
    first = nnsweep.run(sweepfile.loads(case.grid), figures=False)
    again = nnsweep.run(sweepfile.loads(case.grid), figures=False, jobs=2)
    assert (first.trained, again.trained, first.failed) == (len(trials_of(case)), 0, 0)
    assert again.trials.equals(first.trials)
    assert again.history.equals(first.history)


@pytest.mark.parametrize("name", PLUG_INS)
def test_another_source_trains_anew(module, name):
    grid = CASES[name].grid
    first = nnsweep.run(sweepfile.loads(grid), figures=False)
    module(MODULE.replace("FACTOR = 1.0", "FACTOR = 2.0"))
    second = nnsweep.run(sweepfile.loads(grid), figures=False)
    module(MODULE)
    third = nnsweep.run(sweepfile.loads(grid), figures=False, jobs=2)
    assert (first.trained, second.trained, third.trained) == (len(first.trials), len(first.trials), 0)
    assert second.trials["loss"].tolist() == (2 * first.trials["loss"]).tolist()
    assert third.trials.equals(first.trials)
