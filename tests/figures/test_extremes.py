"""Metrics and axes near the ends of float64: a run draws all of its files, and warns of nothing."""

from __future__ import annotations

from itertools import product

import pytest

import nnsweep
from tests.helpers import call

VALUES = {
    "the largest": lambda seed: 1.7e308,
    "the lowest": lambda seed: -1.7e308,
    "both ends": lambda seed: 1.7e308 * (-1) ** seed,
    "the smallest": lambda seed: 5e-324 * (seed + 1),
    "large and small": lambda seed: [1e308, -1e308, 1e-320][seed % 3],
    "near each other": lambda seed: 1e308 + seed * 1e292,
}
AXES = {
    "ordinary": [1.0, 2.0],
    "both ends": [-1.7e308, 1.7e308],
    "three": [-1e308, 0.0, 1e308],
    "powers": [1e-300, 1.0, 1e300],
    "the smallest": [5e-324, 1.0],
    "all of float64": [1e-323, 1.7e308],
    "one bit apart": [1.0, 1.0000000000000002],
    "large": [1.6e308, 1.7e308],
}
CASES = [(value, axis) for value, axis in product(VALUES, AXES) if axis in ("ordinary", "both ends", "powers")]
HALF = [(value, axis) for at, value in enumerate(VALUES) for axis in list(AXES)[at % 2 :: 2]]
"""Each metric with four of the axes, and each axis with three of the metrics."""


def train(at: float = 1.0, kind: str = "the largest", seed: int = 0):
    """Return one metric near the ends of float64, and one that is ordinary."""
    return {"loss": VALUES[kind](seed), "other": [1.0, 0.5]}


def run(value, axis):
    """Run a sweep with all of its files, and ask what is best."""
    success = {"metric": "loss", "below": 0}
    sweep = nnsweep.sweep(
        "ends", trainer=train, fixed={"kind": value}, axes={"at": AXES[axis], "seed": {"count": 3}}, success=success
    )
    results = nnsweep.run(sweep, jobs=1)
    assert (results.trained, results.failed) == (3 * len(AXES[axis]), 0)
    assert str(results.best("loss"))
    if len(AXES[axis]) == 2:
        assert str(results.compare(on="at={},{}".format(*AXES[axis]), metric="loss"))


@pytest.mark.parametrize(("value", "axis"), CASES[::4])
def test_a_run_draws_numbers_near_the_ends(tmp_path, monkeypatch, value, axis):
    monkeypatch.chdir(tmp_path)
    run(value, axis)


@pytest.mark.slow
@pytest.mark.parametrize(("value", "axis"), HALF)
def test_a_run_draws_all_numbers_near_the_ends(tmp_path, monkeypatch, capsys, value, axis):
    monkeypatch.chdir(tmp_path)
    run(value, axis)
    for figure in ("medians", "distribution"):
        assert call(capsys, "figure", figure, "ends")[0] == 0
