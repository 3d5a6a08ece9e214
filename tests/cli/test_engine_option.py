"""Every verb that trains takes the engine by the same option."""

from __future__ import annotations

import pytest

from nnsweep.nn.engine.compiled import accepts
from tests.helpers import call

GRID = """
name = "small"
[fixed]
train_size = 20
test_size = 30
activation = "relu"
output = "step"
[axes]
alpha = [0.01, 0.1]
seed = { count = 2 }
[success]
metric = "error"
below = 0.4
"""
REFUSED = "numba is not installed; `pip install nnsweep[fast]`; allowed: auto, numpy"
VERBS = (
    ("run", "grid.toml", "--no-figures", "--set", "alpha=[0.02]"),
    ("retry", "grid.toml", "--no-figures", "--status", "ok"),
    ("settle", "grid.toml", "--on", "alpha=0.01,0.1"),
    ("best", "grid.toml", "--confirm", "2"),
)


@pytest.fixture
def ran(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(accepts, "has_numba", lambda: False)
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    assert call(capsys, "run", "grid.toml", "--no-figures", "--quiet")[0] == 0


def test_verbs_that_train_refuse_an_engine_that_is_not_there(ran, capsys):
    for words in VERBS:
        code, _, said = call(capsys, *words, "--engine", "compiled")
        assert code == 2, words
        assert said.splitlines()[-1] == f"Error: `--engine compiled`: {REFUSED}", words


def test_a_cluster_gets_the_engine(ran, capsys):
    words = "submit", "grid.toml", "--slurm", "--dry-run", "--jobs", "2", "--set", "alpha=[1, 2]"
    assert " --engine numpy " in call(capsys, *words, "--engine", "numpy")[1]
    assert "--engine" not in call(capsys, *words)[1]
