"""Nothing is trained twice for a name: what is stored elsewhere, or by the same source, is taken over."""

import json
from pathlib import Path

import pytest

import nnsweep
from nnsweep.store import Store
from nnsweep.trainers import plugins
from nnsweep.trainers.plugin_source import Source
from tests.helpers import SMALL, call

RESULTS = Path("results")


def test_a_renamed_sweep_copies_what_stands_in_the_other_folder(small, capsys):
    first = nnsweep.open("small").trials
    small.write_text(SMALL.replace('"small"', '"other"').replace("count = 4", "count = 5"), encoding="utf-8")
    assert call(capsys, "plan", small)[1].splitlines()[:4:3] == [
        "other: 60 trials: 12 new, 48 stored", "48 of these stand in results/small; a run copies them",
    ]  # fmt: skip
    assert json.loads(call(capsys, "plan", small, "--json")[1])["elsewhere"] == {"results/small": 48}
    out = call(capsys, small, "--no-figures")[1].splitlines()
    assert out[0].startswith("other: 12 trials trained in ")
    assert out[0].endswith(", 48 stored before")
    assert out[1] == "48 of these stand in results/small; copied"
    found = nnsweep.open("other").trials
    assert found[found["seed"] < 4].reset_index(drop=True).equals(first)
    with Store.read(RESULTS / "other" / "trials.db") as store:
        assert store.verify() == 60
        assert json.loads(store.runs()[0]["environment"]) == {"copied": {"results/small": 48}}
    assert call(capsys, "replay", found["id"].tolist()[0], "--check")[0] == 0, "it stands in two folders, as one trial"
    assert call(capsys, "replay", "other", "alpha=0.05", "epochs=2", "hidden=4", "seed=1", "--check")[0] == 0


def test_a_renamed_folder_is_found(small):
    (RESULTS / "small").rename(RESULTS / "moved")
    found = nnsweep.run(small, "results", figures=False)
    assert (found.trained, dict(found.work.copied)) == (0, {"results/moved": 48})


def test_neither_fresh_nor_retry_copies(small):
    (RESULTS / "small").rename(RESULTS / "moved")
    assert nnsweep.run(small, "results", figures=False, fresh=True).trained == 48
    (RESULTS / "small").rename(RESULTS / "again")
    assert nnsweep.run(nnsweep.load(small, ["seed=0"]), "results", figures=False).trained == 0
    assert nnsweep.retry(small, "results", statuses=["ok"], figures=False).work.copied == {}


def test_a_store_that_cannot_be_read_is_passed_over(small):
    (RESULTS / "small" / "trials.db").write_bytes(b"no database")
    (RESULTS / "small").rename(RESULTS / "moved")
    assert nnsweep.run(small, "results", figures=False).trained == 48


TRAINER = '''
def train(alpha=0.1, seed=0):
    """Train it."""
    if alpha > 0.5:
        raise ValueError("too large")
    return {"error": alpha + seed}  # the sum
'''
OWN = """
name = "own"
trainer = "own_reuse:train"
[axes]
alpha = [0.1, 0.2, 0.9]
seed = { count = 2 }
"""


@pytest.fixture
def own(module):
    """Write the trainer and the sweep file; return the file's name."""
    module(TRAINER, "own_reuse.py")
    Path("own.toml").write_text(OWN, encoding="utf-8")
    return "own.toml"


def rewrite(text):
    Path("own_reuse.py").write_text(text, encoding="utf-8")


def run(own):
    return nnsweep.run(own, jobs=1, figures=False)


def test_a_comment_trains_nothing_anew(own):
    ids = run(own).trials["id"].tolist()
    rewrite(TRAINER.replace("# the sum", "# their sum").replace("Train it.", "Trains."))
    found = run(own)
    assert (found.trained, found.trials["id"].tolist()) == (0, ids)
    rewrite(TRAINER.replace("alpha + seed", "alpha - seed"))
    assert run(own).trained == 6


def test_what_an_earlier_nnsweep_stored_of_the_same_source_is_kept(own, monkeypatch):
    source = Source.of

    def by_text(name):
        found = source(name)
        return None if found is None else Source(found.modules, found.text, found.text)

    with monkeypatch.context() as patch:
        patch.setattr(Source, "of", staticmethod(by_text))
        before = run(own)
    plugins._loaded.pop("own_reuse:train")
    plugins._sources.pop("own_reuse:train")
    found = run(own)
    assert (found.trained, dict(found.work.copied)) == (0, {"results/own, stored by an earlier nnsweep": 6})
    assert found.trials["id"].tolist() != before.trials["id"].tolist()
    assert found.trials.drop(columns="id").equals(before.trials.drop(columns="id"))
    assert found.trials["status"].tolist() == ["ok"] * 4 + ["failed"] * 2
    with Store.read(RESULTS / "own" / "trials.db") as store:
        assert store.verify() == 12


def test_accepting_a_change_of_the_source(own, capsys):
    before = run(own)
    version = plugins.load("own_reuse:train").version
    rewrite(TRAINER.replace("alpha + seed", "seed + alpha"))
    assert call(capsys, "plan", own)[1].splitlines()[3:] == [
        "stale: 6 stored under the same parameters by another version of the trainer or the data",
        "if the change of its source means the same, nnsweep accept takes them as they are",
    ]
    assert call(capsys, "best", own)[2] == (
        "Error: own.toml is not what was last run in results/own: its trainer's source, or its data, has changed; none "
        "of its 6 trials is stored: run it first\n"
    )
    told = f"own: 6 trials of version {version} accepted\n0 of 6 trials left to train\n"
    assert call(capsys, "accept", own) == (0, told, "")
    found = run(own)
    assert found.trained == 0
    assert found.trials.drop(columns="id").equals(before.trials.drop(columns="id"))
    with Store.read(RESULTS / "own" / "trials.db") as store:
        assert json.loads(store.runs()[-1]["environment"]) == {"accepted": {version: 6}}
        assert store.verify() == 12
    assert call(capsys, "plan", own)[1].splitlines()[0] == "own: nothing to train, 6 trials stored"
    told = "own: nothing to accept\n0 of 6 trials left to train\n"
    assert call(capsys, "accept", own) == (0, told, "")
    rewrite(TRAINER)
    assert run(own).trained == 0, "what was stored before is there still"


def test_what_cannot_be_accepted(small, capsys):
    assert call(capsys, "accept", small) == (
        2, "", "Error: small: its trainer is built in, whose version changes where its numbers do\n",
    )  # fmt: skip
    assert call(capsys, "accept", small, "--results", "none") == (
        2, "", "Error: none/small: no trials are stored here to train again; run the sweep first\n",
    )  # fmt: skip


def test_what_other_parameters_gave_is_not_accepted(own):
    run(own)
    rewrite(TRAINER.replace("alpha + seed", "seed + alpha").replace("alpha=0.1", "alpha=0.1, other=1"))
    assert nnsweep.accept(own) == {}
