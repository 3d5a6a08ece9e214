"""The search by a Gaussian process: its cube, what it expects, and where it looks."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

import nnsweep
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.sampler import train_asked
from nnsweep.trials.search.configurations import Configurations
from nnsweep.trials.search.cube import Cube
from nnsweep.trials.search.gaussian_process import log_expected_improvement, scaled
from nnsweep.trials.search.methods import sampler_of
from tests.trials.test_search import TEXT


def space_of(text=TEXT):
    sweep = nnsweep.loads(text)
    return Configurations(sweep, load(sweep.trainer))


def test_settled_points_are_those_of_their_configurations():
    """Points of one configuration are the same, and an axis that does not count is in the middle."""
    space = space_of()
    cube, points = Cube(space.axes), np.random.default_rng(0).random((200, 4))
    settled = cube.settled(points)
    assert [space.at(row) for row in settled.tolist()] == [space.at(row) for row in points.tolist()]
    assert len(set(settled[:, 1])) == 8, "whole numbers from 2 to 9"
    assert set(settled[:, 2]) == {0.25, 0.75}
    assert (settled[settled[:, 2] == 0.25, 3] == 0.5).all(), "momentum of sgd"
    assert (cube.settled(settled) == settled).all()
    assert cube.categories.tolist() == [False, False, True, False]


def test_points_near_others_stay_in_the_cube_and_move_on_some_axes():
    cube, at = Cube(space_of().axes), np.array([[0.001, 0.5, 0.75, 0.999]])
    at = cube.settled(at)
    near = cube.near(at, 0.01, 400, np.random.default_rng(0))
    assert near.shape == (400, 4)
    assert near.min() >= 0
    assert near.max() <= 1
    assert np.abs(near[:, 0] - at[0, 0]).max() < 0.06
    assert 0.35 < (near[:, 0] != at[0, 0]).mean() < 0.65
    assert {0.25, 0.75} == set(near[:, 2])


@pytest.mark.parametrize("z", [3.0, 0.5, -0.5, -3.0, -8.0])
def test_the_expected_improvement_is_the_integral(z):
    """Of f with mean −z σ and deviation σ = 2, E[max(0 − f, 0)]."""
    integral, _ = quad(lambda u: (z - u) * norm.pdf(u), -math.inf, z, epsabs=0)
    found = log_expected_improvement(np.array([-2 * z]), np.array([2.0]), 0.0)
    assert found[0] == pytest.approx(math.log(2 * integral), abs=1e-6)


def test_far_from_any_improvement_nearer_is_still_better():
    """h(z) is about φ(z)/z² far below 0, where it is smaller than any number."""
    found = log_expected_improvement(np.array([60.0, 50.0]), np.ones(2), 0.0)
    assert found == pytest.approx([norm.logpdf(z) - 2 * math.log(z) for z in (60, 50)], abs=0.01)


def test_losses_of_any_size_are_compared():
    assert scaled(np.array([1e308, -1e308, math.inf])).tolist() == pytest.approx([1, -1, 1.2])
    assert scaled(np.array([5e-324, 0.0])).tolist() == [1, 0]
    assert scaled(np.array([math.inf, math.inf])).tolist() == [0, 0]
    assert scaled(np.array([0.0, math.inf])).tolist() == pytest.approx([0, 0.1])


LISTED = """
name = "listed"
fixed = { data = "xor", epochs = 2 }
[axes]
alpha = [0.1, 0.2, 0.3]
optimizer = ["sgd", "momentum", "adam"]
momentum = { choices = [0.5, 0.9], only_if = { optimizer = "momentum" } }
[search]
method = "gp"
metric = "loss"
configurations = 100
"""


def searched(text, loss):
    """The settings that a search asks for, by a loss of each."""
    sweep = nnsweep.loads(text)
    sampler, found = sampler_of(sweep, load(sweep.trainer)), []

    def train(trials):
        found.extend(trial.settings for trial in trials)
        return {trial.id: Outcome("ok", {"loss": loss(trial.settings)}) for trial in trials}

    train_asked(sampler, train)
    return found


@pytest.mark.slow
def test_a_small_space_is_asked_for_whole():
    """Three rates, with sgd and adam, and with momentum at both of its values."""
    found = searched(LISTED, lambda settings: settings["alpha"] * (1 + (settings["optimizer"] == "sgd")))
    assert len({tuple(each.values()) for each in found}) == len(found) == 3 * 4


BOWL = """
name = "bowl"
fixed = { data = "xor", epochs = 2, optimizer = "momentum" }
[axes]
alpha = { log_uniform = [0.001, 1] }
momentum = { uniform = [0, 0.99] }
[search]
method = "gp"
metric = "loss"
configurations = 24
"""


@pytest.mark.slow
def test_it_finds_the_bottom_of_a_bowl():
    """The bottom, 0 at 0.03 and 0.4; the best of 24 random ones has 0.026 on average: a disc of 1/24 of a square."""

    def bowl(settings):
        return (math.log10(settings["alpha"] / 0.03) / 3) ** 2 + ((settings["momentum"] - 0.4) / 0.99) ** 2

    assert min(map(bowl, searched(BOWL, bowl))) < 1e-4
