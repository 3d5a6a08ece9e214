"""The activations of untrained networks: the table against what theory says of it."""

import json

import numpy as np
import pandas as pd
import pytest

from nnsweep.questions.initialization.experiments import Activations
from tests.helpers import PROJECT, call


@pytest.fixture(scope="module")
def table():
    found = Activations(samples=2000, width=200).table
    return found.set_index(["activation", "initialisation", "layer"]).sort_index()


@pytest.fixture(scope="module")
def column(table):
    return lambda name, activation, initialisation: table.loc[(activation, initialisation), name].to_numpy()


@pytest.mark.slow
def test_he_keeps_the_second_moment_under_relu(column):
    """Var z = 2 E[a²] with He's weights, and E[relu(z)²] = Var z / 2 for symmetric z: E[a²] stays at ½ · 2 · 1."""
    second = column("sd", "relu", "He") ** 2 + column("mean", "relu", "He") ** 2
    np.testing.assert_allclose(second, 1.0, rtol=0.35)


def test_xavier_halves_the_second_moment_under_relu(column):
    second = column("sd", "relu", "Xavier") ** 2 + column("mean", "relu", "Xavier") ** 2
    np.testing.assert_allclose(second[1:] / second[:-1], 0.5, rtol=0.25)


def test_small_weights_let_activations_vanish(column, table):
    """Under the identity's slope, each layer multiplies the spread by 0.01 √200 = 0.14."""
    sd = column("sd", "tanh", "deviation 0.01")
    np.testing.assert_allclose(sd[1:] / sd[:-1], 0.01 * np.sqrt(200), rtol=0.1)
    sigmoid = table.loc[("sigmoid", "deviation 0.01")]
    np.testing.assert_allclose(sigmoid["mean"], 0.5, atol=0.01)
    assert (sigmoid["sd"] < 0.05).all()


def test_large_weights_saturate(column):
    """z ~ N(0, 200) in the first layer: |z| > log 99, where a sigmoid is within 1 % of its asymptote, in 74.5 %."""
    from math import erfc, log, sqrt

    expected = erfc(log(99) / sqrt(2 * 200))
    assert column("saturated", "sigmoid", "deviation 1")[0] == pytest.approx(expected, abs=0.02)
    assert (column("saturated", "tanh", "deviation 1") > 0.8).all()
    assert (column("saturated", "sigmoid", "Xavier") < 0.01).all()


def test_half_of_the_activations_of_relus_are_nought(column):
    for initialisation in ("deviation 1", "deviation 0.01", "Xavier", "He"):
        np.testing.assert_allclose(column("zero", "relu", initialisation), 0.5, atol=0.1)
    assert np.isnan(column("zero", "tanh", "He")).all()
    assert np.isnan(column("saturated", "relu", "He")).all()


def test_a_unit_that_is_nought_for_every_sample_is_dead():
    from nnsweep.questions.initialization.table import activations_table

    layer = np.array([[0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 0.0, 1.0]])
    row = activations_table({("relu", "x"): layer[None]}).iloc[0]
    assert (row["dead"], row["zero"]) == (0.5, 5 / 8)


def test_the_verb(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "activations", "--samples", 50, "--width", 10, "--activation", "relu", "--layers", 2)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["activation", "initialisation", "layer", "mean", "sd", "dead", "zero", "saturated"]
    assert len(lines) == 10
    folder = "results/activations"
    assert lines[-1] == f"written: {folder}/tables/activations.csv and {folder}/figures/activations.png"
    assert len(pd.read_csv(tmp_path / folder / "tables" / "activations.csv")) == 8
    told = json.loads(call(capsys, "activations", "--samples", 9, "--layers", 1, "--no-figures", "--json")[1])
    assert len(told) == 12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--activation", "softmax"],
         "Error: --activation softmax: unknown; "
         "allowed: relu, relu_inclusive, leaky_relu, sigmoid, tanh, step, identity"),
        (["--width", "0"], "Error: Invalid value for '--width': 0 is not in the range 1<=x<=2000."),
    ],
)  # fmt: skip
def test_wrong_options(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "activations", *arguments)
    assert (code, out, err.splitlines()[-1]) == (2, "", message)


def test_more_than_memory_holds_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    message = (
        "Error: 12 networks × 20 layers × 2,000 units × 100,000 samples are 48,000,000,000 activations; "
        "allowed: at most 100,000,000\n"
    )
    many = ["--samples", 100_000, "--width", 2000, "--layers", 20]
    assert call(capsys, "activations", *many) == (2, "", message)
    assert not (tmp_path / "results").exists()


def test_json_has_the_tables_numbers_and_null_for_what_does_not_apply(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    told = json.loads(call(capsys, "activations", "--activation", "tanh", "--layers", 15, "--no-figures", "--json")[1])
    table = pd.read_csv(tmp_path / "results" / "activations" / "tables" / "activations.csv")
    assert [row["sd"] for row in told] == table["sd"].tolist()
    assert min(row["sd"] for row in told) < 1e-12
    assert {row["dead"] for row in told} == {None}


def test_the_committed_table_comes_out_again_byte_for_byte(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call(capsys, "activations", "--no-figures")[0] == 0
    name = "results/activations/tables/activations.csv"
    assert (tmp_path / name).read_bytes() == (PROJECT / name).read_bytes()


def test_another_seed_gives_another_table():
    first, other = (Activations(("tanh",), samples=20, seed=seed).table for seed in (0, 1))
    assert (first["sd"] != other["sd"]).all()
