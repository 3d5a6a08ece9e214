"""`[keep] weights` keeps the weights of the best trial, or of all, and is no part of an id."""

from __future__ import annotations

import pytest

import nnsweep
from nnsweep.errors import SpecError
from nnsweep.folder.artifacts import SavedArtifacts
from nnsweep.folder.paths import Folder
from nnsweep.folder.weights_files import read_npz
from nnsweep.trainers import load
from tests.helpers import SMALL

FEWER = ("hidden=2", "epochs=1", "seed={count=3}")


def run(keep, *overrides):
    table = f'\n[keep]\nweights = "{keep}"\n' if keep else ""
    return nnsweep.run(nnsweep.loads(SMALL + table, [*FEWER, *overrides]), figures=False)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def kept(results):
    found = SavedArtifacts(Folder(results.folder))
    return [id for id in results.trials["id"] if "weights.npz" in found.list(id)]


def test_the_best_trial_has_its_weights():
    results = run("best")
    best = results.trials["error"].idxmin()
    assert kept(results) == [results.trials["id"][best]]
    trial = results.trial(results.trials["id"][best])
    again = nnsweep.run(nnsweep.loads(SMALL, FEWER), "other", figures=False).trial(trial.trial.id)
    assert "weights.npz" not in again.artifacts
    inputs, targets = trial.model().test
    assert (trial.weights.outputs(inputs) == again.weights.outputs(inputs)).all()
    assert (read_npz(trial.artifacts["weights.npz"]).layers[0][0] == again.weights.layers[0][0]).all()
    assert (trial.predict(inputs) != targets[:, 0]).mean() == pytest.approx(trial.outcome.metrics["error"])
    assert "weights kept of 1 trial, each trained again for them" in str(results)


def test_all_trials_have_their_weights_which_is_no_part_of_an_id():
    without = run("")
    assert kept(without) == []
    results = run("all")
    assert (results.trained, kept(results)) == (0, without.trials["id"].tolist())
    assert "weights kept of 6 trials, each trained again for them" in str(results)
    assert "weights kept" not in str(run("all"))


def test_weights_from_a_stack_are_those_of_each_trial_alone():
    keep = '\n[keep]\nweights = "all"\n'
    results = nnsweep.run(nnsweep.loads(SMALL + keep, ["hidden=2", "epochs=[2, 1]", "seed={count=2}"]), figures=False)
    files = SavedArtifacts(Folder(results.folder))
    for id in results.trials["id"]:
        found, alone = read_npz(files.get(id, "weights.npz")), load("mlp").weights(results.trial(id).trial.params)
        kept, wanted = ({name: a.tobytes() for name, a in each.arrays().items()} for each in (found, alone))
        assert kept == wanted


def test_none_are_kept_unless_asked():
    assert kept(run("none")) == []


def test_what_cannot_be_kept_is_told(module):
    module("def train(seed=0):\n    return {'loss': 1.0}\n", "keeper.py")
    keep, unjudged = '[keep]\nweights = "best"', SMALL.partition("[success]")[0]
    for text, said in (
        (f"{unjudged}{keep}", '"best" needs a [success], whose metric is compared'),
        (
            f'name = "a"\ntrainer = "keeper:train"\n{keep}',
            "trainer `keeper:train` has no weights that nnsweep knows; a function saves its own by `trial.save`",
        ),
    ):
        with pytest.raises(SpecError) as caught:
            nnsweep.loads(text)
        line = len(text.splitlines())
        assert str(caught.value) == f"text:{line}:1: `weights` in [keep]: {said}"
    with pytest.raises(SpecError) as caught:
        nnsweep.loads(SMALL + '[keep]\nweights = "some"')
    assert str(caught.value).endswith('`weights` in [keep]: found "some"; allowed: best, all, none')
