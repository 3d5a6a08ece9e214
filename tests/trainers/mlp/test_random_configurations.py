"""Random configurations: whatever stack trains a trial, every field of its outcome has the bits that it has alone."""

from __future__ import annotations

import random
import struct
from collections import defaultdict
from typing import Any

import pytest

import nnsweep
from nnsweep import nn
from nnsweep.errors import SpecError
from nnsweep.execution.training import train_stack
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.expand import expand
from nnsweep.trials.trial import Trial
from tests.helpers import slow

TRIALS, QUICK = 1_000, 120
MOST = 12
"""Trials of one configuration."""


def draw_fixed(draw: random.Random) -> dict[str, Any]:
    """Draw parameters that all trials of a configuration share; what is left out follows the data."""
    pick = draw.choice
    gates = [{"gate": "xor", "inputs": 3}, {"gate": "majority", "inputs": 3}]
    csv = [{"csv": "kinds.csv", "target": "kind"}, {"csv": "kinds.csv", "target": "amount", "drop": "kind"}]
    fixed: dict[str, Any] = {
        "data": pick(["parabolas", "parabolas", *gates, *csv]),
        "activation": pick(list(nn.ACTIVATIONS)),
        "bias": draw.random() < 0.9,
        "optimizer": pick(list(nn.OPTIMIZERS)),
        "batch_size": pick([1, 1, 2, 5, 16, "all"]),
        "order": pick(list(nn.ORDERS)),
        "reduction": pick(list(nn.REDUCTIONS)),
        "update": pick(list(nn.UPDATES)),
        "derivative_at": pick(list(nn.DERIVATIVES_AT)),
        "class_weight": pick(["none", "none", "balanced"]),
        "standardize": draw.random() < 0.3,
        "init": pick(list(nn.INITIALIZERS)),
        "init_biases": pick(["zeros", "as_weights"]),
        "draws": pick(list(nn.DRAWS)),
        "measure_every": pick([1, 1, 2, 3]),
        "evaluation": pick(["held_out", "held_out", "stale"]),
    }
    sized = {"train_size": draw.randint(4, 40), "test_size": draw.randint(2, 40)}
    fixed |= sized if fixed["data"] == "parabolas" else {}
    fixed |= {"validation_size": draw.randint(2, 10)} if fixed["data"] == "parabolas" and draw.random() < 0.3 else {}
    fixed |= {"split": pick(["shuffled", "stratified", "ordered"])} if draw.random() < 0.4 else {}
    fixed |= {"output": pick(list(nn.OUTPUTS))} if draw.random() < 0.5 else {}
    fixed |= {"loss": pick(list(nn.LOSSES))} if "output" in fixed and draw.random() < 0.5 else {}
    fixed |= {"metrics": draw.sample(METRICS, draw.randint(1, 4))} if draw.random() < 0.5 else {}
    fixed |= {"dropout": pick([0.2, 0.5])} if draw.random() < 0.25 else {}
    fixed |= {"batch_norm": True} if draw.random() < 0.25 else {}
    return fixed | ({"scale_target": True} if draw.random() < 0.1 else {})


METRICS = [part + name for part in ("", nn.TRAIN) for name in nn.METRICS]


def draw_axes(draw: random.Random) -> dict[str, Any]:
    """Draw what trials of a configuration differ in: widths and depths, rates, epochs and seeds."""
    widest = draw.choice([3, 9, 40])
    hidden = [[draw.randint(1, widest) for _ in range(draw.choice([0, 1, 1, 2, 3]))] for _ in range(draw.randint(1, 3))]
    rates = draw.sample([1e-3, 0.01, 0.1, 1.0, 30.0, 1e150], draw.randint(1, 3))
    epochs = sorted(draw.sample(range(1, 8), draw.randint(1, 3)))
    unique = [list(widths) for widths in dict.fromkeys(map(tuple, hidden))]
    return {"hidden": unique, "learning_rate": rates, "epochs": epochs, "seed": {"count": 4}}


def draw_trials(draw: random.Random) -> list[Trial]:
    """Draw configurations until one goes together, and some of its trials."""
    while True:
        try:
            sweep = nnsweep.sweep("drawn", fixed=draw_fixed(draw), axes=draw_axes(draw))
        except SpecError:
            continue
        trials = expand(sweep, load("mlp"))
        return draw.sample(trials, min(MOST, len(trials)))


def bits(outcome: Outcome) -> dict[str, Any]:
    """Give every field but the seconds, its numbers as bytes."""
    parts = {"metrics": outcome.metrics, "diagnosis": outcome.diagnosis}
    numbers = {part: {name: struct.pack("d", value) for name, value in found.items()} for part, found in parts.items()}
    history = {name: struct.pack(f"{len(values)}d", *values) for name, values in outcome.history.items()}
    return {"status": outcome.status, "failure": outcome.failure, "history": history, **numbers}


def differences(draw: random.Random, trials: list[Trial]) -> list[str]:
    """Train trials alone, in stacks of all that may be together, and in stacks drawn from these; say which differ."""
    alone = {trial.id: bits(train_stack("mlp", [trial.params]).outcomes[0]) for trial in trials}
    stacks: dict[Any, list[Trial]] = defaultdict(list)
    for trial in trials:
        stacks[load("mlp").stack_key(trial.params)].append(trial)
    found: list[str] = []
    for whole in stacks.values():
        for stack in (whole, draw.sample(whole, draw.randint(1, len(whole)))):
            for trial, outcome in zip(
                stack, train_stack("mlp", [trial.params for trial in stack]).outcomes, strict=True
            ):
                one, other = alone[trial.id], bits(outcome)
                found += [f"{field} of {trial.params}" for field in one if one[field] != other[field]]
    return found


@pytest.mark.parametrize("count", [QUICK, slow(TRIALS)])
def test_a_stack_gives_each_trial_the_bits_that_it_has_alone(count, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i * 0.37 % 1},{i * 0.61 % 1},{'abc'[i * i % 3]},{i * 7 % 11 / 4}" for i in range(48)]
    (tmp_path / "kinds.csv").write_text("\n".join(["x,y,kind,amount", *rows]) + "\n", encoding="utf-8")
    draw, found, tried, statuses = random.Random(20261128), [], 0, set[str]()
    while tried < count:
        trials = draw_trials(draw)
        found += differences(draw, trials)
        tried += len(trials)
        statuses |= {train_stack("mlp", [trials[0].params]).outcomes[0].status}
    print(f"{tried:,} trials, alone and in stacks, all fields: {len(found)} differences")
    assert found == []
    assert statuses == {"ok", "diverged"}
