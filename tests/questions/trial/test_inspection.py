"""Looking at trials and at gradients, from the command line."""

import json
import re

import pandas as pd
import pytest

from tests.helpers import SWEEPS, call


def test_a_trial_not_trained_yet(grid, capsys):
    code, out, err = call(capsys, "show", grid, "alpha=0.05", "epochs=2", "hidden=4", "seed=3")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("trial ")
    assert lines[1:4] == ["  alpha = 0.05, epochs = 2, hidden = 4, seed = 3", "  not trained yet", ""]
    titles = [line for line in lines[4:] if line and not line.startswith(" ")]
    assert titles == ["initial layer 1", "initial layer 2", "trained layer 1", "trained layer 2", "test samples"]
    assert not (grid.parent / "results").exists()


def test_a_stored_trial_is_trained_again_and_is_the_same(small, capsys):
    where = ["alpha=0.05", "epochs=2", "hidden=4", "seed=3"]
    _, out, _ = call(capsys, "show", small, *where)
    lines = out.splitlines()
    assert lines[2].startswith("  ok, error 0.")
    assert re.fullmatch(
        r"  dead hidden units \d+ %, range of the output 1, steps that changed a weight [\d.]+ %", lines[3]
    )
    assert lines[4] == "  trained again: the same, bit for bit"
    id = lines[0].removeprefix("trial ")
    assert call(capsys, "show", small, id[:6])[1] == out
    told = json.loads(call(capsys, "show", small, *where, "--json", "--input", "1,2")[1])
    assert told["id"] == id
    assert told["settings"] == {"alpha": 0.05, "epochs": 2, "hidden": 4, "seed": 3}
    assert told["metrics"] == told["details"]["metrics"]
    assert [len(told["history"]["error"]), told["status"]] == [2, "ok"]
    assert len(told["details"]["trained"]["layer 1"]["weights"]) == 2
    assert told["details"]["given"][0]["input"] == [1.0, 2.0]


def test_trials_that_differ_in_their_seed_alone_are_told_together(grid, capsys):
    where = ["show", grid, "hidden=4", "alpha=5e-2", "epochs=3"]
    assert len(call(capsys, *where)[1].splitlines()) == 5, "nothing is stored"
    call(capsys, grid, "--no-figures", "--quiet")
    *_, success, error = call(capsys, *where)[1].splitlines()
    summary = pd.read_csv("results/small/tables/summary.csv").query("hidden == 4 and alpha == 0.05 and epochs == 3")
    (cell,) = summary.to_dict("records")
    assert success.startswith(f"successes: {cell['successes']} of 4 ({100 * cell['rate']:.0f} %, 95 % interval ")
    low, high = cell["error_median_low"], cell["error_median_high"]
    assert error == (
        f"error, of 4 trials: median {cell['error_median']:.4g} (95 % interval {low:.4g} to {high:.4g}), interquartile "
        f"mean {cell['error_iqm']:.4g} (95 % interval {cell['error_iqm_low']:.4g} to {cell['error_iqm_high']:.4g})"
    )
    assert call(capsys, "show", grid, "hidden=4", "alpha=5e-2")[1].splitlines()[-1].startswith("12 trials; name one")


def test_several_trials_are_listed(grid, capsys):
    code, out, _ = call(capsys, "show", grid, "hidden=2", "alpha=5e-2")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 13
    assert lines[0].endswith("  alpha = 0.05, epochs = 1, hidden = 2, seed = 0  not trained yet")
    assert lines[-1].startswith("12 trials; name one by its settings or its id, such as ")
    assert "… and 28 more" in call(capsys, "show", grid)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hiden=2"], "no axis `hiden`; allowed: alpha, epochs, hidden, seed; did you mean `hidden`?"),
        (["hidden=3"], "no trial with hidden = 3; allowed: 2, 4"),
        (["zzzz"], "`zzzz` begins no trial's id; allowed: 4 or more digits of one, or conditions such as seed=7"),
        (["seed=1", "alpha=0.05", "seed=2"], "no trial of small has seed=1 and alpha=0.05 and seed=2 together"),
        (["seed=1", "hidden=2", "epochs=1", "alpha=0.01", "--input", "1,x"],
         "--input 1,x: not all of these are numbers; allowed: numbers, such as 1,0,0"),
        (["seed=1", "hidden=2", "epochs=1", "alpha=0.01", "--input", "1"], "input 1: found 1 number; allowed: 2"),
    ],
)  # fmt: skip
def test_what_names_no_trial(grid, capsys, arguments, message):
    assert call(capsys, "show", grid, *arguments) == (2, "", f"Error: {message}\n")


