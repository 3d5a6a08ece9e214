"""Functions that return, raise and print what they should not: each costs its own trial, and is told."""

from __future__ import annotations

import json
import math
import sys
import time
from array import array

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import SpecError
from nnsweep.execution.first_failures import FirstFailures
from nnsweep.store import Store
from nnsweep.trainers import Outcome
from nnsweep.trainers.failures import LONGEST, shorten, signature
from tests.helpers import JOBS, call

MODULE = """
import asyncio
import numpy as np

class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no text")

class Own(BaseException):
    pass

RAISED = {
    "cancelled": asyncio.CancelledError("gone"),
    "generator": GeneratorExit("left"),
    "group": BaseExceptionGroup("many", [GeneratorExit(), ValueError("one")]),
    "own": Own("mine"),
    "silent": Silent(),
    "long": ValueError("x" * 3_000_000),
}

def train(does="well", seed=0):
    if does in RAISED:
        raise RAISED[does]
    return {"train/loss": [1.0, 0.5 + seed], "accuracy": 0.9}

def odd(seed=0):
    return {
        "loss": [None, 0.5, 0.25],
        "val/loss": [0.5],
        "auc": float("nan") if seed else 0.75,
        "masked": np.ma.masked_array([1.0], mask=True).mean() if seed else 0.5,
        "confusion": np.eye(2),
        "seed": seed,
    }
"""

RAISES = """
name = "raises"
trainer = "mine:train"
[axes]
does = ["cancelled", "generator", "group", "own", "silent", "long", "well"]
"""

LASTS = {
    "cancelled": "CancelledError: gone",
    "generator": "GeneratorExit: left",
    "group": "BaseExceptionGroup: many (2 sub-exceptions)",
    "own": "Own: mine",
    "silent": "Silent: <exception str() failed>",
}


@pytest.fixture(autouse=True)
def mine(module):
    module(MODULE)


@pytest.mark.parametrize("jobs", JOBS)
def test_whatever_is_raised_costs_its_own_trial(jobs):
    results = nnsweep.run(sweepfile.loads(RAISES), figures=False, jobs=jobs)
    assert results.trials["status"].tolist() == ["failed"] * 6 + ["ok"]
    failures = {trial.settings["does"]: results._outcomes[trial.id].failure for trial in results._trials}
    for does, last in LASTS.items():
        assert last in failures[does].replace("mine.", "").replace("asyncio.exceptions.", "")
    long = failures["long"]
    assert LONGEST < len(long) < LONGEST + 100
    assert "characters left out …\nxxx" in long
    kind, where, message = signature(long)
    assert (kind, where.rpartition(" in ")[2]) == ("ValueError", "train")
    assert message == f"ValueError: {'x' * 388} …"


def test_a_long_text_keeps_its_beginning_and_its_end():
    text = f"begin{'x' * 3_000_000}end"
    found = shorten(text)
    assert found.startswith("begin")
    assert found.endswith("xend")
    assert f"\n… {len(text) - LONGEST:,} characters left out …\n" in found
    assert shorten("x" * LONGEST) == "x" * LONGEST


GRID = """
name = "odd"
trainer = "mine:odd"
[axes]
seed = { count = 3 }
[success]
metric = "auc"
above = 0.5
"""


