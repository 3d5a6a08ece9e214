"""Trainings that continue from kept states have the bits of those that never stopped, even if states are lost."""

from __future__ import annotations

from io import BytesIO

import pytest

from nnsweep.execution.backends.streams import Streams
from nnsweep.execution.backends.worker import Job, _train
from nnsweep.execution.stack import Stack
from nnsweep.execution.training import train_stack
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from tests.trainers.test_advance import own, resolved

STACK = [resolved(seed=seed, optimizer="adam", epochs=2) for seed in range(4)]


def at(epochs, stack=STACK):
    return [{**params, "epochs": epochs} for params in stack]


def trained(stack, states=""):
    return [own(outcome) for outcome in train_stack("mlp", stack, states=str(states)).outcomes]


def test_survivors_continue_with_the_bits_of_a_training_that_never_stopped(tmp_path, started):
    assert trained(at(2), tmp_path) == trained(at(2))
    assert trained(at(5)[1:3], tmp_path) == trained(at(5)[1:3])
    assert trained(at(9)[2:], tmp_path) == trained(at(9)[2:])
    # The last one of the stack was dropped after 2 epochs; it continues from there all the same.
    assert started == [2, 2, 2, 2]


def test_several_epochs_of_one_training_in_a_stack(tmp_path, started):
    stack = [at(epochs)[0] for epochs in (5, 2, 9)]
    assert trained(stack, tmp_path) == [trained([each])[0] for each in stack]
    assert started == [2]


def test_a_state_that_has_gone_further_is_not_used(tmp_path, started):
    trained(at(5), tmp_path)
    assert trained(at(2), tmp_path) == trained(at(2))
    assert started == [5] * 4 + [2] * 4


@pytest.mark.parametrize("damage", [b"", b"no pickle", None])
def test_a_lost_state_costs_only_time(tmp_path, started, damage):
    trained(at(2), tmp_path)
    for path in tmp_path.iterdir():
        path.unlink() if damage is None else path.write_bytes(damage)
    assert trained(at(5), tmp_path) == trained(at(5))
    assert started == [2] * 4 + [5] * 4


def test_a_folder_that_is_not_there_is_left_alone(tmp_path):
    """A worker on another machine does not see the folder."""
    assert trained(at(2), tmp_path / "none") == trained(at(2))
    assert not (tmp_path / "none").exists()


def test_other_data_have_other_states(tmp_path, started):
    trained(at(2), tmp_path)
    trained(at(3, [resolved(seed=0, optimizer="adam", train_size=21)]), tmp_path)
    assert started == [2, 2, 2, 2, 3]


def test_a_job_of_a_worker_has_the_folder(tmp_path):
    import nnsweep

    sweep = nnsweep.loads('name = "s"\n[fixed]\nepochs = 2\n[axes]\nseed = { count = 2 }')
    trials = expand(sweep, load("mlp"))
    job = Job.of(Stack(trials, [1, 1], states=str(tmp_path)), load("mlp").fingerprint)
    _train("mlp", job, Streams(BytesIO(), BytesIO()))
    assert len(list(tmp_path.iterdir())) == 2
