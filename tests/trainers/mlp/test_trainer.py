"""The built-in trainer: from parameters to outcomes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nnsweep import nn
from nnsweep.trainers import load
from nnsweep.trainers.mlp.parameters import MlpParameters

MLP = load("mlp")
SMALL = {"train_size": 40, "test_size": 60}


def params(**settings):
    return MLP.resolve(MlpParameters(**{**SMALL, **settings}).model_dump())


def kept(outcome):
    history = {name: list(values) for name, values in outcome.history.items()}
    return outcome.status, dict(outcome.metrics), history, outcome.failure, dict(outcome.diagnosis)


@given(st.data())
def test_a_trial_is_a_function_of_its_row_alone(data):
    grid = [
        params(learning_rate=rate, epochs=epochs, hidden=hidden, seed=seed, update="sequential")
        for rate in (0.01, 0.3)
        for epochs in (1, 2, 4)
        for hidden in (2, 4, 7)
        for seed in (0, 1)
    ]
    stack = data.draw(st.lists(st.sampled_from(grid), min_size=1, max_size=12, unique_by=str))
    together = MLP.train(stack)
    assert [kept(outcome) for outcome in together] == [kept(MLP.train([row])[0]) for row in stack]


def test_epochs_share_one_training(monkeypatch):
    trained = []
    train_stack = nn.train_stack
    monkeypatch.setattr(nn, "train_stack", lambda stack, *rest: trained.append(len(stack)) or train_stack(stack, *rest))
    outcomes = MLP.train([params(epochs=epochs) for epochs in (3, 1, 2)])
    assert trained == [1]
    assert [len(outcome.history["error"]) for outcome in outcomes] == [3, 1, 2]
    assert outcomes[1].metrics["error"] == outcomes[0].history["error"][0]


def test_the_trial_is_what_the_parameters_say():
    row = params(hidden=3, epochs=2, learning_rate=0.02, seed=7, standardize=True, init_biases="as_weights")
    data = parabolas()
    order = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(0,))).permutation(4000)[:100]
    train = data.inputs[order[:40]]
    split = nn.Dataset.split((data.inputs - train.mean(axis=0)) / train.std(axis=0), data.targets, order, n_train=40)
    random = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(1,)))
    layers = []
    for shape in ((3, 2), (1, 3)):
        weights = random.uniform(-0.5, 0.5, shape)
        layers.append((weights, random.uniform(-0.5, 0.5, shape[0])))
    expected = nn.train(nn.Training(nn.Network((2, 3, 1)), tuple(layers), split, 0.02), epochs=2)
    assert MLP.train([row])[0].history["error"] == expected.history["error"].tolist()


def parabolas():
    from nnsweep.data import load as load_data

    return load_data("parabolas", 0)


def test_a_seed_pairs_trials_of_different_settings():
    """The same seed is the same split, whatever else changes: with no learning, the same data are measured."""
    tiny = {"init_low": -1e-12, "init_high": 1e-12, "init_biases": "as_weights", "learning_rate": 1e-300}
    rows = [params(hidden=2, seed=3, standardize=flag, **tiny) for flag in (True, False)]
    one, other = MLP.train(rows[:1])[0], MLP.train(rows[1:])[0]
    assert one.metrics == other.metrics


def test_stale_evaluation_measures_one_training_point():
    found = MLP.train([params(evaluation="stale", epochs=3, seed=seed) for seed in range(5)])
    data = parabolas()
    for seed, outcome in enumerate(found):
        order = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))).permutation(4000)[40:100]
        ones = data.targets[order].mean()
        # One prediction for all: the error is the share of one class or of the other.
        assert all(min(abs(e - ones), abs(e - 1 + ones)) < 1e-12 for e in outcome.history["error"])


def test_a_diverging_trial_is_a_result():
    rows = [params(learning_rate=rate, output="identity", metrics="error", epochs=6) for rate in (0.001, 1e150)]
    calm, wild = MLP.train(rows)
    assert calm.status == "ok"
    assert wild.status == "diverged"
    assert wild.metrics == {}
    assert wild.failure == f"not finite after epoch {len(wild.history['error']) + 1}"
    assert wild.diagnosis == {"nonfinite_epoch": len(wild.history["error"]) + 1}
    assert calm.diagnosis.keys() == {"dead", "output_range", "changed"}


def test_measured_every_second_epoch_a_trial_has_every_second_number():
    settings = {"output": "identity", "metrics": "error"}
    rates = [0.001, 1e3, 1e150]
    whole = {rate: MLP.train([params(**settings, learning_rate=rate, epochs=7)])[0] for rate in rates}
    rows = [params(**settings, learning_rate=r, epochs=n, measure_every=2) for r in rates for n in (3, 6, 7)]
    ends = set()
    for row, outcome in zip(rows, MLP.train(rows), strict=True):
        measured = {3: [2, 3], 6: [2, 4, 6], 7: [2, 4, 6, 7]}[row["epochs"]]
        errors = whole[row["learning_rate"]].history["error"]
        finite = [epoch for epoch in measured if epoch <= len(errors)]
        assert outcome.history == {"error": [errors[epoch - 1] for epoch in finite], "epoch": finite}
        assert outcome.status == ("ok" if finite == measured else "diverged")
        ends.add(outcome.diagnosis.get("nonfinite_epoch"))
        assert outcome.diagnosis.get("nonfinite_epoch") == next((n for n in measured if n not in finite), None)
    assert {None, 2} < ends


def test_trials_of_different_shape_do_not_share_a_stack():
    keys = [
        MLP.stack_key(params(**settings))
        for settings in ({}, {"hidden": 7}, {"hidden": [2, 2]}, {"train_size": 50}, {"update": "sequential"})
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


def test_parameters_that_do_not_go_together():
    assert MLP.problems(params()) == []
    assert MLP.problems(params(train_size=3000, test_size=1001)) == [
        (
            "train_size",
            "train_size 3000 and test_size 1001 need 4001 samples; data `parabolas` has 4000; "
            'allowed: fewer, shares such as `test_size = 0.25`, or `split = "all"`',
        )
    ]
    assert MLP.problems(params(output="step", loss="binary_cross_entropy")) == [
        (
            "loss",
            "`binary_cross_entropy` does not go with output `step`; "
            'allowed: `loss = "straight_through"`, or `output = "sigmoid"`',
        )
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": "0.1"},
        {"alpha": 0},
        {"epochs": 1.5},
        {"hidden": 0},
        {"hidden": [0]},
        {"seed": -1},
        {"activation": "x"},
    ],
)
def test_values_out_of_range(wrong):
    with pytest.raises(ValidationError):
        MlpParameters(**wrong)


def test_alpha_is_the_learning_rate():
    assert MlpParameters(alpha=0.5).model_dump() == MlpParameters(learning_rate=0.5).model_dump()
    assert MlpParameters(hidden=3).hidden == MlpParameters(hidden=[3]).hidden == (3,)
