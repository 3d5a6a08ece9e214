"""`nnsweep ls`: what results folders hold."""

import json
import sqlite3
from contextlib import closing

import pytest

import nnsweep
from nnsweep.store import Store, lock
from nnsweep.trainers import load
from nnsweep.trials.expand import expand
from tests.helpers import SMALL, call, files


@pytest.fixture
def results(tmp_path, monkeypatch, capsys):
    """Two sweeps that ran, 48 trials and 24."""
    monkeypatch.chdir(tmp_path)
    described = SMALL.replace('"small"', '"one"\ndescription = "A first\\u001b[31m sweep"')
    (tmp_path / "one.toml").write_text(described, encoding="utf-8")
    (tmp_path / "two.toml").write_text(SMALL.replace('"small"', '"second"'), encoding="utf-8")
    assert call(capsys, "one.toml", "--no-figures", "--quiet") == (0, "", "")
    assert call(capsys, "two.toml", "--no-figures", "--quiet", "--set", "hidden=2") == (0, "", "")
    return tmp_path / "results"


def when(results, name):
    with Store.read(results / name / "trials.db") as store:
        return store.runs()[-1]["ended"]


def test_a_line_for_each_folder(results, capsys):
    (results / "empty").mkdir()
    (results / "note.txt").touch()
    before = files(results)
    one, two = (f"{when(results, name)[:16].replace('T', ' ')} UTC" for name in ("one", "second"))
    assert call(capsys, "ls") == (
        0,
        f"one     48 trials: 48 ok  {one}  A first\\x1b[31m sweep\nsecond  24 trials: 24 ok  {two}\n",
        "",
    )
    assert files(results) == before


def test_every_row_is_checked(results, capsys):
    assert [line.split("UTC")[1] for line in call(capsys, "ls", "--verify")[1].splitlines()] == [
        "  verified 48 rows  A first\\x1b[31m sweep",
        "  verified 24 rows",
    ]
    with closing(sqlite3.connect(results / "second" / "trials.db")) as connection, connection:
        (id,) = connection.execute("select printf('%016x', min(id)) from trial").fetchone()
        connection.execute("update trial set m1 = 7 where id = (select min(id) from trial)")
    assert call(capsys, "ls")[0] == 0
    code, out, err = call(capsys, "ls", "--verify")
    assert (code, err) == (1, "")
    problem = (
        f"results/second/trials.db: trial {id} is not as it was written (its digest does not match; 1 of 24 rows read)"
        "; restore the file from a copy, or train again with --fresh"
    )
    assert out.splitlines()[0].endswith("verified 48 rows  A first\\x1b[31m sweep")
    assert out.splitlines()[1] == f"second  {problem}"
    code, out, _ = call(capsys, "ls", "--verify", "--json")
    assert code == 1
    assert [(entry["name"], entry["verified"], entry["problem"]) for entry in json.loads(out)] == [
        ("one", True, None),
        ("second", False, problem),
    ]


def test_json(results, capsys):
    first = json.loads(call(capsys, "ls", "--json")[1])[0]
    assert first == {
        "name": "one",
        "statuses": {"ok": 48},
        "missing": 0,
        "trained": when(results, "one"),
        "ended": True,
        "running": False,
        "description": "A first\x1b[31m sweep",
        "tags": [],
        "trial_tags": {},
        "notes": 0,
        "verified": None,
        "problem": None,
    }


def test_a_store_that_cannot_be_read_hides_no_other(results, capsys):
    (results / "bad").mkdir()
    (results / "bad" / "trials.db").write_bytes(b"nothing" * 1000)
    code, out, err = call(capsys, "ls")
    assert (code, err) == (1, "")
    assert out.splitlines()[0] == (
        "bad     results/bad/trials.db: not an SQLite file; move it away, or choose another folder with --results"
    )
    assert [line.split()[0] for line in out.splitlines()] == ["bad", "one", "second"]


def test_a_run_that_was_cut_off(tmp_path, capsys):
    with Store.open(tmp_path / "cut" / "trials.db") as store:
        store.begin_run({}, "")
        (run,) = store.runs()
    began = run["started"][:16].replace("T", " ")
    assert call(capsys, "ls", "--results", tmp_path)[1] == f"cut  0 trials  since {began} UTC, interrupted\n"
    with lock(tmp_path / "cut"):
        assert call(capsys, "ls", "--results", tmp_path)[1] == f"cut  0 trials  since {began} UTC, running\n"


def test_what_is_not_trained_yet_is_counted(tmp_path, capsys):
    """As an interrupted run leaves it: the sweep is described, and a part of its trials is stored."""
    nnsweep.run(nnsweep.loads(SMALL), tmp_path, figures=False)
    grown = nnsweep.loads(SMALL.replace("count = 4", "count = 6"))
    with Store.open(tmp_path / "small" / "trials.db") as store:
        store.describe(grown, ["error"], expand(grown, load("mlp")))
    assert "  48 trials: 48 ok, 24 not trained yet  " in f"{call(capsys, 'ls', '--results', tmp_path)[1]}"


def test_no_folder_and_an_empty_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call(capsys, "ls") == (
        2,
        "",
        "Error: results: No such file or directory; name another, by --results DIR or nnsweep serve DIR\n",
    )
    (tmp_path / "results").mkdir()
    assert call(capsys, "ls") == (0, "results: no sweep was run here yet\n", "")
