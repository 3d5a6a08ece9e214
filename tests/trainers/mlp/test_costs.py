"""What trainings are said to cost, against the seconds of the processor that they take: as ratios of two sweeps."""

from collections.abc import Callable, Sequence

import pytest

import nnsweep
from nnsweep import trainers
from tests.helpers.pace import seconds_of

MLP = trainers.load("mlp")
XOR = """
name = "xor"
[fixed]
data = "xor"
split = "all"
hidden = 2
activation = "sigmoid"
output = "sigmoid"
loss = "squared_error"
metrics = ["loss"]
epochs = 60
measure_every = 60
batch_size = "all"
[axes]
seed = { count = 1 }
"""
MANY = "seed={count=60}"
DIFFER = {
    "measurements": ([], ["measure_every=1"]),
    "orders": ([MANY], [MANY, "order=reshuffled"]),
    "checkpoints": ([MANY, "measure_every=1"], [MANY, "measure_every=1", "epochs={from=1,to=60}"]),
}
"""Two sweeps that differ in what is no step."""
DIFFER_ELSE = {
    "measurements of many": ([MANY], [MANY, "measure_every=1"]),
    "measurements of two parts": (["measure_every=1"], ["measure_every=1", "metrics=['loss', 'train_loss']"]),
    "orders with replacement": ([MANY], [MANY, "order=with_replacement"]),
    "sparse checkpoints": ([MANY], [MANY, "epochs={from=1,to=60}"]),
    "starts": (["epochs=1"], ["epochs=1", "seed={count=200}"]),
    "optimizers": (["batch_size=1"], ["batch_size=1", "optimizer=adam"]),
    "layers": (["measure_every=1"], ["measure_every=1", "hidden=[50, 10]"]),
}


def told_and_work(overrides: Sequence[str]) -> tuple[float, Callable[[], object]]:
    """The cost of a sweep's trainings, in seconds, and what trains them."""
    plan = nnsweep.plan(nnsweep.loads(XOR, list(overrides)), jobs=1)
    stacks = [stack.params for stack in plan.stacks]
    return plan.cost, lambda: [MLP.train(stack) for stack in stacks]


def check(name: str, one_sweep: Sequence[str], other_sweep: Sequence[str]) -> None:
    """Compare what two sweeps cost with what they take."""
    (one_told, one), (other_told, other) = told_and_work(one_sweep), told_and_work(other_sweep)
    one_took, other_took = seconds_of(one, other, rounds=3)
    told, took = other_told / one_told, other_took / one_took
    print(f"{name}: told {told:.2f} times as much, took {took:.2f} times")
    assert took / 2 < told < 2 * took


@pytest.mark.parametrize("name", DIFFER)
def test_costs_are_in_proportion_to_what_trainings_take(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check(name, *DIFFER[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", DIFFER_ELSE)
def test_costs_are_in_proportion_to_all_else_that_trainings_take(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check(name, *DIFFER_ELSE[name])
