"""A race over seeds: what it asks for, what it leaves out, and what it says of each configuration."""

from __future__ import annotations

import numpy as np
import pytest

import nnsweep
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.sampler import train_asked
from nnsweep.trials.search.methods import sampler_of
from nnsweep.trials.search.racing import ALL_SEEDS, BUDGET, FAILED, KEPT, RULED_OUT, WON

TEXT = """
name = "raced"
fixed = { data = "xor" }
[axes]
alpha = [0.1, 0.2, 0.3, 0.4]
hidden = [2, 4]
seed = { count = 30 }
[search]
method = "racing"
metric = "loss"
"""


def error_of(settings):
    """Less is better: 0.1 and 0.2 are alike, 0.3 is worse, 0.4 fails."""
    noise = np.random.default_rng([settings["seed"], int(1000 * settings["alpha"]), *settings["hidden"]]).normal()
    return 10.0 * (settings["alpha"] == 0.3) + noise


def answer(trials):
    return {
        trial.id: Outcome("crashed", failure="it died")
        if trial.settings["alpha"] == 0.4
        else Outcome("ok", {"loss": error_of(trial.settings)}, seconds=1.0)
        for trial in trials
    }


def race(text=TEXT, train=answer):
    sweep = nnsweep.loads(text)
    sampler = sampler_of(sweep, load("mlp"))
    batches = []

    def trained(trials):
        batches.append([tuple(trial.settings.values()) for trial in trials])
        return train(trials)

    train_asked(sampler, trained)
    return sampler, batches


def ends(sampler):
    return {(alpha, hidden): end for (alpha, (hidden,)), end in sampler.endings().items()}


def test_each_configuration_gets_seeds_until_it_is_ruled_out_or_kept():
    sampler, batches = race()
    found = ends(sampler)
    for seeds, why in (found[alpha, hidden] for alpha in (0.1, 0.2) for hidden in (2, 4)):
        assert why == KEPT
        assert 8 <= seeds <= 12  # from a quarter of 30 seeds on
    assert {found[0.4, hidden] for hidden in (2, 4)} == {(3, FAILED)}
    for hidden in (2, 4):
        seeds, why = found[0.3, hidden]
        assert why == RULED_OUT
        assert seeds <= 9
    assert [len(batch) for batch in batches][:2] == [8 * 3, 6 * 1]
    assert sorted(sampler.rows) == sorted(row for batch in batches for row in batch)


def test_a_batch_has_the_same_seeds_for_all():
    _, batches = race()
    seeds = [sorted({seed for *_, seed in batch}) for batch in batches]
    assert [each for batch in seeds for each in batch] == list(range(max(map(max, seeds)) + 1))
    for batch, own in zip(batches, seeds, strict=True):
        assert len(batch) == len({row[:-1] for row in batch}) * len(own)


@pytest.mark.parametrize("trainings", [0, 30, 35, 45])
def test_a_round_is_trained_as_a_whole_and_more_budget_goes_on(trainings):
    _, whole = race()
    sampler, batches = race(TEXT + (f"trainings = {trainings}" if trainings else "seconds = 1e-9"))
    assert batches == whole[: len(batches)]
    if trainings:
        assert len(sampler.rows) <= trainings < len(sampler.rows) + len(whole[len(batches)])
        assert {why for _, why in ends(sampler).values()} <= {BUDGET, RULED_OUT, FAILED}


def test_what_stays_open_gets_all_seeds():
    """0.2 loses in three of four seeds: a little less than would rule it out, and more than would keep it."""

    def train(trials):
        at = [trial.settings for trial in trials]
        losses = [(each["alpha"] == 0.2) == (each["seed"] % 4 > 0) for each in at]
        return {trial.id: Outcome("ok", {"loss": float(loss)}) for trial, loss in zip(trials, losses, strict=True)}

    text = TEXT.replace("[0.1, 0.2, 0.3, 0.4]", "[0.1, 0.2]").replace("hidden = [2, 4]", "hidden = [2]")
    assert ends(race(text=text, train=train)[0])[0.2, 2] == (30, ALL_SEEDS)


