"""What only a store names is not imported."""

from pathlib import Path

import pytest

import nnsweep
from nnsweep import sweepfile
from nnsweep.errors import NnsweepError
from tests.helpers import call

TRAINER = """
from pathlib import Path

Path("imported").touch()


def train(alpha=0.1, seed=0):
    return {"error": alpha + seed}


def rings(seed):
    import numpy as np

    return np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.0, 1.0])
"""
OWN = """
name = "own"
trainer = "own_trainer:train"
[axes]
alpha = [0.1, 0.2]
seed = { count = 2 }
"""
REFUSED = (
    "results/own: its trainer is `own_trainer:train`, and no code is imported because a store names it; allowed: its "
    "sweep file instead of its name, or --trainer own_trainer:train"
)


@pytest.fixture
def own(module):
    """Run a sweep of a trainer that leaves a file when it is imported; return the id of one of its trials."""
    module(TRAINER, "own_trainer.py")
    Path("own.toml").write_text(OWN, encoding="utf-8")
    found = nnsweep.run("own.toml", jobs=1, figures=False)
    module.forget()
    Path("imported").unlink()
    return found.trials["id"].tolist()[0]


@pytest.mark.parametrize(
    "words",
    [
        ["replay", "{id}"], ["replay", "own", "alpha=0.1", "seed=0"],
        ["show", "own", "alpha=0.1", "seed=0", "--input", "1"],
        ["figure", "trace", "own", "alpha=0.1", "seed=0"], ["plan", "own"], ["retry", "results/own"], ["own"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_stored_trainer_is_not_imported(own, capsys, words):
    words = [word.format(id=own) for word in words]
    assert call(capsys, *words) == (2, "", f"Error: {REFUSED}\n")
    assert not Path("imported").exists()


@pytest.mark.parametrize(
    "words",
    [["best", "own"], ["export", "own"], ["diagnose", "own"], ["show", "own", "--failed"], ["ls"]],
    ids=" ".join,
)
def test_what_stored_numbers_tell_needs_no_trainer(own, capsys, words):
    assert call(capsys, *words)[::2] == (0, "")
    assert len(nnsweep.open("own").summary) == 2
    assert not Path("imported").exists()


def test_a_trial_is_shown_as_it_is_stored_where_its_trainer_is_not_imported(own, capsys):
    told = f"trial {own}\n  alpha = 0.1, seed = 0\n  ok, error 0.1\n"
    assert call(capsys, "show", "own", "alpha=0.1", "seed=0") == (0, told, "")
    assert call(capsys, "show", "own", own, "--json")[0] == 0
    assert not Path("imported").exists()
    assert call(capsys, "show", "own", own, "--trainer", "own_trainer:train") == (0, told, "")
    assert Path("imported").exists()


def test_it_is_imported_where_the_user_names_it(own, capsys):
    code, out, _ = call(capsys, "replay", own, "--check", "--trainer", "own_trainer:train")
    assert (code, out.splitlines()[1]) == (0, "as stored, bit for bit")
    assert (
        call(capsys, "plan", "own", "--trainer", "own_trainer:train")[1] == "own: nothing to train, 4 trials stored\n"
    )
    trial = nnsweep.open("own", trainer="own_trainer:train").trial(own)
    assert trial.replay().differs is None
    with pytest.raises(NnsweepError, match="no code is imported because a store names it"):
        nnsweep.open("own").trial(own).replay()


def test_nor_is_a_function_that_makes_data(own, capsys):
    lines = 'name = "rings"\n[fixed]\ndata = "own_trainer:rings"\nsplit = "all"\nepochs = 1\n[axes]\nseed = [1, 2]\n'
    ran = nnsweep.run(sweepfile.loads(lines), jobs=1, figures=False)
    (id, _), told = ran.trials["id"], (
        "Error: results/rings: its data are of `own_trainer:rings`, and no code is imported because a store names it; "
        "allowed: its sweep file instead of its name\n"
    )  # fmt: skip
    for words in (["replay", id], ["plan", "rings"]):
        assert call(capsys, *words) == (2, "", told)
