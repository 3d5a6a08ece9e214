"""The verb `export --to`, and what is told of a target that is not allowed."""

from importlib import util

import pytest

from nnsweep.trackers import targets
from nnsweep.trackers.record import points_of
from tests.helpers import call

ALLOWED = (
    "allowed: mlflow:sqlite:///mlflow.db, tensorboard:DIR, wandb:DIR, trackio or trackio:DIR, optuna:sqlite:///FILE.db"
)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mlfow:x", f"`mlfow:x`: {ALLOWED}; did you mean `mlflow`?"),
        ("sqlite:///mlflow.db", f"`sqlite:///mlflow.db`: {ALLOWED}"),
        ("wandb", "`wandb`: found no place; allowed: wandb:DIR"),
        ("mlflow:", "`mlflow:`: found no place; allowed: mlflow:sqlite:///mlflow.db"),
    ],
)
def test_a_target_that_is_none(grid, capsys, target, message):
    assert call(capsys, "export", "grid.toml", "--to", target) == (2, "", f"Error: {message}\n")


@pytest.mark.parametrize("kind", ["mlflow", "tensorboard", "wandb", "trackio"])
def test_a_package_that_is_missing_is_named_with_its_extra(grid, capsys, monkeypatch, kind):
    found = util.find_spec
    monkeypatch.setattr(targets, "find_spec", lambda name: None if name == kind else found(name))
    code, _, said = call(capsys, "export", "grid.toml", "--to", f"{kind}:x")
    assert (code, said) == (2, f'Error: {kind} needs the package {kind}: pip install "nnsweep[{kind}]"\n')


def test_a_table_and_runs_are_not_written_at_once(grid, capsys):
    code, _, said = call(capsys, "export", "grid.toml", "--to", "wandb:x", "-o", "x.csv")
    assert code == 2
    assert said.endswith("Error: --to writes runs, not a table; leave out --columns, --format and --output\n")


def test_points_have_what_was_measured_then():
    nan = float("nan")
    history = {"epoch": [3, 5], "loss": [0.5, nan], "error": [nan, 0.25]}
    assert points_of(history, {"error": 0.25}) == [(3, {"loss": 0.5}), (5, {"error": 0.25})]
    assert points_of({"loss": [0.5, 0.25]}, {"loss": 0.25}) == [(1, {"loss": 0.5}), (2, {"loss": 0.25})]
    assert points_of({}, {"error": 1.0}) == [(0, {"error": 1.0})]
    assert points_of({}, {}) == []
