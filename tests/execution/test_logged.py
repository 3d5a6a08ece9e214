"""What a function logged survives its error, the death of its worker, its time limit, and the death of the run."""

from __future__ import annotations

import math
import signal
import sqlite3
from contextlib import closing

import numpy as np
import pytest

import nnsweep
from nnsweep.errors import StoreError
from nnsweep.store import Store
from nnsweep.trainers import live_trial
from nnsweep.trainers.logged import Part, blocks_of, to_bytes
from tests.helpers import JOBS, PROJECT, forked, slow

MODULE = """
import os
import signal
import sqlite3
from contextlib import closing

from nnsweep.trainers import live_trial

live_trial.EVERY = 0.01

def is_stored():
    with closing(sqlite3.connect("file:results/logs/trials.db?mode=ro", uri=True)) as store:
        try:
            return store.execute("select count(*) from logged").fetchone()[0]
        except sqlite3.OperationalError:  # there is no such table yet
            return 0

def train(trial, does="well", seed=0):
    for step in range(3):
        trial.log(loss=1 / (1 + step), step=10 * step)
    if does == "raises":
        raise ValueError("no ground")
    while does != "well" and not trial._sent:
        os.sched_yield()
    while does in ("is the run", "kills the run") and not is_stored():
        os.sched_yield()
    if does in ("dies", "is the run"):
        os.kill(os.getpid(), signal.SIGKILL)
    if does == "kills the run":
        os.kill(os.getppid(), signal.SIGKILL)
    if does != "well":
        signal.pause()
"""
CURVE = {"loss": [1.0, 0.5, 1 / 3], "epoch": [0, 10, 20]}
GRID = """
name = "logs"
trainer = "logger:train"

[axes]
does = ["{}"]
seed = [0, 1]
"""


@pytest.fixture(autouse=True)
def mine(module, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setattr(live_trial, "EVERY", live_trial.EVERY)  # the module changes it
    module(MODULE, "logger.py")


def outcomes(does, **options):
    results = nnsweep.run(nnsweep.loads(GRID.format(does)), results="results", figures=False, **options)
    with Store.read(results.folder / "trials.db") as store:
        assert store.logged() == {}  # trials that are stored have it as their history
        store.verify()
    assert results.history["epoch"].tolist() == CURVE["epoch"]
    assert results.history["n"].tolist() == [2, 2, 2]
    assert results.history["loss_median"].tolist() == CURVE["loss"]
    return list(results._outcomes.values())


@pytest.mark.parametrize("jobs", JOBS)
def test_a_trial_that_raises_keeps_its_curve(jobs):
    for found in outcomes("raises", jobs=jobs):
        assert (found.status, found.metrics, dict(found.history)) == ("failed", {}, CURVE)


@pytest.mark.slow
@pytest.mark.parametrize("place", [{"jobs": 2}, {"scheduler": "local:2"}])
def test_a_trial_whose_worker_dies_keeps_its_curve(place):
    if "scheduler" in place:
        pytest.importorskip("distributed")
    for found in outcomes("dies", **place):
        assert (found.status, found.metrics, dict(found.history)) == ("crashed", {}, CURVE)


@pytest.mark.parametrize("place", [{"jobs": 2}, slow({"scheduler": "local:2"})])
def test_a_trial_that_takes_too_long_keeps_its_curve(place):
    if "scheduler" in place:
        pytest.importorskip("distributed")
    for found in outcomes("hangs", timeout=0.5, **place):
        assert (found.status, found.metrics, dict(found.history)) == ("timeout", {}, CURVE)


@pytest.mark.parametrize(("does", "jobs"), [("is the run", 1), slow("kills the run", 2)])
def test_a_killed_run_leaves_the_curves_so_far_until_their_trials_are_stored(does, jobs, tmp_path):
    (tmp_path / "grid.toml").write_text(GRID.format(does), encoding="utf-8")
    assert forked.call("grid.toml", "--jobs", jobs, "--no-figures").code == -signal.SIGKILL
    store = tmp_path / "results" / "logs" / "trials.db"
    with Store.read(store) as opened:
        found = opened.logged()
        assert opened.logged([]) == {}
        assert opened.logged(list(found)[:1]) == {id: found[id] for id in list(found)[:1]}
    assert 1 <= len(found) <= jobs
    assert list(found.values()) == [CURVE] * len(found)


def test_a_later_training_replaces_what_an_earlier_one_logged(tmp_path):
    parts = [to_bytes(blocks_of([(step, {"loss": float(step)})], 0)) for step in range(3)]
    with Store.open(tmp_path / "trials.db") as store:
        for part, data in enumerate(parts):
            store.log("a", Part(part, data))
        store.log("b", Part(0, parts[1]))
        assert store.logged() == {"a": {"loss": [0.0, 1.0, 2.0], "epoch": [0, 1, 2]}, "b": {"loss": [1.0]}}
        store.log("a", Part(0, parts[1]))
        assert store.logged(["a"]) == {"a": {"loss": [1.0]}}


@pytest.mark.parametrize(("column", "value"), [("data", b"x"), ("part", 7), ("digest", "0"), ("trial", "b")])
def test_what_is_not_as_it_was_written_is_told(column, value, tmp_path):
    path = tmp_path / "trials.db"
    with Store.open(path) as store:
        store.log("a", Part(0, to_bytes(blocks_of([(1, {"loss": 1.0})], 0))))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"update logged set {column} = ?", (value,))
        connection.commit()
    id = value if column == "trial" else "a"
    said = f"{path}: what trial {id} logged is not as it was written; restore the file from a copy, or train again with"
    with Store.read(path) as store:
        for ask in (store.logged, store.verify):
            with pytest.raises(StoreError) as caught:
                ask()
            assert str(caught.value) == f"{said} --fresh"


def test_infinite_numbers_are_missing(tmp_path):
    with Store.open(tmp_path / "trials.db") as store:
        store.log("a", Part(0, to_bytes(blocks_of([(1, {"loss": math.inf}), (2, {"loss": 1.0})], 0))))
        np.testing.assert_equal(store.logged(), {"a": {"loss": [math.nan, 1.0]}})
