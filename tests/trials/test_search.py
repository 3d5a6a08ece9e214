"""A search asks for configurations of a sweep whose axes have spaces."""

import math

import pytest

import nnsweep
from nnsweep.errors import NnsweepError
from nnsweep.folder.paths import Folder
from nnsweep.folder.searched import as_asked
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.expand import expand
from nnsweep.trials.sampler import train_asked
from nnsweep.trials.search.methods import SAMPLERS, sampler_of
from nnsweep.trials.search.worth import Worth

TEXT = """
name = "searched"
fixed = { data = "xor", epochs = 2 }
[axes]
alpha = { log_uniform = [0.001, 1] }
hidden = { integers = [2, 9], log = true }
optimizer = ["sgd", "momentum"]
momentum = { uniform = [0, 0.99], only_if = { optimizer = "momentum" } }
seed = { count = 3 }
[success]
metric = "error"
below = 0.3
[search]
method = "random"
configurations = 40
"""
FOUND = Outcome("ok", {"error": 0.2}, seconds=1.0)


def asked(*options, text=TEXT):
    """The rows of all that a search asks for, if each trial takes a second."""
    sweep = nnsweep.loads(text, options)
    sampler = sampler_of(sweep, load(sweep.trainer))
    train_asked(sampler, lambda trials: {trial.id: FOUND for trial in trials})
    return list(sampler.rows)


def test_each_configuration_has_all_seeds_and_keeps_to_its_spaces():
    rows = asked()
    assert [seed for *_, seed in rows] == [0, 1, 2] * 40
    cells = list(dict.fromkeys(row[:-1] for row in rows))
    assert len(cells) == 40
    for alpha, (hidden,), optimizer, momentum in cells:
        assert 0.001 <= alpha <= 1
        assert alpha == float(f"{alpha:.5g}")
        assert 2 <= hidden <= 9
        assert (momentum == 0.9) == (optimizer == "sgd"), "the default, where its condition does not hold"
    assert {hidden for _, (hidden,), *_ in cells} == set(range(2, 10))


def test_logarithms_are_equally_likely():
    """Of 2,000 rates from 0.001 to 1, a third has each power of ten: within four standard deviations, 84."""
    rows = asked(text=TEXT.replace("count = 3", "count = 1").replace("= 40", "= 2000"))
    powers = [math.floor(math.log10(row[0])) for row in rows]
    assert all(abs(powers.count(power) - 2000 / 3) < 84 for power in (-3, -2, -1))


@pytest.mark.parametrize("method", SAMPLERS)
def test_a_larger_budget_goes_on(method):
    text = TEXT.replace("random", method)
    few, more = asked(text=text), asked(text=text.replace("= 40", "= 55"))
    assert more[: len(few)] == few
    assert len(more) == 55 * 3


@pytest.mark.parametrize(
    ("budget", "trials"), [("trainings = 31", 30), ("seconds = 10", 48), ("trainings = 9\nconfigurations = 5", 9)]
)
def test_a_budget_is_kept(budget, trials):
    """Ten trials of three seeds fit in 31 trainings; a second each, ten seconds are over after the first 16 cells."""
    assert len(asked(text=TEXT.replace("configurations = 40", budget))) == trials


def test_another_seed_of_the_search_asks_for_others():
    assert asked() == asked()
    assert not set(asked()) & set(asked(text=TEXT + "seed = 1\n"))


def test_few_configurations_are_all_asked_for():
    text = TEXT.replace("{ log_uniform = [0.001, 1] }", "[0.1, 0.2]").replace("[2, 9]", "[2, 4]")
    text = text.replace('momentum = { uniform = [0, 0.99], only_if = { optimizer = "momentum" } }\n', "")
    assert len({row[:-1] for row in asked(text=text)}) == 2 * 3 * 2


def test_a_configuration_that_is_laid_as_a_grid_is_the_same_trial():
    sweep = nnsweep.loads(TEXT)
    trial = sampler_of(sweep, load("mlp")).ask()[0]
    alpha, (hidden,), optimizer = (trial.settings[name] for name in ("alpha", "hidden", "optimizer"))
    assert optimizer == "sgd"
    grid = nnsweep.sweep(
        "grid",
        fixed={"data": "xor", "epochs": 2, "optimizer": optimizer},
        axes={"alpha": [alpha], "hidden": [hidden], "seed": [0]},
        success={"metric": "error", "below": 0.3},
    )
    assert expand(grid, load("mlp"))[0].id == trial.id


def outcome(error, status="ok"):
    return Outcome(status, {"error": error})


def worth(table):
    return Worth.of(nnsweep.loads(f"{TEXT}{table}"))


def test_success_counts_first_then_the_median():
    """Two of three fail: 2/3, and the median 0.4, squashed to (1 + 0.4 / 1.4) / 2, adds half of it over three."""
    loss = worth("").loss([outcome(0.1), outcome(0.4), outcome(0.5)])
    assert loss == pytest.approx((2 + (1 + 0.4 / 1.4) / 4) / 3)
    assert loss < worth("").loss([outcome(0.1), outcome(0.41), outcome(0.5)])


def test_a_trial_that_diverged_is_worse_than_any_value():
    for table in ("metric = 'error'", "metric = 'error'\naverage = 'mean'", ""):
        found = worth(table)
        good, bad = [outcome(9e9)] * 3, [outcome(0.1, "diverged"), outcome(float("nan")), outcome(9e9)]
        assert found.loss(good) < found.loss(bad)
    assert worth("metric = 'error'").loss([outcome(0.1, "diverged")] * 3) == math.inf


def test_a_metric_of_which_more_is_better():
    found = worth("metric = 'accuracy'")
    assert found.loss([Outcome("ok", {"accuracy": 0.9})]) == -0.9
    assert worth("metric = 'accuracy'\nhighest = false").loss([Outcome("ok", {"accuracy": 0.9})]) == 0.9


def test_a_search_that_was_not_run_has_no_trials(tmp_path):
    assert as_asked(nnsweep.loads(TEXT), Folder(tmp_path)).asked == ()
    with pytest.raises(NnsweepError, match="no trial of `searched` is stored"):
        nnsweep.open(write(tmp_path), tmp_path)


def write(folder):
    path = folder / "searched.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path
