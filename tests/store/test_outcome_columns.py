"""Outcomes in columns are stored as the same outcomes one by one are."""

import pickle
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

import nnsweep
from nnsweep.store import Store
from nnsweep.trainers import load
from nnsweep.trainers.columns import OutcomeColumns
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.expand import expand

SWEEP = """
name = "columns"
[fixed]
data = "xor"
hidden = 2
split = "all"
metrics = ["loss", "error"]
output = "identity"
loss = "squared_error"
[axes]
alpha = [0.1, 1.0, 1e60]
epochs = [1, 3, 4]
seed = { count = 2 }
"""
MLP = load("mlp")
GRID = expand(nnsweep.loads(SWEEP), MLP)
DIVERGED = Outcome("diverged", {}, {"loss": [0.5]}, 0.25, "not finite after epoch 2", {"nonfinite_epoch": 2})
FAILED = Outcome("failed", failure="ValueError: no")


def store(path, outcomes):
    with Store.open(path) as opened:
        opened.write_grid(opened.begin_run({}, ""), MLP, GRID, outcomes)
        assert opened.verify() == len(GRID)
        return opened.outcomes([trial.id for trial in GRID]), opened.columns(GRID.ids)


def by_hand(others=(), **numbers):
    """Six trainings with two metrics, read off after 1, 2 or 4 epochs."""
    training, epochs = np.repeat(np.arange(6), 3), np.tile([1, 2, 4], 6)
    histories = [{"loss": np.arange(4) / (1 + at % 5), "error": np.full(4, at / 7)} for at in range(6)]
    metrics = {
        name: np.array([histories[t][name][e - 1] for t, e in zip(training, epochs, strict=True)])
        for name in ("loss", "error")
    }
    metrics["loss"] += 0.0
    diagnosis = {"dead": np.linspace(0.1, 0.9, 18), "changed": np.linspace(0.9, 0.1, 18)}
    records = np.concatenate([np.stack([*each.values()], axis=1) for each in histories])
    found = OutcomeColumns(metrics, diagnosis, records, 4 * np.arange(6), training, epochs, 0.125, dict(others))
    for name, (place, value) in numbers.items():
        (metrics if name in metrics else diagnosis)[name][place] = value
    return found


CASES = {
    "plain": by_hand(),
    "others": by_hand({0: DIVERGED, 7: FAILED, 17: DIVERGED}),
    "all others": by_hand(dict.fromkeys(range(18), FAILED)),
    "minus zero": by_hand(loss=(3, -0.0), dead=(4, -0.0)),
    "not finite": by_hand(changed=(5, nan), error=(6, inf)),
    "no metrics": replace(by_hand(), metrics={}, records=np.zeros((24, 0))),
    "trained": MLP.train(list(GRID.params())),
}


@pytest.mark.parametrize("name", CASES)
def test_columns_are_stored_as_outcomes_are(tmp_path, name):
    columns = CASES[name]
    assert isinstance(columns, OutcomeColumns)
    one_by_one = list(columns)
    (found, table), (expected, other) = store(tmp_path / "a.db", columns), store(tmp_path / "b.db", one_by_one)
    assert repr(found) == repr(expected)  # which tells 0.0 and -0.0 apart, and has equal NaN
    assert list(found) == [trial.id for trial in GRID]
    for one, same in ((table.metrics, other.metrics), (table.diagnosis, other.diagnosis)):
        assert list(one) == list(same)
        assert all(one[key].tobytes() == same[key].tobytes() for key in one)
    assert table.status.tolist() == other.status.tolist()
    assert table.failures == other.failures


def test_some_of_what_was_trained_diverged():
    trained = CASES["trained"]
    statuses = [outcome.status for outcome in trained]
    assert 0 < statuses.count("diverged") < statuses.count("ok")
    assert trained[-1] == trained[len(trained) - 1]
    assert repr(trained[2:5]) == repr([trained[2], trained[3], trained[4]])
    with pytest.raises(IndexError, match="trial 18 of 18"):
        trained[18]
    assert repr(list(pickle.loads(pickle.dumps(trained)))) == repr(list(trained))


def test_trainings_with_one_history_store_it_once(tmp_path):
    with Store.open(tmp_path / "trials.db") as opened:
        columns = by_hand()
        opened.write_grid(opened.begin_run({}, ""), MLP, GRID, replace(columns, starts=np.zeros(6, int)))
        assert opened._access.rows("select count(*) from history") == [(1,)]
