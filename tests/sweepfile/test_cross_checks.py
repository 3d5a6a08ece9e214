"""What is checked of all combinations together: whether any trial measures what success is of."""

from __future__ import annotations

import pytest

from nnsweep.design import Success
from nnsweep.errors import SpecError
from nnsweep.sweepfile import loads
from tests.helpers.fake_parameters import FakeTrainer

SWEEP = """
name = "a"
[axes]
activation = ["relu", "sigmoid"]
seed = { count = 3 }
[success]
metric = "error"
below = 0.05
"""


@pytest.fixture(autouse=True)
def each_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have trials with ReLUs measure their loss alone, others their error too."""
    measured = {"relu": ("loss",)}
    monkeypatch.setattr(FakeTrainer, "measured", lambda self, p: measured.get(p["activation"], ("error", "loss")))


def test_success_of_a_metric_that_no_trial_measures_is_told_at_its_place() -> None:
    with pytest.raises(SpecError) as caught:
        loads(SWEEP.replace('"relu", "sigmoid"', '"relu"'))
    assert str(caught.value) == "grid.toml:7:1: no trial measures `error`; allowed: loss"


def test_a_metric_that_some_trial_measures_will_do() -> None:
    assert loads(SWEEP).success == Success("error", below=0.05)


def test_an_excluded_trial_measures_nothing() -> None:
    with pytest.raises(SpecError) as caught:
        loads(SWEEP + '[[exclude]]\nactivation = "sigmoid"\n')
    assert str(caught.value) == "grid.toml:7:1: no trial measures `error`; allowed: loss"
