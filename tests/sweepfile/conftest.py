from __future__ import annotations

import pytest

from nnsweep import trainers
from tests.helpers.fake_parameters import FakeTrainer, NeedyTrainer


@pytest.fixture(autouse=True)
def fake_trainers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep these tests independent of what the built-in trainer can do."""
    real = trainers.load
    fakes = {"mlp": FakeTrainer(), "needy:train": NeedyTrainer()}
    monkeypatch.setattr(trainers, "load", lambda name: fakes.get(name) or real(name))
