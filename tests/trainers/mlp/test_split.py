"""Which samples train, validate and test, and what is learnt from them."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnsweep
from nnsweep import nn
from nnsweep.sweepfile.parameters import Parameters
from nnsweep.trainers import load
from nnsweep.trainers.mlp.ingredients import dataset_of, standardized, units_of, weights_of
from nnsweep.trainers.mlp.split import Parts, data_of, labels_of, parts_of, sizes_of
from nnsweep.trainers.mlp.stratify import shares

MLP = load("mlp")
AMOUNTS = {"inputs": [[x, x * x % 7] for x in range(30)], "targets": [300 + 50 * (x % 5) - x for x in range(30)]}
CLASSES = {
    "inputs": [[x, x * x % 7] for x in range(53)],
    "targets": [[1, 0, 0]] * 29 + [[0, 1, 0]] * 17 + [[0, 0, 1]] * 7,
}


def params(**settings: Any) -> dict[str, Any]:
    return dict(MLP.resolve(Parameters.of(MLP).complete(settings)))


def rows(parts: Parts) -> list[list[int]]:
    return [part.tolist() for part in parts]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.data())
def test_each_part_has_its_exact_share_of_each_class_rounded_down_or_up(
    classes: list[int], data: st.DataObject
) -> None:
    total = sum(classes)
    cuts = sorted(data.draw(st.lists(st.integers(0, total), max_size=5)))
    sizes = tuple(after - before for before, after in pairwise([0, *cuts, total]))
    counts = shares(sizes, tuple(classes)) if total else np.zeros((len(sizes), len(classes)), dtype=int)
    assert counts.sum(axis=1).tolist() == list(sizes)
    assert counts.sum(axis=0).tolist() == classes
    for size, of_part in zip(sizes, counts.tolist(), strict=True):
        for count, of_class in zip(of_part, classes, strict=True):
            assert abs(count * total - size * of_class) < max(total, 1)


@pytest.mark.parametrize(
    "sizes", [{}, {"validation_size": 0.2}, {"train_size": 20, "test_size": 11, "validation_size": 9}]
)
def test_a_stratified_split_keeps_the_shares_of_the_classes(sizes: dict[str, Any]) -> None:
    for seed in range(5):
        row = params(data=CLASSES, split="stratified", seed=seed, **sizes)
        labels, parts = labels_of(data_of(row)), parts_of(row)
        assert [len(part) for part in parts] == list(sizes_of(row))
        assert len(set(np.concatenate(parts).tolist())) == sum(sizes_of(row))
        for part in parts:
            exact = len(part) * np.array([29, 17, 7]) / 53
            assert (np.abs(np.bincount(labels[part], minlength=3) - exact) < 1).all()
    assert rows(parts_of(row)) == rows(parts_of(row))
    assert rows(parts_of(row)) != rows(parts_of({**row, "seed": 0}))


@pytest.mark.parametrize("split", ["shuffled", "stratified", "ordered"])
def test_k_seeds_are_the_folds_of_one_shuffle(split: str) -> None:
    rounds = []
    for first in (0, 4):
        parts = [parts_of(params(data=CLASSES, split=split, folds=4, seed=first + fold)) for fold in range(4)]
        tests = [part.test.tolist() for part in parts]
        assert sorted(chain(*tests)) == list(range(53))
        for part in parts:
            assert sorted([*part.train, *part.test]) == list(range(53))
            assert len(part.validation) == 0
        rounds.append(tests)
    assert (rounds[0] == rounds[1]) == (split == "ordered")
    assert [len(test) for test in rounds[0]] == [14, 13, 13, 13]
    if split == "ordered":
        assert rounds[0] == [list(range(*ends)) for ends in ((0, 14), (14, 27), (27, 40), (40, 53))]


def test_stratified_folds_keep_the_shares_of_the_classes() -> None:
    for seed in range(5):
        row = params(data=CLASSES, split="stratified", folds=5, seed=seed)
        labels, parts = labels_of(data_of(row)), parts_of(row)
        for part in (parts.train, parts.test):
            exact = len(part) * np.array([29, 17, 7]) / 53
            assert (np.abs(np.bincount(labels[part], minlength=3) - exact) < 1).all()


def test_folds_of_different_lengths_train_side_by_side() -> None:
    grid = [params(data=CLASSES, folds=4, batch_size=10, epochs=2, seed=seed) for seed in range(4)]
    assert [sizes_of(row) for row in grid] == [(39, 0, 14), (40, 0, 13), (40, 0, 13), (40, 0, 13)]
    assert len({MLP.stack_key(row) for row in grid}) == 2
    together = MLP.train(grid[1:])
    assert [each.history for each in together] == [MLP.train([row])[0].history for row in grid[1:]]


def test_standardising_looks_at_the_training_samples_alone() -> None:
    for split in ({"folds": 4}, {"validation_size": 10}, {"split": "stratified", "validation_size": 0.2}):
        row = params(data=CLASSES, standardize=True, seed=3, **split)
        data, parts, made = data_of(row), parts_of(row), dataset_of(row)
        learnt = data.inputs[parts.train]
        for part, inputs in ((parts.train, made.train_inputs), (parts.test, made.test_inputs)):
            expected = (data.inputs[part] - learnt.mean(axis=0)) / learnt.std(axis=0)
            np.testing.assert_allclose(inputs, expected, rtol=1e-12)
        if made.validation is not None:
            expected = (data.inputs[parts.validation] - learnt.mean(axis=0)) / learnt.std(axis=0)
            np.testing.assert_allclose(made.validation[0], expected, rtol=1e-12)


def test_metrics_of_validation_are_those_of_the_samples_held_out() -> None:
    """The same numbers as on test samples that are the validation samples."""
    names = ["accuracy", "loss"]
    metrics = [*names, *(f"validation_{name}" for name in names)]
    row = params(data=CLASSES, validation_size=12, train_size=20, test_size=21, epochs=3, seed=2, metrics=metrics)
    found = MLP.train([row])[0]
    data, parts = data_of(row), parts_of(row)
    order = np.concatenate([parts.train, parts.validation])
    split = nn.Dataset.split(data.inputs, data.targets, order, n_train=20)
    network = nn.Network((2, 4, 3), "relu", "softmax", "categorical_cross_entropy")
    expected = nn.train(nn.Training(network, weights_of(row), split, 0.01), 3, metrics=names)
    for name in names:
        assert found.history[f"validation_{name}"] == expected.history[name].tolist()
        assert found.history[name] != found.history[f"validation_{name}"]


SCALED: dict[str, Any] = {"data": AMOUNTS, "standardize": True, "epochs": 20, "seed": 1, "learning_rate": 0.03}


def test_a_scaled_target_is_learnt_as_if_the_data_were_scaled_and_measured_in_its_own_units() -> None:
    metrics = ["mean_squared_error", "error", "train_mean_squared_error", "loss"]
    row = params(**SCALED, scale_target=True, validation_size=5, metrics=[*metrics, "validation_error"])
    parts, targets = parts_of(row), np.array(AMOUNTS["targets"], dtype=float)
    mean, deviation = targets[parts.train].mean(), targets[parts.train].std()
    by_hand = {**AMOUNTS, "targets": ((targets - mean) / deviation).tolist()}
    found = MLP.train([row])[0].metrics
    expected = MLP.train([params(**{**SCALED, "data": by_hand}, validation_size=5, metrics=row["metrics"])])[0].metrics
    for name in row["metrics"]:
        factor = deviation if name.endswith("_error") or name == "error" else deviation**2
        factor = deviation**2 if name.endswith("squared_error") else factor
        assert found[name] == pytest.approx(expected[name] * factor, rel=1e-9)


def test_what_is_told_of_a_trial_with_a_scaled_target_has_the_units_of_the_data() -> None:
    row = params(**SCALED, scale_target=True)
    told, parts, data = MLP.details(row), parts_of(row), data_of(row)
    assert [sample["target"] for sample in told["test"]] == data.targets[parts.test].tolist()
    mse = np.mean([(sample["output"][0] - sample["target"][0]) ** 2 for sample in told["test"]])
    assert mse == pytest.approx(told["metrics"]["mean_squared_error"], rel=1e-12)
    model = MLP.model(row)
    outputs = model.respond(model.test[0]).outputs
    np.testing.assert_allclose(outputs.ravel(), [sample["output"][0] for sample in told["test"]], rtol=1e-12)
    layer = told["initial"]["layer 2"]
    hidden = np.maximum(np.array(told["test"][0]["input"]) @ np.array(told["initial"]["layer 1"]["weights"]), 0)
    start = hidden @ np.array(layer["weights"]) + np.array(layer["biases"])
    assert abs(start[0] - data.targets[parts.train].mean()) < 3 * data.targets.std()


def test_trials_with_and_without_a_scaled_target_share_a_stack() -> None:
    grid = [params(**{**SCALED, "seed": seed}, scale_target=flag) for seed in (1, 2) for flag in (True, False)]
    assert len({MLP.stack_key(row) for row in grid}) == 1
    alone = [MLP.train([row])[0] for row in grid]
    assert [each.history for each in MLP.train(grid)] == [each.history for each in alone]


def test_without_biases_a_scaled_target_still_has_its_mean() -> None:
    row = params(**SCALED, scale_target=True, bias=False, hidden=[])
    told, parts = MLP.details(row), parts_of(row)
    mean = np.array(AMOUNTS["targets"], dtype=float)[parts.train].mean()
    assert told["trained"]["layer 1"]["biases"] == pytest.approx([mean], rel=1e-12)


def test_the_gradient_of_a_scaled_target_is_right() -> None:
    (check,) = MLP.gradient_checks([params(**SCALED, scale_target=True, activation="tanh")])
    assert check.passed
    assert check.compared > 0


def test_amounts_that_are_all_the_same_are_only_shifted() -> None:
    data = {"inputs": [1, 2, 3, 4], "targets": [5.5] * 4}
    row = params(data=data, scale_target=True, test_size=1, learning_rate=0.1, epochs=200)
    assert MLP.train([row])[0].metrics["mean_squared_error"] < 1e-6


def test_a_size_of_1_with_a_point_is_neither_one_sample_nor_all():
    with pytest.raises(nnsweep.SpecError) as raised:
        nnsweep.loads('name = "a"\n[fixed]\ntest_size = 1.0\n[axes]\nseed = [0]')
    assert str(raised.value) == (
        "text:3:1: `test_size` in [fixed]: found 1.0; allowed: a number of samples such as 100, a share of them "
        "such as 0.25, or `auto`"
    )


@pytest.mark.parametrize("factor", [2.0**-660, 1.0, 2.0**660])
def test_columns_of_any_size_are_standardized(factor):
    """A power of two loses no digit, so that all sizes give the bits of the ordinary one."""
    ordinary = np.random.default_rng(0).normal(3.0, 2.0, (20, 3))
    mean, spread = ordinary.mean(axis=0), ordinary.std(axis=0)
    sized = ordinary * np.array([factor, 1.0, factor])
    assert (standardized(sized, sized) == (ordinary - mean) / spread).all()
    found = units_of(sized)
    assert (found[0] == mean * np.array([factor, 1.0, factor])).all()
    assert (found[1] == spread * np.array([factor, 1.0, factor])).all()


def test_columns_that_reach_the_largest_float_are_standardized():
    column = np.array([[-1.7e308], [1.7e308], [1.7e308], [-1.7e308]])
    assert standardized(column, column).ravel().tolist() == [-1.0, 1.0, 1.0, -1.0]
    constant = np.full((4, 1), 1.7e308)
    assert standardized(constant, constant).ravel().tolist() == [0.0] * 4
