"""The examples, run as their comments say."""

import re

import pytest

import nnsweep
from tests.helpers import PROJECT, program


def test_a_scikit_learn_classifier(tmp_path):
    pytest.importorskip("sklearn")
    folder = PROJECT / "examples" / "sklearn_svm"
    done = program("grid.toml", "--results", tmp_path, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("sklearn_svm: 45 trials trained in ")
    successes = (tmp_path / "sklearn_svm" / "tables" / "success.csv").read_text(encoding="utf-8").splitlines()
    assert successes == ["gamma\\C,0.1,1.0,10.0", "0.0001,0,0,5", "0.001,0,5,5", "0.01,0,0,0"]
    again = program("grid.toml", "--results", tmp_path, "--no-figures", cwd=folder)
    assert again.stdout.startswith("sklearn_svm: nothing to train, 45 trials stored\n")


def test_the_readmes(module, tmp_path):
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    source, grid = (
        next(block for block in re.findall(rf"^```{kind}\n(.*?)^```$", text, re.M | re.S) if start in block)
        for kind, start in (("python", "# mine.py"), ("toml", "mine:train"))
    )
    module(source)
    (tmp_path / "grid.toml").write_text(grid, encoding="utf-8")
    results = nnsweep.run(nnsweep.load("grid.toml"), jobs=1)
    assert results.summary[["alpha", "n", "successes"]].to_numpy().tolist() == [
        [0.01, 10, 0],
        [0.1, 10, 0],
        [1, 10, 10],
    ]
    assert set(results.figures) >= {"success", "accuracy", "loss", "curves_loss"}
