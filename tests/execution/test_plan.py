"""What is missing, stacked."""

import numpy as np
import pytest

from nnsweep import sweepfile
from nnsweep.execution import estimate
from nnsweep.execution.estimate import MOST_COMPARED, Measured
from nnsweep.execution.plan import IN_PROCESS_BELOW, choose_jobs, make_plan
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.trial import Trial, canonical_json
from tests.helpers.fake_trainer import FakeParameters, FakeTrainer

TRAINER = FakeTrainer()

SEEDS = """
name = "seeds"
trainer = "mlp"
[axes]
alpha = [0.1, 0.2, 0.3]
seed = { count = 2 }
"""


def id_of(name):
    """The hex digits of a short name, as an id."""
    return f"{name.encode().hex():0>16}"


def trial(name, **settings):
    return Trial(id_of(name), {}, FakeParameters(**settings).model_dump(), "")


def known(*names):
    return np.sort(to_numbers(map(id_of, names)))


def ids(plan):
    return [[bytes.fromhex(trial.id).strip(b"\0").decode() for trial in stack.trials] for stack in plan.stacks]


def test_what_is_stored_is_not_planned():
    trials = [trial("a", value=1), trial("b", value=2), trial("c", value=3)]
    plan = make_plan(trials, known("another", "b"), TRAINER)
    assert (ids(plan), plan.new, plan.cached) == ([["a", "c"]], 2, 1)
    assert make_plan(trials, known(*"abc"), TRAINER).stacks == []


def test_stacks_hold_one_key_and_at_most_the_capacity_evenly():
    trials = [trial(f"{shape}{value}", shape=shape, value=value) for value in range(4) for shape in (0, 1)]
    assert sorted(ids(make_plan(trials, known(), TRAINER, jobs=1))) == [
        ["00", "01"],
        ["02", "03"],
        ["10", "11"],
        ["12", "13"],
    ]


def test_checkpoints_of_one_training_stay_together_and_cost_the_dearest():
    trials = [trial(f"{value}{epochs}", value=value, epochs=epochs) for epochs in (1, 4) for value in range(3)]
    plan = make_plan(trials, known(), TRAINER, jobs=1)
    assert ids(plan) == [["01", "04", "11", "14", "21", "24"]]
    assert plan.cost == plan.stacks[0].cost == 3 * 0.5 * 4


def test_trainings_of_one_seed_are_neighbours_where_they_share_work():
    """The built-in trainer makes the samples of a seed once for each stack."""
    trials = expand(sweepfile.loads(SEEDS), load("mlp"))
    assert [trial.params["seed"] for trial in trials] == [0, 1, 0, 1, 0, 1]
    (stack,) = make_plan(trials, known(), load("mlp"), jobs=1).stacks
    wanted = [(0.1, 0), (0.2, 0), (0.3, 0), (0.1, 1), (0.2, 1), (0.3, 1)]
    assert [(trial.params["learning_rate"], trial.params["seed"]) for trial in stack.trials] == wanted


def test_trials_of_one_id_are_one():
    plan = make_plan([trial("a", value=1), trial("a", value=1)], known(), TRAINER)
    assert (ids(plan), plan.new, plan.cached) == ([["a"]], 1, 0)
    assert make_plan([trial("a"), trial("a")], known("a"), TRAINER).cached == 1


def test_every_worker_has_something_and_the_dearest_is_first():
    trials = [trial(f"{value}", value=value) for value in range(3)]
    dear = [trial("dear", shape=1, epochs=50)]
    assert ids(make_plan(trials, known(), TRAINER, jobs=1)) == [["0", "1", "2"]]
    assert sorted(ids(make_plan(trials, known(), TRAINER, jobs=8))) == [["0"], ["1"], ["2"]]
    # What is cheap beside the dearest is not split: it would not end sooner.
    assert ids(make_plan(trials + dear, known(), TRAINER, jobs=2)) == [["dear"], ["0", "1", "2"]]


