"""What a plan says of trials that another version of the trainer, or other data, gave."""

import json

from nnsweep.store import Store
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from tests.helpers import call
from tests.helpers.fake_trials import TRAINER, Silent, trial


def test_another_version_of_the_trainer(small, capsys, monkeypatch):
    monkeypatch.setattr(type(load("mlp")), "version", "other")
    lines = call(capsys, "plan", small, "--set", "alpha=0.01")[1].splitlines()
    assert [lines[0], *(line for line in lines if line.startswith("stale"))] == [
        "small: 24 trials: 24 new, 0 stored",
        "stale: 24 stored under the same parameters by another version of the trainer or the data",
    ]
    assert call(capsys, small, "--no-figures", "--quiet")[0] == 0
    assert call(capsys, "plan", small)[1] == "small: nothing to train, 48 trials stored\n"


def test_none_are_stale_once_they_are_accepted(tmp_path, monkeypatch, capsys, module):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grid.toml").write_text(
        'name = "own"\ntrainer = "mine:train"\n[axes]\nseed = { count = 3 }\n', encoding="utf-8"
    )
    module("def train(seed=0):\n    return {'error': seed}\n")
    assert call(capsys, "grid.toml", "--no-figures", "--quiet")[0] == 0
    module("def train(seed=0):\n    return {'error': seed + 0}\n")
    assert json.loads(call(capsys, "plan", "grid.toml", "--json")[1])["stale"] == 3
    assert call(capsys, "accept", "grid.toml")[0] == 0
    plan = json.loads(call(capsys, "plan", "grid.toml", "--json")[1])
    assert [plan[name] for name in ("new", "cached", "stale")] == [0, 3, 0]


def test_json(small, capsys, monkeypatch):
    plan = json.loads(call(capsys, "plan", small, "--set", "seed={count=5}", "--json")[1])
    counts = {name: plan[name] for name in ("name", "trials", "new", "cached", "stale", "stacks")}
    assert counts == {"name": "small", "trials": 60, "new": 12, "cached": 48, "stale": 0, "stacks": 1}
    monkeypatch.setattr(type(load("mlp")), "version", "other")
    plan = json.loads(call(capsys, "plan", small, "--json")[1])
    assert [plan[name] for name in ("new", "cached", "stale")] == [48, 0, 48]


def test_other_data(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = "a,b,y\n" + "1,0,1\n0,1,0\n" * 10
    (tmp_path / "table.csv").write_text(table, encoding="utf-8")
    (tmp_path / "grid.toml").write_text(
        'name = "own"\n[fixed]\ndata = { csv = "table.csv", target = "y" }\nsplit = "all"\nepochs = 1\n'
        "[axes]\nseed = { count = 3 }\n",
        encoding="utf-8",
    )
    assert call(capsys, "grid.toml", "--no-figures", "--quiet")[0] == 0
    assert json.loads(call(capsys, "plan", "grid.toml", "--json")[1])["stale"] == 0
    (tmp_path / "table.csv").write_text(table + "1,1,1\n", encoding="utf-8")
    plan = json.loads(call(capsys, "plan", "grid.toml", "--json")[1])
    assert [plan[name] for name in ("new", "cached", "stale")] == [3, 0, 3]


class Other(Silent):
    name = "other"


def test_other_parameters_and_other_trainers_are_not_stale(tmp_path):
    from dataclasses import replace

    with Store.open(tmp_path / "trials.db") as store:
        run = store.begin_run({}, "")
        store.write(run, TRAINER, [(trial(number), Outcome("ok")) for number in range(4)])
        store.write(run, Other(), [(replace(trial(4), id="f" * 16), Outcome("ok"))])
        asked = [trial(0), replace(trial(1), id="a" * 16), replace(trial(4), id="b" * 16)]
        assert store.stale(asked, TRAINER) == 1
        assert store.stale([trial(number) for number in range(4)], TRAINER) == 0