@pytest.mark.parametrize("jobs", JOBS)
def test_every_number_is_kept_and_the_rest_is_told_once(jobs, tmp_path, capsys):
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    code, out, _ = call(capsys, "grid.toml", "--jobs", jobs, "--no-figures")
    assert code == 0
    told = [line for line in out.splitlines() if "returned" in line]
    assert told == [
        "3 of 3 trials returned `confusion`, a matrix of 2 × 2: not stored; numbers and lists of numbers are",
        "3 of 3 trials returned `seed`, a parameter: not stored; give it another name",
    ]
    results = nnsweep.run(sweepfile.loads(GRID), figures=False)
    table = results.trials
    assert table["status"].tolist() == ["ok"] * 3
    assert table["loss"].tolist() == [0.25] * 3
    assert table["val/loss"].tolist() == [0.5] * 3
    assert [str(each) for each in table["auc"]] == ["0.75", "nan", "nan"]
    assert [str(each) for each in table["masked"]] == ["0.5", "nan", "nan"]
    assert table["success"].tolist() == [True, False, False]
    assert results.summary[["finished", "successes"]].to_numpy().tolist() == [[3, 1]]
    assert results.history["loss_median"].tolist()[1:] == [0.5, 0.25]
    assert math.isnan(results.history["loss_median"][0])
    rows = (tmp_path / "results/odd/tables/trials.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "id,seed,status,loss,val/loss,auc,masked,success,signature"
    assert rows[2].partition(",")[2] == "1,ok,0.25,0.5,,,False,"
    with Store.open(results.folder / "trials.db") as store:
        stored = store.outcomes(trial.id for trial in results._trials)
    first = next(iter(stored.values()))
    assert first.metrics == {"loss": 0.25, "val/loss": 0.5, "auc": 0.75, "masked": 0.5}
    assert [str(each) for each in first.history["loss"]] == ["nan", "0.5", "0.25"]


NAMED = """
def train(width=2, seed=0):
    values = [1.0, 0.5 + seed / 10 + width / 100]
    return {"train/loss": values, "train-loss": 1, "Train/loss": 2, "loss/train total": seed, "rates": 3}
"""

NAMES = """
name = "named"
trainer = "named:train"
[axes]
width = [2, 4]
seed = { count = 2 }
[success]
metric = "train/loss"
below = 0.6
"""


def test_names_with_a_slash_are_kept_and_their_files_are_told_apart(module, tmp_path, capsys):
    module(NAMED, "named.py")
    (tmp_path / "grid.toml").write_text(NAMES, encoding="utf-8")
    code, out, _ = call(capsys, "grid.toml", "--jobs", "1")
    assert code == 0
    assert out.splitlines()[1:3] == [
        "successes (train/loss < 0.6):",
        "  width = 2: 1 of 2 (50 %, 95 % interval 9 to 91 %)",
    ]
    folder = tmp_path / "results/named"
    header = (folder / "tables/trials.csv").read_text(encoding="utf-8").partition("\n")[0]
    names = ["train/loss", "train-loss", "Train/loss", "loss/train total", "rates"]
    assert header.split(",") == ["id", "width", "seed", "status", *names, "success", "signature"]
    tables = {path.name for path in (folder / "tables").glob("*_median*")}
    stems = ["train-loss_median", "train-loss_median-2", "Train-loss_median-3", "loss-train-total_median"]
    assert tables == {f"{stem}.csv" for stem in [*stems, "rates_median"]}
    figures = {path.stem for path in (folder / "figures").iterdir()}
    drawn = ["train-loss", "train-loss-2", "Train-loss-3", "loss-train-total", "rates", "rates-2"]
    assert figures >= {*drawn, "curves_train-loss", "success"}
    assert call(capsys, "best", "named", "--metric", "train/loss")[1].splitlines()[-1] == (
        "written: results/named/tables/best_train-loss.csv"
    )
    drawn = call(capsys, "figure", "medians", "named", "--metric", "train/loss")[1]
    assert drawn == "written: results/named/figures/medians_train-loss.png\n"
    exported = call(capsys, "export", "named", "--columns", "train/loss,loss/train total")[1]
    assert exported.splitlines()[:2] == ["train/loss,loss/train total", "0.52,0.0"]


FAILS = """
name = "fails"
trainer = "mine:train"
[axes]
does = ["own"]
seed = { count = 30 }
"""


@pytest.mark.parametrize("jobs", JOBS)
def test_a_run_that_fails_altogether_says_so_early_and_why_at_its_end(jobs, tmp_path, capsys):
    (tmp_path / "grid.toml").write_text(FAILS, encoding="utf-8")
    code, out, err = call(capsys, "grid.toml", "--jobs", jobs, "--no-figures")
    assert code == 1
    place = f"mine.Own: mine, at {tmp_path / 'mine.py'}:23 in train"
    assert err.splitlines().count(f"the first 20 trials all failed with the same error: {place}") == 1
    assert out.splitlines()[-3:] == [
        f"30 trials failed, all with the same error: {place}",
        "to see what failed: nnsweep show grid.toml --failed",
        "to train again what failed: nnsweep retry grid.toml",
    ]


def test_what_most_trials_failed_of_is_told(tmp_path, capsys):
    axes = 'does = ["own", "generator", "own "]'
    (tmp_path / "grid.toml").write_text(FAILS.replace('does = ["own"]', axes), encoding="utf-8")
    grid = tmp_path / "grid.toml"
    out = call(capsys, grid, "--jobs", "1", "--no-figures", "--quiet")[1]
    assert out == ""
    code, out, err = call(capsys, grid, "--no-figures")
    assert (code, err) == (1, "")
    assert out.splitlines()[-3].startswith("60 trials failed, 30 of them with the same error: ")
    (one,) = [
        line
        for line in call(capsys, grid, "--no-figures", "--set", "seed=1", "--set", "does=own")[1].split("\n")
        if line.startswith("1 trial failed")
    ]
    assert one.startswith("1 trial failed: mine.Own: mine, at ")


def test_the_first_failures_are_said_once_and_only_if_alike():
    def notices(*outcomes, total=100):
        first = FirstFailures(total)
        return [said for outcome in outcomes if (said := first.check([outcome]))]

    bad, other, good = Outcome("failed", failure="no luck"), Outcome("failed", failure="other"), Outcome("ok", {"a": 1})
    said = "the first 20 trials all failed with the same error: no luck"
    assert notices(*[bad] * 50) == [said]
    assert notices(*[bad] * 19, good, *[bad] * 30) == []
    assert notices(*[bad] * 19, other, *[bad] * 30) == []
    assert notices(*[bad] * 20, total=20) == []
    assert FirstFailures(100).check([bad] * 50) == said


SEEDS = """
import random
import time

def ignores(width=2, seed=0):
    return {"loss": 1 / width}

def draws(width=2, seed=0):
    return {"loss": random.SystemRandom().random()}

def slow(width=2, seed=0):
    time.perf_counter = lambda clock=time.perf_counter: clock() + 2.0 * len(calls)
    calls.append(1)
    return {"loss": random.SystemRandom().random()}

calls = []

def seedless(width=2):
    return {"loss": 1 / width}
"""

SEEDED = """
name = "seeded"
trainer = "seeds:ignores"
[axes]
width = [2, 4]
seed = { count = 3 }
"""
ALIKE = (
    "every seed gave the same numbers in each of the 2 cells: if the seed changes nothing, the trials of a cell are "
    "one result counted several times, and intervals say too much"
)


@pytest.mark.parametrize("jobs", JOBS)
def test_seeds_that_change_nothing_are_told(jobs, module, tmp_path, capsys):
    module(SEEDS, "seeds.py")
    (tmp_path / "grid.toml").write_text(SEEDED, encoding="utf-8")
    assert ALIKE in call(capsys, "grid.toml", "--jobs", jobs)[1].splitlines()
    assert ALIKE in call(capsys, "grid.toml")[1].splitlines()  # also where nothing is trained
    assert ALIKE in (tmp_path / "results/seeded/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("jobs", JOBS)
def test_a_function_that_draws_without_its_seed_is_told_once(jobs, module, capsys):
    module(SEEDS, "seeds.py")
    results = nnsweep.run(sweepfile.loads(SEEDED.replace("ignores", "draws")), figures=False, jobs=jobs)
    (notice,) = results.work.notices
    trial = results._trials[0].id if jobs == 1 else notice.split()[1].removesuffix(",")
    loss = results._outcomes[trial].metrics["loss"]
    assert notice.startswith(f"trial {trial}, trained a second time, did not give the same (loss differs: {loss!r} ")
    assert notice.endswith("): it draws on what `seed` does not set, and its results cannot be repeated")
    assert results.trained == len(results._outcomes) == 6  # the second training counts nowhere
    assert notice in str(results).splitlines()


def test_a_function_that_gives_the_same_is_told_nothing(module):
    module(SEEDS, "seeds.py")
    assert nnsweep.run(sweepfile.loads(SEEDED), figures=False, jobs=1).work.notices == []


def test_only_a_quick_trial_is_trained_twice(module, monkeypatch):
    module(SEEDS, "seeds.py")
    monkeypatch.setattr(time, "perf_counter", time.perf_counter)  # which the function changes
    results = nnsweep.run(sweepfile.loads(SEEDED.replace("ignores", "slow")), figures=False, jobs=1)
    assert (results.trained, results.work.notices) == (6, [])


def test_a_function_without_a_seed_has_no_axis_of_seeds(module):
    module(SEEDS, "seeds.py")
    with pytest.raises(SpecError) as caught:
        sweepfile.loads(SEEDED.replace("ignores", "seedless"))
    assert str(caught.value).startswith("grid.toml:6:1: unknown parameter `seed`")


LONG_LISTS = """
def train(width=2, seed=0):
    return {"loss": [None, *(width + seed + 1 / epoch for epoch in range(1, 1500))]}
"""


def test_long_histories_are_packed_and_tabled_part_by_part(module, monkeypatch, capsys, tmp_path):
    module(LONG_LISTS, "long.py")
    grid = 'name = "long"\ntrainer = "long:train"\n[axes]\nwidth = [2, 4, 8]\nseed = { count = 2 }'
    (tmp_path / "grid.toml").write_text(grid, encoding="utf-8")
    whole = nnsweep.run(sweepfile.loads(grid), figures=False, jobs=1)
    values = next(iter(whole._outcomes.values())).history["loss"]
    assert (type(values), values.typecode, len(values), values[1]) == (array, "d", 1500, 3.0)
    assert math.isnan(values[0])
    monkeypatch.setattr(sys.modules["nnsweep.tables.history"], "NUMBERS_AT_ONCE", 1)
    monkeypatch.setattr(sys.modules["nnsweep.store.trial_queries"], "AT_ONCE", 1)
    again = nnsweep.run(sweepfile.loads(grid), figures=False)
    assert again.trained == 0
    assert again.history.equals(whole.history)
    assert whole.history["loss_mean"][1] == pytest.approx((3.0 + 4.0) / 2)
    stored, fresh = (next(iter(each._outcomes.values())).history["loss"] for each in (again, whole))
    assert stored[1:] == fresh[1:]
    shown = json.loads(call(capsys, "show", "grid.toml", "width=2", "seed=0", "--json")[1])
    assert shown["history"]["loss"][:2] == [None, 3.0]
