"""`nnsweep best`, as a user meets it, and `results.best()`."""

import json

import pandas as pd
import pytest
from scipy.stats import binom, binomtest

import nnsweep
from tests.helpers import SMALL, call

GIVEN = """
# given.py
def train(case="good", width=1, seed=0):
    wrong = {"good": seed % 20 == 0, "fair": seed % 20 < 3, "poor": seed % 20 < 15, "none": True}[case]
    return {"error": 0.9 - seed / 1000 if wrong else 0.1 + seed / 1000, "score": -1.0 * wrong}
"""
SWEEP = """
name = "given"
trainer = "given:train"
[axes]
case = ["poor", "fair", "good"]
seed = { count = 20 }
[success]
metric = "error"
below = 0.5
"""


@pytest.fixture
def run(tmp_path, module, capsys):
    """Run a sweep of the trainer above, whose outcomes can be counted by hand; return what `nnsweep best` prints."""
    module(GIVEN, "given.py")

    def best(text, *options, code=0):
        (tmp_path / "given.toml").write_text(text, encoding="utf-8")
        assert call(capsys, "given.toml", "--no-figures", "--quiet", "--jobs", "1")[0] == 0
        found = call(capsys, "best", "given", *options)
        assert found[0] == code
        return found[1] if code == 0 else found[2]

    return best


def test_the_best_and_what_may_be_as_good(run):
    # Where seeds 1 and 2 are judged together, 3 times of 19, fair looks as good as good to the others, and comes first:
    # (19 − 2 · 3/19) / 20 succeed.
    assert run(SWEEP) == (
        "Best: case = good: 19 of 20 succeed (95 %, 95 % interval 76 to 99 %).\n"
        "On seeds that did not choose it, the best cell succeeds in 93 % (cross-validated).\n"
        "1 of the other 2 may be the best instead: 95 % confidence, joint sign flips by seed, of success.\n"
        "These may be the best instead; and how many seeds would tell each from it:\n"
        "  case = fair: 17 of 20 succeed (85 %, 95 % interval 64 to 95 %); about 78\n"
        "written: results/given/tables/best.csv\n"
    )
    table = pd.read_csv("results/given/tables/best.csv")
    assert table["case"].tolist() == ["good", "fair"]
    # Good beats fair with seeds 1 and 2: 1 of 4 flips. Poor, behind with 12 other seeds, gets as far with 9 of 12.
    expected = 1 - (1 - 1 / 4) * binom.cdf(8, 12, 0.5)
    assert table["p"].tolist()[1] == pytest.approx(expected, abs=4 * table["p_error"].tolist()[1])
    assert table["seeds_needed"].tolist()[1] == 78  # P(B(78, 0.1) ≥ 6) ≥ 0.8


def test_ranked_by_a_metric(run):
    told = run(SWEEP, "--metric", "error")
    assert told.startswith("Best: case = good: median error 0.1105 of 20 (95 % interval 0.1")
    assert (
        "\n1 of the other 2 may be the best instead: 95 % confidence, joint sign flips by seed, of the ranks of error"
        in told
    )
    assert told.endswith("written: results/given/tables/best_error.csv\n")
    told = run(SWEEP, "--metric", "score", "--lowest", "--json")
    assert [row["case"] for row in json.loads(told)] == ["poor"]


def test_one_configuration_no_seeds_and_no_success(run):
    one = SWEEP.replace('["poor", "fair", "good"]', '["fair"]')
    assert run(one).startswith(
        "Best: case = fair: 17 of 20 succeed (85 %, 95 % interval 64 to 95 %).\n"
        "No other configuration has results: there is nothing to compare it with.\n"
    )
    assert run(SWEEP.replace("seed = { count = 20 }", "")).startswith(
        "Best: case = poor: 0 of 1 succeed (0 %, 95 % interval 0 to 79 %).\n"
        "One trial of each configuration tells none apart: give the sweep an axis of seeds, such as { count = 30 }.\n"
    )
    told = run(SWEEP[: SWEEP.index("[success]")].replace('"fair", ', ""))
    assert told.startswith("Best: case = good: median error 0.1105 of 20 (95 % interval 0.1")
    assert "\nThe other is worse: 95 % confidence, " in told


