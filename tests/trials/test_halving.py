"""Halving over epochs: who goes on, what it finds, and what it costs."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import nnsweep
from nnsweep.statistics.ranks import doubled_ranks
from nnsweep.statistics.subset import best_set
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.sampler import train_asked
from nnsweep.trials.search.halving import BUDGET, DROPPED, FINISHED, NOT_WELL, WENT_ON, HalvingSampler
from nnsweep.trials.search.methods import sampler_of
from tests.helpers import PROJECT

TEXT = """
name = "halved"
fixed = { data = "xor" }
[axes]
alpha = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
epochs = [1, 3, 9]
seed = { count = 2 }
[search]
method = "halving"
metric = "loss"
"""


def by_rate(trials):
    """A lower rate is better, after any number of epochs."""
    return {trial.id: Outcome("ok", {"loss": trial.settings["alpha"]}, seconds=1.0) for trial in trials}


def search(text=TEXT, train=by_rate):
    sampler = sampler_of(nnsweep.loads(text), load("mlp"))
    assert isinstance(sampler, HalvingSampler)
    batches = []

    def trained(trials):
        batches.append([tuple(trial.settings.values()) for trial in trials])
        return train(trials)

    train_asked(sampler, trained)
    return sampler, batches


def rates(batches):
    return [sorted({(alpha, epochs) for alpha, epochs, _ in batch}) for batch in batches]


def test_a_third_goes_on_from_each_rung():
    sampler, batches = search()
    assert rates(batches) == [
        [(rate / 10, 1) for rate in range(1, 10)],
        [(0.1, 3), (0.2, 3), (0.3, 3)],
        [(0.1, 9)],
    ]
    assert [len(batch) for batch in batches] == [18, 6, 2]
    assert list(sampler.rows) == [row for batch in batches for row in batch]
    found = sampler.endings()
    assert len(found) == 9 + 3 + 1
    assert found[0.1, 1] == found[0.1, 3] == WENT_ON
    assert found[0.1, 9] == FINISHED
    assert found[0.4, 1] == found[0.2, 3] == DROPPED
    # Each has two seeds: 2 (6 · 1 + 2 · 3 + 1 · 9) = 42 of 2 · 9 · 9 = 162, of which 74 % are saved.
    assert sampler.progress().text == (
        "halving of 9 configurations: 6 trained for 1 epoch, 2 trained for 3 epochs, 1 trained for 9 epochs; "
        "42 of 162 epochs, 74 % saved"
    )


def test_the_order_of_the_rungs_in_the_file_does_not_matter():
    assert search(TEXT.replace("[1, 3, 9]", "[9, 1, 3]"))[1] == search()[1]


@pytest.mark.parametrize(("reduction", "counts"), [(2, [9, 4, 2]), (4, [9, 2, 1]), (100, [9, 1, 1])])
def test_another_share_goes_on(reduction, counts):
    assert list(map(len, rates(search(f"{TEXT}reduction = {reduction}")[1]))) == counts


def test_what_diverged_or_failed_does_not_go_on():
    def train(trials):
        ends = {0.1: Outcome("diverged"), 0.2: Outcome("failed", failure="no"), 0.3: Outcome("ok", {})}
        return by_rate(trials) | {trial.id: ends[rate] for trial in trials if (rate := trial.settings["alpha"]) in ends}

    sampler, batches = search(train=train)
    # The metric of 0.3 is missing: it is worse than all others, but it ended.
    assert rates(batches)[1:] == [[(0.4, 3), (0.5, 3), (0.6, 3)], [(0.4, 9)]]
    found = sampler.endings()
    assert found[0.1, 1] == found[0.2, 1] == NOT_WELL
    assert found[0.3, 1] == DROPPED


def test_nothing_goes_on_if_nothing_ended_well():
    _, batches = search(train=lambda trials: {trial.id: Outcome("diverged") for trial in trials})
    assert len(batches) == 1


def test_a_budget_ends_it_before_a_rung_and_more_goes_on():
    _, whole = search()
    for trainings, rungs in ((18, 1), (23, 1), (24, 2), (26, 3)):
        sampler, batches = search(f"{TEXT}trainings = {trainings}")
        assert batches == whole[:rungs]
        assert (BUDGET in sampler.endings().values()) == (rungs < 3)
    assert search(f"{TEXT}seconds = 18")[1] == whole[:1]


def test_hyperband_has_a_bracket_for_each_rung():
    """Of nine configurations with weights 1 : 1/2 : 1/3, two begin at nine epochs, three at three, four at one."""
    _, batches = search(TEXT.replace('"halving"', '"hyperband"'))
    assert [(len(each), each[0][1]) for each in rates(batches)] == [(2, 9), (3, 3), (1, 9), (4, 1), (1, 3), (1, 9)]
    begun = [rates(batches)[at] for at in (0, 1, 3)]
    assert sorted(rate for each in begun for rate, _ in each) == [rate / 10 for rate in range(1, 10)]


def test_more_configurations_of_a_space_begin_with_the_same_ones():
    text = TEXT.replace("alpha = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]", "alpha = { log_uniform = [0.01, 1] }")
    few, more = (search(f"{text}configurations = {count}")[1][0] for count in (9, 20))
    assert len(few) == 18
    assert set(few) < set(more)


# The whole grid of `tutorial_optimizers`, with 40 seeds: how many of 397 test samples are right after each epoch.
OPTIMIZERS = ("sgd", "momentum", "adagrad", "adam")
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
OF_OPTIMIZERS = """
name = "optimizers"
fixed = { data = "xor", metrics = "accuracy" }
[axes]
optimizer = ["sgd", "momentum", "adagrad", "adam"]
learning_rate = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
epochs = [1, 5, 20]
seed = SEEDS
[search]
method = "halving"
metric = "accuracy"
"""


@cache
def oracle():
    with np.load(PROJECT / "tests" / "data" / "optimizers_oracle.npz") as file:
        return file["right"]  # (optimizers, rates, seeds, epochs)


def ask_oracle(trials):
    rights = [
        oracle()[OPTIMIZERS.index(at["optimizer"]), RATES.index(at["learning_rate"]), at["seed"], at["epochs"] - 1]
        for at in (trial.settings for trial in trials)
    ]
    return {trial.id: Outcome("ok", {"accuracy": right / 397}) for trial, right in zip(trials, rights, strict=True)}


def repetition(number):
    """Search with ten of the seeds; return whether it ends in the best set of the grid, and its share of the epochs."""
    seeds = np.random.default_rng(number).choice(40, 10, replace=False)
    sampler, batches = search(OF_OPTIMIZERS.replace("SEEDS", str(sorted(seeds.tolist()))), ask_oracle)
    whole = oracle()[:, :, seeds, 19].reshape(24, 10)
    may_be_best = best_set(doubled_ranks(whole.reshape(1, -1)).reshape(24, 10), np.ones((24, 10), bool)).stays
    last = [configuration for configuration, why in sampler.endings().items() if why == FINISHED]
    cells = [6 * OPTIMIZERS.index(optimizer) + RATES.index(rate) for optimizer, rate, _ in last]
    found = max(cells, key=lambda cell: np.median(whole[cell]))
    epochs = {}
    for optimizer, rate, done, seed in (row for batch in batches for row in batch):
        epochs[optimizer, rate, seed] = max(done, epochs.get((optimizer, rate, seed), 0))
    return bool(may_be_best[found]), sum(epochs.values()) / (24 * 10 * 20)


@pytest.mark.parametrize("count", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_it_ends_in_the_best_set_for_a_fifth_of_the_epochs(count):
    found = [repetition(number) for number in range(count)]
    hits = sum(hit for hit, _ in found)
    print(f"{count} repetitions: {hits} end in the best set, with {found[0][1]:.3f} of the grid's epochs")
    assert max(share for _, share in found) <= 0.2
    assert hits >= 0.95 * count