def test_the_last_one_wins():
    """One configuration is better with every seed: the others are ruled out, and it needs no more seeds."""

    def train(trials):
        return {trial.id: Outcome("ok", {"loss": float(trial.settings["alpha"] != 0.2)}) for trial in trials}

    sampler, _ = race(text=TEXT.replace("hidden = [2, 4]", "hidden = [2]"), train=train)
    found = ends(sampler)
    assert found[0.2, 2][1] == WON
    assert {why for (alpha, _), (_, why) in found.items() if alpha != 0.2} == {RULED_OUT}
    # The mean capital of the others is 17.7 after five seeds and 34.1 after six; three leaders share the first.
    assert {seeds for seeds, _ in found.values()} == {6}


def test_success_decides_where_no_metric_is_named():
    text = TEXT.replace('metric = "loss"\n', "") + '[success]\nmetric = "loss"\nbelow = 5\n'
    found = ends(race(text)[0])
    assert {why for (alpha, _), (_, why) in found.items() if alpha == 0.3} == {RULED_OUT}
    assert {why for (alpha, _), (_, why) in found.items() if alpha < 0.3} == {KEPT}


def test_a_diverged_trial_is_worse_than_any_other():
    def train(trials):
        return {
            trial.id: Outcome("diverged") if trial.settings["alpha"] == 0.3 else Outcome("ok", {"loss": 1e300})
            for trial in trials
        }

    found = ends(race(train=train)[0])
    assert {why for (alpha, _), (_, why) in found.items() if alpha == 0.3} == {RULED_OUT}


def test_what_is_told_decides_what_is_asked_and_nothing_else():
    assert race()[1] == race()[1]


def test_configurations_of_a_space_are_drawn_and_a_larger_race_has_the_same_first_ones():
    text = TEXT.replace("alpha = [0.1, 0.2, 0.3, 0.4]", "alpha = { log_uniform = [0.001, 1] }")

    def train(trials):
        return {trial.id: Outcome("ok", {"loss": 0.5}) for trial in trials}

    few, more = (
        list(dict.fromkeys(row[:-1] for row in race(f"{text}configurations = {count}", train)[0].rows))
        for count in (5, 8)
    )
    assert len(few) == 5
    assert more[:5] == few


def test_more_configurations_than_a_grid_has_are_the_grid():
    text = TEXT.replace("[0.1, 0.2, 0.3, 0.4]", "{ integers = [1, 3] }") + "configurations = "
    cells = [sorted({row[:-1] for row in race(f"{text}{count}")[0].rows}) for count in (6, 7, 1000)]
    assert cells[0] == cells[1] == cells[2] == [(alpha, (hidden,)) for alpha in (1, 2, 3) for hidden in (2, 4)]


@pytest.mark.parametrize(("method", "budget"), [("racing", 40), ("halving", 150)])
def test_what_is_asked_for_is_no_progress(method, budget):
    """A search that is followed through a store ends in a batch that is not stored: only what was told counts."""
    text = TEXT.replace('"racing"', f'"{method}"') + f"trainings = {budget}\n"
    sampler = sampler_of(nnsweep.loads(text.replace("hidden", "epochs") if method == "halving" else text), load("mlp"))
    for _ in range(2):
        before = sampler.progress(), sampler.expected, sampler.rows
        asked = sampler.ask()
        assert (sampler.progress(), sampler.expected) == before[:2]
        assert len(sampler.rows) == len(before[2]) + len(asked)
        assert {*before[2]} < {*sampler.rows} <= {*sampler.likely()}
        sampler.tell({trial.id: Outcome("ok", {"loss": trial.settings["alpha"]}, seconds=1.0) for trial in asked})
