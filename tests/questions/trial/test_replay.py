"""Training stored trials again, from the command line."""

import json
import sqlite3
import sys
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from nnsweep.execution.environment import environment
from nnsweep.trainers import Outcome
from nnsweep.trainers.difference import difference
from tests.helpers import call
from tests.helpers.sealed import seal

WHERE = ["alpha=0.05", "epochs=3", "hidden=4", "seed=2"]


def stored_id(capsys, small):
    return call(capsys, "show", small, *WHERE)[1].split()[1]


def falsify(tmp_path, id, epoch):
    """Change one epoch of a stored history by its last bit, and the digest with it: only a replay can tell."""
    with closing(sqlite3.connect(tmp_path / "results" / "small" / "trials.db")) as connection, connection:
        find = "select data from history join trial on history = history.number where printf('%016x', id) = ?"
        (data,) = connection.execute(find, (id,)).fetchone()
        errors = np.frombuffer(data).copy()
        errors[epoch - 1] = np.nextafter(errors[epoch - 1], 1)
        # Other checkpoints of the training share the old history.
        connection.execute("insert into history select max(number) + 1, 0, 0, ?, '' from history", (errors.tobytes(),))
        own = "update trial set history = (select max(number) from history) where printf('%016x', id) = ?"
        connection.execute(own, (id,))
        seal(connection)
    return float(errors[epoch - 1])


def test_by_id_and_by_settings(small, capsys):
    id = stored_id(capsys, small)
    code, out, err = call(capsys, "replay", id[:8], "--check")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith(f"trial {id}, trained again: ok, error 0.")
    assert lines[1:] == ["as stored, bit for bit"]
    assert call(capsys, "replay", small, *WHERE, "--check")[1] == out
    assert call(capsys, "replay", id)[1] == lines[0] + "\n"


def test_as_json(small, capsys):
    id = stored_id(capsys, small)
    told = json.loads(call(capsys, "replay", id, "--check", "--json")[1])
    assert (told["id"], told["status"], told["differs"], told["written"]) == (id, "ok", None, [])
    assert told["metrics"]["error"] == told["history"]["error"][-1]
    assert "differs" not in json.loads(call(capsys, "replay", id, "--json")[1])


def test_the_first_epoch_that_differs_is_named(small, capsys, tmp_path):
    id = stored_id(capsys, small)
    changed = falsify(tmp_path, id, epoch=2)
    code, out, _ = call(capsys, "replay", id, "--check")
    assert code == 1
    now = float(np.nextafter(changed, 0))
    assert out.splitlines()[1] == (f"not as stored: error first differs after epoch 2: {changed!r} stored, {now!r} now")


def test_another_kind_of_processor_is_named(small, capsys, tmp_path, monkeypatch):
    id = stored_id(capsys, small)
    changed = falsify(tmp_path, id, epoch=2)
    now = float(np.nextafter(changed, 0))

    def elsewhere(jobs):
        return environment(jobs) | {"simd": ["A", "B"], "blas": [{"architecture": "Abacus"}]}

    here = environment(1)
    monkeypatch.setattr(sys.modules["nnsweep.execution.environment"], "environment", elsewhere)
    out = call(capsys, "replay", id, "--check")[1]
    found, (kernel, *_) = " ".join(here["simd"]) or "nothing", sorted({each["architecture"] for each in here["blas"]})
    assert out.splitlines()[1] == (
        f"not as stored: error first differs after epoch 2: {changed!r} stored, {now!r} now; it was trained on another "
        f"kind of processor, so that its last bits may differ: NumPy found {found} there, A B here; BLAS chose "
        f"{kernel} there, Abacus here"
    )


def test_run_verifies(small, capsys, tmp_path):
    code, out, _ = call(capsys, small, "--no-figures", "--verify", 3)
    assert code == 0
    assert out.splitlines()[-1] == "3 trials trained again, alone: as stored, bit for bit"
    id = stored_id(capsys, small)
    changed = falsify(tmp_path, id, epoch=1)
    code, _, err = call(capsys, small, "--no-figures", "--verify", 48)
    assert code == 1
    assert err.splitlines() == [
        "48 trials trained again, alone: 1 not as stored",
        f"trial {id} (alpha = 0.05, epochs = 3, hidden = 4, seed = 2): error first differs after epoch 1: "
        f"{changed!r} stored, {float(np.nextafter(changed, 0))!r} now",
    ]


def test_a_trace_is_a_table_and_a_figure(small, capsys):
    id = stored_id(capsys, small)
    code, out, _ = call(capsys, "replay", id, "--trace", "--every", 10)
    assert code == 0
    folder = f"results/small/traces/{id}"
    assert out.splitlines()[1] == f"trace: {folder}.csv and {folder}.png"
    table = pd.read_csv(f"{folder}.csv")
    assert table["step"].tolist() == list(range(0, 151, 10))
    assert table.shape == (16, 18)
    details = json.loads(call(capsys, "show", small, *WHERE, "--json")[1])["details"]
    assert table["layer 1, weight[3, 0]"].iloc[-1] == details["trained"]["layer 1"]["weights"][0][3]
    assert (small.parent / f"{folder}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["123"], "`123` begins the id of no trial in results; allowed: 4 or more digits of one id, "
                  "or a sweep file and conditions such as seed=7"),
        (["grid.toml", "seed=1"], "12 trials of small match; name one by alpha, epochs, hidden, seed, or by its id"),
        (["1234", "seed=1"],
         "`1234`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small"),
    ],
)  # fmt: skip
def test_what_names_no_trial(small, capsys, arguments, message):
    assert call(capsys, "replay", *arguments) == (2, "", f"Error: {message}\n")


def test_a_trial_not_trained_yet(small, capsys):
    where = [*WHERE[:3], "seed=9"]
    code, _, err = call(capsys, "replay", small, *where, "--set", "seed={count=10}")
    assert code == 2
    assert err.endswith(" is not trained yet; run the sweep first\n")


def test_a_trial_of_another_version_cannot_be_replayed(small, capsys, monkeypatch):
    from nnsweep.trainers.mlp import Mlp

    id = stored_id(capsys, small)
    monkeypatch.setattr(Mlp, "version", "0")
    assert call(capsys, "replay", id) == (
        2,
        "",
        f"Error: trial {id} in results/small was made by another version of `mlp`, or from other data: "
        "it cannot be trained again\n",
    )


def test_outcomes_of_other_status_or_length_differ():
    one = Outcome("ok", {"a": 1.0}, {"a": [2.0, 1.0], "epoch": [5, 10]})
    assert difference(one, one) is None
    assert difference(one, Outcome("diverged")) == "it was ok, and is diverged now"
    shorter = Outcome("ok", {"a": 1.0}, {"a": [2.0], "epoch": [5]})
    assert difference(one, shorter) == "a first differs after epoch 10: 1.0 stored, None now"
    assert difference(one, Outcome("ok", {"a": 3.0}, one.history)) == "a differs: 1.0 stored, 3.0 now"
    nan = Outcome("ok", {}, {"a": [float("nan")]})
    assert difference(nan, Outcome("ok", {}, {"a": [float("nan")]})) is None
