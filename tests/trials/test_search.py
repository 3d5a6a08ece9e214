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
from nnsweep.trials.search.methods import sampler_of
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
POINTS = ["random", "sobol", "latin_hypercube", "tpe", pytest.param("gp", marks=pytest.mark.slow), "cmaes", "nsga2"]
PACKAGES = {"tpe": ["optuna"], "cmaes": ["optuna", "cmaes"], "nsga2": ["optuna"]}
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


def by(method):
    """The search by a method, if what it needs is installed."""
    for package in PACKAGES.get(method, ()):
        pytest.importorskip(package)
    text = TEXT.replace('"random"', f'"{method}"\nbatch = 8')
    return text + 'metrics = ["error", "loss"]\n' if method == "nsga2" else text


@pytest.mark.parametrize("method", POINTS)
def test_a_larger_budget_goes_on(method):
    text = by(method)
    few, more = asked(text=text.replace("= 40", "= 13")), asked(text=text.replace("= 40", "= 20"))
    assert more[: len(few)] == few
    assert (len(few), len(more)) == (13 * 3, 20 * 3)
    assert len({row[:-1] for row in more}) == 20


@pytest.mark.parametrize("method", POINTS)
def test_another_seed_chooses_others(method):
    text = by(method).replace("= 40", "= 8")
    assert asked(text=text) == asked(text=text)
    assert not {row[0] for row in asked(text=text)} & {row[0] for row in asked(text=f"{text}seed = 1\n")}


@pytest.mark.parametrize("method", POINTS)
def test_failures_and_divergence_end_no_search(method):
    """A third of the trials raise, and a third diverge: the methods hear of finite numbers alone."""
    sweep = nnsweep.loads(by(method).replace("= 40", "= 20"))
    sampler = sampler_of(sweep, load(sweep.trainer))
    ends = [FOUND, Outcome("failed", failure="ValueError: no"), Outcome("diverged", {"error": float("nan")})]
    train_asked(sampler, lambda trials: {trial.id: ends[at // 3 % 3] for at, trial in enumerate(trials)})
    assert len(sampler.rows) == 20 * 3


def test_a_method_that_is_not_installed_says_what_to_do(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NnsweepError) as found:
        sampler_of(nnsweep.loads(TEXT.replace("random", "tpe")), load("mlp"))
    assert str(found.value) == (
        '`tpe` in [search] needs optuna, which is not installed; to install it: pip install "nnsweep[search]"'
    )


def distance(trial):
    """A bowl in the logarithm of the rate and the number of neurons, with its bottom at 0.03 and 5."""
    return abs(math.log10(trial.settings["alpha"]) + 1.5) + abs(trial.settings["hidden"][0] - 5) / 5


@pytest.mark.parametrize("method", POINTS[3:])
def test_what_is_learnt_leads_to_better_configurations(method):
    """The second half is nearer to the bottom than the first, which is as good as random."""
    judged = "" if method == "nsga2" else 'metric = "error"\n'
    sweep = nnsweep.loads(by(method).replace("= 40", "= 48") + judged)
    sampler, found = sampler_of(sweep, load(sweep.trainer)), []

    def train(trials):
        found.extend(map(distance, trials))
        return {trial.id: Outcome("ok", {"error": distance(trial), "loss": distance(trial)}) for trial in trials}

    train_asked(sampler, train)
    half = len(found) // 2
    assert sum(found[half:]) < 0.75 * sum(found[:half])


@pytest.mark.parametrize(
    ("budget", "trials"), [("trainings = 31", 30), ("seconds = 10", 48), ("trainings = 9\nconfigurations = 5", 9)]
)
def test_a_budget_is_kept(budget, trials):
    """Ten trials of three seeds fit in 31 trainings; a second each, ten seconds are over after the first 16 cells."""
    assert len(asked(text=TEXT.replace("configurations = 40", budget))) == trials


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


def test_a_latin_hypercube_has_each_part_of_an_axis_once():
    rows = asked(text=by("latin_hypercube").replace("= 40", "= 8"))
    parts = [math.floor((math.log10(alpha) + 3) / 3 * 8) for alpha in dict.fromkeys(row[0] for row in rows)]
    assert sorted(parts) == list(range(8))


def test_a_sobol_sequence_is_scrambled_and_even():
    """Each eighth of an axis has one of the first eight points, of which none is in the corner of the space."""
    rows = asked(text=by("sobol").replace("= 40", "= 8"))
    shares = [(math.log10(alpha) + 3) / 3 for alpha in dict.fromkeys(row[0] for row in rows)]
    assert sorted(math.floor(share * 8) for share in shares) == list(range(8))
    assert shares[0] > 0.001


SIX = "".join(f"x{number} = {{ uniform = [0, 1] }}\n" for number in range(6))
GENERATIONS = f"""
name = "six"
trainer = "tests.trials.test_search:flat"
[axes]
{SIX}
seed = {{ count = 1 }}
[search]
method = "cmaes"
metric = "loss"
configurations = 48
"""


def flat(x0=0.0, x1=0.0, x2=0.0, x3=0.0, x4=0.0, x5=0.0, seed=0):
    return {"loss": 0.0}


@pytest.mark.parametrize(("batch", "size"), [("", 9), ("batch = 32", 32)])
def test_cmaes_begins_in_the_middle_with_a_generation(batch, size):
    """It has 4 + 3 ln 6 = 9.4 configurations. Their spread is a sixth of an axis; that of random ones is 0.29."""
    for package in PACKAGES["cmaes"]:
        pytest.importorskip(package)
    sweep = nnsweep.loads(GENERATIONS + batch)
    first = [
        trial.settings[f"x{number}"] for trial in sampler_of(sweep, load(sweep.trainer)).ask() for number in range(6)
    ]
    assert len(first) == 6 * size
    assert 0.4 < sum(first) / len(first) < 0.6
    assert sum((share - 0.5) ** 2 for share in first) / len(first) < 0.22**2


def test_what_learns_begins_with_points_of_a_sobol_sequence():
    begun, sobol = asked(text=by("tpe").replace("batch = 8\n", "")), asked(text=by("sobol"))
    assert begun[: 8 * 3] == sobol[: 8 * 3]
    assert begun[8 * 3 :] != sobol[8 * 3 :]