def test_gradients_of_every_distinct_model(grid, capsys):
    smooth = ["--set", "output=sigmoid", "--set", "loss=binary_cross_entropy", "--set", "update=simultaneous"]
    code, out, err = call(capsys, "check-gradients", grid, *smooth)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "pass: 2-2-1, relu, sigmoid, binary_cross_entropy, batches of 1",
        "pass: 2-4-1, relu, sigmoid, binary_cross_entropy, batches of 1",
    ]
    assert lines[1].startswith("  largest relative error ")
    told = json.loads(call(capsys, "check-gradients", grid, *smooth, "--json")[1])
    assert [model["passed"] for model in told] == [True, True]
    assert all(model["largest"] < 1e-4 for model in told)


def test_posted_mistakes_are_reported_as_what_they_are(capsys):
    code, out, _ = call(capsys, "check-gradients", SWEEPS / "gates.toml")
    assert code == 0
    verdicts = [line for line in out.splitlines() if not line.startswith(" ")]
    posted = "2-2-1, sigmoid, sigmoid, binary_cross_entropy, all samples at once, gradients by mean_over_inputs"
    posted += ", portable arithmetic"
    assert verdicts == [
        f'not the gradient of its loss: {posted}, because derivative_at = "activation"',
        "pass: 2-2-1, sigmoid, sigmoid, binary_cross_entropy, all samples at once, portable arithmetic",
    ]


def test_a_wrong_gradient_fails(grid, capsys, monkeypatch):
    from nnsweep.nn.activations import ACTIVATIONS, Activation, relu

    wrong = Activation(relu, lambda z, a, out: out.fill(1.0), piecewise_linear=True)
    monkeypatch.setitem(ACTIVATIONS, "relu", wrong)
    settings = ["--set", "output=sigmoid", "--set", "loss=squared_error", "--set", "update=simultaneous"]
    code, out, _ = call(capsys, "check-gradients", grid, *settings)
    assert code == 1
    assert out.startswith("FAIL: 2-2-1, relu, sigmoid, squared_error, batches of 1\n")


@pytest.mark.parametrize("name", ["forum_fixes", "relu_xor", "xor_leaky", "two_layer", "single_neuron"])
def test_no_shipped_sweep_has_an_unexplained_gradient(capsys, name):
    code, out, _ = call(capsys, "check-gradients", SWEEPS / f"{name}.toml")
    assert code == 0
    assert "FAIL" not in out


def test_a_trainer_without_gradients(tmp_path, capsys):
    path = tmp_path / "grid.toml"
    path.write_text('name = "x"\ntrainer = "tests.helpers.fake_trainer:FakeTrainer"\n[axes]\nvalue = [1, 2]\n')
    code, _, err = call(capsys, "check-gradients", path)
    assert (code, err) == (2, "Error: trainer `tests.helpers.fake_trainer:FakeTrainer` has no gradients to check\n")


def test_gradients_of_very_large_weights_are_not_checked(grid, capsys):
    settings = (
        "--set",
        "init=normal",
        "--set",
        "init_std=1e200",
        "--set",
        "output=sigmoid",
        "--set",
        "loss=squared_error",
    )
    code, out, err = call(
        capsys, "check-gradients", grid, *settings, "--set", "hidden=2", "--set", "update=simultaneous"
    )
    assert (code, err) == (1, "")
    head, why = out.splitlines()
    assert head.startswith("not checked: 2-2-1, ")
    assert why.startswith("  its weights are as large as ")
    assert why.endswith("e+200, and differences are exact up to 1e+06")
