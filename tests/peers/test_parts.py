"""Parts of the samples against scikit-learn's, and its data sets learnt with the defaults that fit them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="nnsweep[peers] is not installed")
import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.model_selection import KFold, train_test_split

import nnsweep
from nnsweep import sweepfile
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.trainers import load
from nnsweep.trainers.mlp.split import parts_of
from nnsweep.trials.expand import expand

MLP = load("mlp")


def params(**settings: Any) -> dict[str, Any]:
    return dict(MLP.resolve(Parameters.of(MLP).complete(settings)))


def rows(count: int) -> dict[str, Any]:
    return {"inputs": list(range(count)), "targets": [0, 1, *([0] * (count - 2))]}


@pytest.mark.parametrize("count", [20, 150, 151])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"test_size": 0.1},
        {"test_size": 7},
        {"train_size": 0.333},
        {"train_size": 12},
        {"train_size": 0.333, "test_size": 0.333},
        {"train_size": 0.5, "test_size": 3},
    ],
)
def test_sizes_are_those_of_train_test_split(count: int, given: dict[str, Any]) -> None:
    parts = parts_of(params(data=rows(count), **given))
    assert [len(parts.train), len(parts.test)] == [len(part) for part in train_test_split(range(count), **given)]


def test_ordered_folds_are_those_of_k_fold() -> None:
    found = [parts_of(params(data=rows(53), split="ordered", folds=4, seed=seed)) for seed in range(4)]
    assert [(part.train.tolist(), part.test.tolist()) for part in found] == [
        (train.tolist(), test.tolist()) for train, test in KFold(4).split(np.zeros(53))
    ]


def as_csv(path: Path, bunch: Any, names: bool = False) -> None:
    frame = bunch.data.assign(
        target=[str(bunch.target_names[each]) for each in bunch.target] if names else bunch.target
    )
    frame.rename(columns={"target": "species"} if names else {}).to_csv(path, index=False)


def test_the_file_of_the_quick_start_learns_the_irises_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    as_csv(tmp_path / "iris.csv", load_iris(as_frame=True), names=True)
    page = (Path(__file__).parents[2] / "docs" / "quickstart.md").read_text(encoding="utf-8")
    text = page.split("A CSV file, the column to learn")[1].split("```toml\n")[1].split("```")[0]
    results = nnsweep.run(sweepfile.loads(text), tmp_path, figures=False)
    assert results.metrics == ["accuracy", "loss"]
    assert set(results.trials["status"]) == {"ok"}
    assert results.summary["successes"].max() >= 8
    assert {len(parts_of(each.params).test) for each in expand(sweepfile.loads(text), MLP)} == {38}


@pytest.mark.parametrize(
    ("source", "fixed", "success"),
    [
        (load_diabetes, "scale_target = true", 'metric = "r2"\nabove = 0.3'),
        (load_breast_cancer, "", 'metric = "accuracy"\nabove = 0.9'),
    ],
)
def test_amounts_and_two_classes_are_learnt_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Any, fixed: str, success: str
) -> None:
    monkeypatch.chdir(tmp_path)
    as_csv(tmp_path / "a.csv", source(as_frame=True))
    given = 'data = { csv = "a.csv", target = "target" }\nstandardize = true\nepochs = 5\nalpha = 0.01'
    text = f'name = "a"\n[fixed]\n{given}\n{fixed}\n[axes]\nseed = {{ count = 5 }}\n[success]\n{success}'
    found = nnsweep.run(sweepfile.loads(text), tmp_path, figures=False)
    assert found.summary["successes"].tolist() == [5]