def test_where_nothing_is_told_apart(run):
    told = run(
        SWEEP.replace("[axes]", "[axes]\nwidth = [1, 2, 3, 4, 5]").replace('["poor", "fair", "good"]', '["fair"]')
    )
    lines = told.splitlines()
    assert lines[2].startswith("Any of the other 4 may be the best instead: 95 % confidence, ")
    assert lines[3] == "A number tells more than whether it is a success: rank by --metric error."
    assert lines[5] == "  width = 2, case = fair: 17 of 20 succeed (85 %, 95 % interval 64 to 95 %); more than 100,000"


def test_a_metric_that_is_not_measured_and_a_sweep_that_is_not_stored(run, capsys):
    assert run(SWEEP, "--metric", "loss", code=2) == "Error: given: no metric `loss`; allowed: error, score\n"
    assert call(capsys, "best", "other")[2] == (
        "Error: `other`: nothing of that name is stored in results; allowed: a sweep file, a results folder, given\n"
    )


def test_results_rank_as_the_command_does(tmp_path):
    results = nnsweep.run(nnsweep.loads(SMALL), tmp_path, figures=False)
    found = results.best()
    assert len(found.cells) == 12
    assert found.cells["successes"].is_monotonic_decreasing
    assert str(found).startswith("Best: alpha = ")
    assert repr(results.best("error")).count("of the ranks of error") == 1
    assert results.best("error", highest=True).cells["error_median"].is_monotonic_decreasing


def test_the_best_is_confirmed_on_fresh_seeds(run, capsys):
    """Seeds 20 to 59: good fails with 20 and 40 alone."""
    said = run(SWEEP, "--confirm", "40", "--trainer", "given:train")
    wilson = binomtest(38, 40).proportion_ci(method="wilson")
    interval = f"{100 * wilson.low:.0f} to {100 * wilson.high:.0f} %"
    assert said.splitlines()[-1] == (f"On 40 fresh seeds, 20 to 59: 38 of 40 succeed (95 %, 95 % interval {interval}).")
    said = run(SWEEP, "--confirm", "40", "--metric", "error", "--trainer", "given:train")
    assert said.splitlines()[-1].startswith("On 40 fresh seeds, 20 to 59: median error 0.1")
    assert (
        call(capsys, "given.toml", "--no-figures")[1].splitlines()[0].endswith(": nothing to train, 60 trials stored")
    )


def test_what_validation_samples_chose_is_told_by_its_test_samples(tmp_path):
    text = """
    name = "chosen"
    [fixed]
    train_size = 60
    test_size = 50
    validation_size = 40
    output = "sigmoid"
    epochs = 3
    standardize = true
    [axes]
    alpha = [0.1, 0.001]
    hidden = [2, 3]
    seed = { count = 4 }
    [success]
    metric = "validation_accuracy"
    above = 0.7
    """
    results = nnsweep.run(nnsweep.loads(text), tmp_path, figures=False)
    found = results.best()
    top = found.cells.iloc[0]
    trials = results.trials
    mine = trials[(trials["alpha"] == top["alpha"]) & (trials["hidden"] == top["hidden"])]
    assert found.tested["accuracy_median"] == mine["accuracy"].median()
    assert len(mine) == found.tested["finished"] == 4
    line = f"On its test samples, by which it was not chosen: median accuracy {mine['accuracy'].median():.4g} of 4"
    assert [text for text in str(found).splitlines() if text.startswith(line)]
    assert results.best("accuracy").tested is None


def test_a_best_by_one_of_several_metrics_says_so(tmp_path):
    pytest.importorskip("optuna")
    search = {"method": "nsga2", "metrics": ["loss", "size"], "configurations": 3, "confirm": 0}
    axes = {"x": {"uniform": [0, 1]}, "seed": [0, 1]}
    sweep = nnsweep.sweep("two", axes=axes, trainer=lambda x, seed: {"loss": x, "size": 1 - x}, search=search)
    found = nnsweep.run(sweep, tmp_path, figures=False, quiet=True)
    for metric, other in (("loss", "size"), ("size", "loss")):
        told = f"This is by {metric} alone: `nnsweep figure pareto` and pareto.csv weigh it against {other}."
        assert told in str(found.best(metric)).splitlines()
