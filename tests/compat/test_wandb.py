"""A script that logs to W&B is a trainer by one changed line: in the three shapes that examples have."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import nnsweep
import nnsweep.compat.wandb as wandb
from nnsweep.trainers.live_trial import NOWHERE, LiveTrial
from tests.helpers import JOBS, call
from tests.helpers.wandb_scripts import AGENT, INTRO, LOOP, MAIN


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(script, axes, **options):
    """Run a script for each setting, and give its trials and the history of the last."""
    Path("train.py").write_text(script, encoding="utf-8")
    results = nnsweep.run({"name": "line", "trainer": "train.py", "axes": axes, **options}, figures=False)
    failures = [outcome.failure for outcome in results._outcomes.values() if outcome.failure]
    assert failures == []
    last = results.trials["id"].iloc[-1]
    return results.trials, results.trial(last).outcome.history


def test_a_loop_with_a_dict_of_settings(here):
    trials, history = run(LOOP, {"lr": [0.1, 0.5], "seed": range(2)}, fixed={"epochs": 4})
    files = nnsweep.open("line").trial(lr=0.5, seed=1).artifacts
    assert {name: path.read_text() for name, path in files.items()} == {
        "last/weight_of_line.txt": "0.0625", "model.txt": "0.0625"
    }  # fmt: skip
    np.testing.assert_allclose(trials["loss"], [0.9**4] * 2 + [0.5**4] * 2, rtol=1e-15)
    np.testing.assert_array_equal(trials["test.loss"], 2 * trials["loss"])
    assert trials["best"].tolist() == [7.0] * 4
    assert "picture" not in trials
    np.testing.assert_array_equal(history["loss"], [0.5, 0.25, 0.125, 0.0625])
    np.testing.assert_array_equal(history["epoch"], [0, 1, 2, 3])


def test_options_of_the_command_line_and_a_main(here):
    trials, history = run(MAIN, {"lr": [0.5], "seed": [3, 4]}, fixed={"layers": [8, 8]})
    assert trials["loss"].tolist() == [3.125, 4.125]
    assert trials["kept"].tolist() == [8.0, 8.0]
    np.testing.assert_array_equal(history["epoch"], [0, 10, 20])
    np.testing.assert_array_equal(history["weight"], [0.5, 0.25, 0.125])
    np.testing.assert_array_equal(history["loss"], [4.5, 4.25, 4.125])


def test_most_of_what_examples_call(here):
    trials, history = run(INTRO, {"lr": [0.5, 0.25], "seed": [0, 2]})
    assert trials["loss"].tolist() == [0.125, 2.125, 0.421875, 2.421875]
    assert trials["best"].tolist() == trials["loss"].tolist()
    np.testing.assert_array_equal(history["loss"], [2.75, 2.5625, 2.421875])
    np.testing.assert_array_equal(history["train/loss"], [5.5, 5.125, 4.84375])
    assert not {"histogram", "picture", "table", "chart", "told"} & set(trials)
    files = nnsweep.open("line").trial(lr=0.5, seed=2).artifacts
    assert {name: path.read_bytes() for name, path in files.items()} == {
        "kept.bin": b"model", "weights/last.txt": b"2.125"
    }  # fmt: skip


@pytest.mark.parametrize(
    "called", ["wandb.Api()", "wandb.restore('x')", "wandb.use_artifact('x')", "run.use_model('x')"]
)
def test_what_is_not_there_is_named(here, called):
    Path("train.py").write_text(f"import nnsweep.compat.wandb as wandb\nrun = wandb.init()\n{called}\n")
    results = nnsweep.run({"name": "line", "trainer": "train.py", "axes": {"seed": [0]}}, figures=False)
    (outcome,) = results._outcomes.values()
    owner, _, name = called.partition("(")[0].partition(".")
    what = "nnsweep.compat.wandb" if owner == "wandb" else "a run of nnsweep.compat.wandb"
    assert outcome.failure is not None
    said = outcome.failure.splitlines()[-1]
    assert said.startswith(f"AttributeError: {what} has no `{name}`; it has ")
    assert " log_artifact, " in said


def test_the_nearest_name_is_suggested():
    with pytest.raises(AttributeError, match=r"nnsweep.compat.wandb has no `lgo`; it has .*; did you mean `log`[?]$"):
        wandb.lgo  # noqa: B018
    with pytest.raises(AttributeError, match=r"has no `sumary`; it has .*; did you mean `summary`[?]$"):
        wandb.init().sumary  # noqa: B018
    wandb.finish()


def test_a_function_that_an_agent_calls(here):
    trials, history = run(AGENT, {"lr": [0.5, 0.25], "epochs": [1, 3]})
    assert trials["loss"].tolist() == [0.5, 0.125, 0.75, 0.421875]
    np.testing.assert_array_equal(history["loss"], [0.75, 0.5625, 0.421875])


@pytest.mark.parametrize("jobs", JOBS)
def test_the_script_is_what_is_trained_again_when_it_changes(here, capsys, jobs):
    Path("train.py").write_text(MAIN, encoding="utf-8")
    Path("grid.toml").write_text('name = "line"\ntrainer = "train.py"\n[axes]\nlr = [0.1, 0.2]\n', encoding="utf-8")
    options = ("run", "grid.toml", "--no-figures", "--jobs", jobs)
    assert "2 trials trained" in call(capsys, *options)[1]
    assert "nothing to train, 2 trials stored" in call(capsys, *options)[1]
    Path("train.py").write_text(MAIN + "\n# a comment\n", encoding="utf-8")
    assert "nothing to train, 2 trials stored" in call(capsys, *options)[1]
    Path("train.py").write_text(MAIN.replace("1 - args.lr", "1 - 2 * args.lr"), encoding="utf-8")
    assert "2 trials trained" in call(capsys, *options)[1]


def test_a_script_elsewhere_is_the_same_trainer(here, capsys):
    first, _ = run(MAIN, {"lr": [0.1]})
    Path("sub").mkdir()
    Path("train.py").rename("sub/train.py")
    results = nnsweep.run({"name": "other", "trainer": "sub/train.py", "axes": {"lr": [0.1]}}, figures=False)
    assert results.trials["id"].tolist() == first["id"].tolist()
    assert results.trained == 0


IMPORT = "import nnsweep.compat.wandb as wandb\n"
NOTHING = "it logged nothing; allowed: numbers by `import nnsweep.compat.wandb as wandb` and `wandb.log`"


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("import sys; sys.exit(3)", "RuntimeError: the script exits with 3"),
        ("print('hello')", f"RuntimeError: {NOTHING}"),
        (f"{IMPORT}wandb.log({{'loss': 1}})", "RuntimeError: wandb.log was called before wandb.init"),
        (f"{IMPORT}wandb.Api()", "AttributeError: nnsweep.compat.wandb has no `Api`; it has "),
        (f"{IMPORT}wandb.init()\nwandb.finish(exit_code=1)", "RuntimeError: the run ended with the exit code 1"),
        ("1 +", "SyntaxError: invalid syntax"),
    ],
)
def test_a_script_that_fails_says_why(here, script, failure):
    Path("train.py").write_text(script, encoding="utf-8")
    results = nnsweep.run({"name": "line", "trainer": "train.py", "axes": {"lr": [0.1]}}, figures=False)
    (outcome,) = results._outcomes.values()
    assert outcome.status == "failed"
    assert failure in outcome.failure


def test_what_a_failed_script_has_logged_is_kept(here):
    script = (
        "import nnsweep.compat.wandb as wandb\nwandb.init()\nwandb.log({'loss': 0.5})\nwandb.log({'loss': 0.25})\n1 / 0"
    )
    Path("train.py").write_text(script, encoding="utf-8")
    results = nnsweep.run({"name": "line", "trainer": "train.py", "axes": {"lr": [0.1]}}, figures=False)
    (outcome,) = results._outcomes.values()
    assert "ZeroDivisionError" in outcome.failure
    np.testing.assert_array_equal(outcome.history["loss"], [0.5, 0.25])


def test_the_run_of_a_trial_that_failed_is_no_run_of_the_next_one(here):
    text = """