def test_a_worker_gets_stacks_by_their_cost():
    trials = [trial(f"{value}", shape=value % 3, value=value, epochs=1 + value % 3) for value in range(9)]
    plan = make_plan(trials, known(), TRAINER, jobs=2)
    assert [stack.cost for stack in plan.stacks] == [3.0, 2.0, 1.5, 1.5, 1.0]
    assert max(stack.cost for stack in plan.stacks) < plan.cost / 2


def test_workers_are_chosen_by_the_cost():
    assert choose_jobs(IN_PROCESS_BELOW / 2, None) == 1
    assert choose_jobs(IN_PROCESS_BELOW * 2, None) >= 1
    assert [choose_jobs(cost, asked) for cost, asked in ((0.0, 3), (1e6, 1))] == [3, 1]


@pytest.mark.parametrize("names", ["", "x"])
def test_nothing_to_plan(names):
    plan = make_plan([], known(*names), TRAINER)
    assert (plan.stacks, plan.new, plan.cached, plan.cost) == ([], 0, 0, 0)


def test_what_a_stack_costs_besides_counts_once_a_stack(monkeypatch):
    monkeypatch.setattr(FakeTrainer, "overhead", lambda self, checkpoints: 10.0 * checkpoints[0]["epochs"])
    trials = [trial(f"{value}", value=value, epochs=value) for value in (1, 2)]
    assert make_plan(trials, known(), TRAINER, jobs=1).cost == 0.5 * 1 + 0.5 * 2 + 10.0 * 2


class Unmeasured(FakeTrainer):
    """Cannot tell how long it takes."""

    def cost(self, checkpoints):
        return None


def params(**settings):
    return canonical_json(FakeParameters(**settings).model_dump())


def asked(**settings):
    given = FakeParameters(**settings)
    return Trial(id_of(repr(sorted(settings.items()))[-8:]), {}, given.model_dump(), canonical_json(given.model_dump()))


def test_what_stored_trials_took_tells_how_long_others_take():
    rows = [(params(value=1, seed=seed), took) for seed, took in enumerate([0.1, 0.2, 9.0])]
    rows += [(params(value=2, shape=1), 4.0), (params(value=2, shape=1, seed=1), 6.0)]
    measured = Measured(rows)
    assert measured.seconds(asked(value=1, seed=7)) == 0.2, "the median of its own settings, whatever the seed"
    assert measured.seconds(asked(value=2, shape=1, epochs=5)) == 5.0, "of those that differ in the fewest parameters"
    assert measured.seconds(asked(value=1, epochs=5)) == 0.2
    assert measured.seconds(asked(value=2)) == (0.2 + 5.0) / 2, "of both that differ in one"
    assert Measured([]).seconds(asked(value=1)) is None


def test_an_estimate_looks_at_few_settings_however_many_there_are(monkeypatch):
    measured = Measured([(params(value=value), 1.0 + value) for value in range(5 * MOST_COMPARED)])
    assert len(measured._compared) == MOST_COMPARED
    monkeypatch.setattr(estimate, "MOST_ASKED", 1)
    nearest = measured.seconds(asked(value=1, shape=9))
    monkeypatch.setattr(Measured, "_nearest", None)
    assert measured.seconds(asked(value=2, shape=9)) == 1.0 + (5 * MOST_COMPARED - 1) / 2, "the median of all"
    assert nearest is not None


def test_a_plan_says_whether_its_cost_is_known():
    trials = [asked(value=value) for value in range(4)]
    told = make_plan(trials, known(), TRAINER)
    assert (told.by_trainer, told.known, told.to_json()["seconds"]) == (True, True, told.cost)
    unknown = make_plan(trials, known(), Unmeasured())
    assert (unknown.by_trainer, unknown.known, unknown.cost, unknown.to_json()["seconds"]) == (False, False, 4.0, None)
    past = make_plan(trials, known(), Unmeasured(), measured=lambda: Measured([(params(value=1), 0.25)]))
    assert (past.by_trainer, past.known, past.cost) == (False, True, 1.0)