import nnsweep.compat.wandb as wandb
if wandb.run is None:
    wandb.init(config={"seed": 0})
wandb.log({"loss": wandb.config.seed})
if wandb.config.seed == 0:
    raise ValueError("nought")
"""
    Path("train.py").write_text(text, encoding="utf-8")
    results = nnsweep.run({"name": "line", "trainer": "train.py", "axes": {"seed": [0, 1]}}, figures=False)
    assert results.trials["status"].tolist() == ["failed", "ok"]
    assert results.trials["loss"].iloc[1] == 1.0


def test_a_script_that_is_not_there(here, capsys):
    Path("grid.toml").write_text('name = "line"\ntrainer = "gone.py"\n[axes]\nlr = [0.1]\n', encoding="utf-8")
    code, _, said = call(capsys, "run", "grid.toml")
    assert (code, said) == (
        2, f"Error: grid.toml:2:1: trainer `gone.py`: there is no such file; looked for {here}/gone.py\n"
    )  # fmt: skip


def test_a_script_from_elsewhere_is_not_run_without_trust(here, capsys, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "train.py"
    elsewhere.write_text(MAIN, encoding="utf-8")
    Path("grid.toml").write_text(f'name = "line"\ntrainer = "{elsewhere}"\n[axes]\nlr = [0.1]\n', encoding="utf-8")
    code, _, said = call(capsys, "run", "grid.toml")
    assert code == 2
    assert f"trainer `{elsewhere}`: would be imported from {elsewhere}, outside the sweep file's folder" in said
    assert call(capsys, "run", "grid.toml", "--trust", "--no-figures")[0] == 0


def test_outside_of_a_trial_nothing_is_recorded_and_a_line_says_so(here, capsys):
    Path("train.py").write_text(LOOP, encoding="utf-8")
    runpy.run_path("train.py", run_name="__main__")
    out, err = capsys.readouterr()
    last = 0.9 * 0.9 * 0.9
    assert out == ""
    assert err == (
        "nnsweep.compat.wandb: no trial is trained, so that nothing is recorded; `nnsweep run grid.toml` records it if "
        'its trainer is this script: trainer = "train.py"\n'
        f"nnsweep.compat.wandb: line ends with loss = {last}, test.loss = {2 * last}, best = 7.0\n"
    )


def test_settings_of_the_trial_stay_as_they_are(monkeypatch):
    trial = LiveTrial({"lr": 0.5, "layers": (8, 8)}, NOWHERE)
    monkeypatch.setattr(wandb, "current", lambda: trial)
    run = wandb.init(config={"lr": 0.1, "epochs": 3})
    wandb.config.update({"lr": 0.9, "width": 4}, allow_val_change=True)
    wandb.config.lr = 7
    wandb.config.batch = 16
    wandb.config.setdefaults({"epochs": 9, "momentum": 0.5})
    expected = {"lr": 0.5, "layers": [8, 8], "epochs": 3, "width": 4, "batch": 16, "momentum": 0.5}
    assert wandb.config.as_dict() == {**wandb.config} == expected
    assert run.config.get("gone") is None
    with pytest.raises(AttributeError) as raised:
        _ = wandb.config.gone
    assert str(raised.value) == "no `gone`; there are: lr, epochs, layers, width, batch, momentum"
    run.finish()
    assert wandb.run is None


def test_numbers_that_wait_are_logged_with_the_next_ones(monkeypatch):
    trial = LiveTrial({}, NOWHERE)
    monkeypatch.setattr(wandb, "current", lambda: trial)
    with wandb.init() as run:
        wandb.log({"a": 1}, commit=False)
        wandb.log({"b": 2})
        wandb.log({"b": 3})
        wandb.log({"c": 4}, commit=False)
        run.summary.b = 9
    history = trial.history()
    np.testing.assert_array_equal(history["epoch"], [0, 1, 2])
    np.testing.assert_array_equal(history["a"], [1, np.nan, np.nan])
    np.testing.assert_array_equal(history["b"], [2, 3, np.nan])
    np.testing.assert_array_equal(history["c"], [np.nan, np.nan, 4])
    assert (trial.last, trial.results) == ({"a": 1, "b": 3, "c": 4}, {"b": 9})
