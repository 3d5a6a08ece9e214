"""Values that nnsweep would not have stored, with digests that are right: a line, whatever is asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store, contents
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import to_numbers
from tests.helpers.fake_trials import TRAINER, sweep, trial
from tests.helpers.sealed import change, loosen

FRESH = "train again with --fresh"
TRIALS = [trial(number, alpha=number / 8) for number in range(3)]
NESTED = "[" * 100_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "trials.db"
    with Store.open(path) as store:
        run = store.begin_run({}, "nnsweep grid.toml")
        found = [Outcome("ok", {"error": 0.5}, {"error": [0.75, 0.5]}, 0.25) for _ in TRIALS]
        store.write(run, TRAINER, zip(TRIALS, found, strict=True))
        more = [Outcome("ok", {"error": -0.0}), Outcome("failed", {}, {}, 0.0, "no")]
        store.write(run, TRAINER, zip((trial(4, alpha=0.5), trial(5, alpha=0.625)), more, strict=True))
        store.end_run(run, 3, 1.0)
        store.describe(sweep(["alpha"], trials=TRIALS), ["error"], TRIALS)
    return path


def everything(path: Path) -> None:
    ids = [f"{number:016d}" for number in range(6)]
    with Store.read(path) as store:
        for ask in (store.outcomes, store.params):
            ask(ids)
        list(store.columns(to_numbers(ids)).values())
        store.with_id_prefix("0000")
        store.seconds(TRAINER)
        store.runs()
        store.sweep()
        store.sweep_record()


def forge(path: Path, table: str, column: str, value: object) -> None:
    """Put a value into the first row of a table without types, under digests that are right."""
    loosen(path, table)
    change(path, f"update {table} set {column} = ? where rowid = (select min(rowid) from {table})", (value,))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("settings", "trainer", b"x"), ("settings", "version", b"x"), ("settings", "params", "[]"),
        ("settings", "params", NESTED), ("settings", "params", '{"a": NaN}'), ("settings", "params", b"{}"),
        ("settings", "head", "x"), ("settings", "base", "x"), ("settings", "seeded", "x"),
        ("shape", "status", "banana"), ("shape", "status", b"x"), ("shape", "metrics", '{"error": 0.5}'),
        ("shape", "metrics", "[7]"), ("shape", "metrics", '["error", "error"]'), ("shape", "metrics", NESTED),
        ("shape", "metrics", '["error", "other"]'), ("shape", "metrics", b"[]"), ("shape", "diagnosis", '["dead"]'),
        ("shape", "diagnosis", 7), ("shape", "history", '["error"]'), ("shape", "history", '[["error", "x"]]'),
        ("shape", "history", '[["error", "d"], ["epoch", "q"], ["more", "d"]]'), ("shape", "history", "null"),
        ("shape", "history", "[]"), ("shape", "history", f"[{'[],' * 2_000_000}[]]"),
        ("trial", "seconds", -1.0), ("trial", "seconds", float("inf")), ("trial", "m1", float("inf")),
        ("trial", "epochs", 3), ("trial", "epochs", -1), ("trial", "epochs", 2**62),
        ("history", "data", b"x"), ("history", "data", "{}"), ("history", "head", "x"),
        ("history", "data", np.array([1, np.inf]).tobytes()),
        ("failure", "text", b"x"), ("other", "numbers", "[]"), ("other", "numbers", "{"),
        ("other", "numbers", '{"metrics": {"error": "0.5"}}'), ("other", "numbers", '{"metrics": {"error": 1e999}}'),
        ("other", "numbers", '{"metrics": {"error": true}}'), ("other", "numbers", '{"metrics": {"error": NaN}}'),
        ("other", "numbers", f'{{"metrics": {{"error": {"9" * 400}}}}}'), ("other", "numbers", b"{}"),
        ("other", "numbers", f'{{"metrics": {{"error": {"9" * 5000}}}}}'), ("other", "numbers", NESTED),
    ],
)  # fmt: skip
def test_a_forged_trial(path, table, column, value):
    everything(path)
    forge(path, table, column, value)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: trials that nnsweep did not write; {FRESH}"


@pytest.mark.parametrize(
    ("column", "value"), [("id", "x"), ("seed", "x"), ("seconds", "soon"), ("m1", "x"), ("history", b"x")]
)
def test_what_is_no_number_is_damage_or_tells_of_its_trial(path, column, value):
    forge(path, "trial", column, value)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) in (
        f"{path}: trial {TRIALS[0].id} is not as it was written (its digest does not match; 1 of 5 rows read); "
        f"restore the file from a copy, or {FRESH}",
        f"{path}: the file is damaged (no whole number where one must be); restore it from a copy, or {FRESH}",
    )


@pytest.mark.parametrize(
    "text",
    [
        *('{"error": 0.5}', '{"error": [[0.5]]}', '{"error": ["a"]}', '{"error": 1},{"error": 2}'),
        *("[]", "7", "{", NESTED),
        *('{"error": [1, 2], "epoch": [1, 1e300]}', '{"error": [1, 2], "epoch": [2, 1]}'),
        *('{"error": [1, 2], "epoch": [1]}', f"[{'[],' * 2_000_000}[]]"),
    ],
)  # fmt: skip
def test_a_forged_history_of_json(path, text):
    forge(path, "shape", "history", "null")
    change(path, "update history set data = ?", ('{"error": [0.75, 0.5]}',))
    everything(path)
    change(path, "update history set data = ?", (text,))
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: trials that nnsweep did not write; {FRESH}"


@pytest.mark.parametrize("epochs", [(2, 1), (1, 1), (-1, 2), (1, 2**60)])
def test_a_forged_history_with_epochs(path, epochs):
    forge(path, "shape", "history", '[["error","d"],["epoch","q"]]')
    for found in ((1, 2), epochs):
        data = np.array([[0.5, 0.25], np.array(found, np.int64).view(np.float64)]).T.tobytes()
        change(path, "update history set data = ?", (data,))
        if found == (1, 2):
            everything(path)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: trials that nnsweep did not write; {FRESH}"


@pytest.mark.parametrize(("column", "value"), [("name", "x"), ("type", "text"), ("kind", "other"), ("number", 9)])
def test_forged_names_of_numbers(path, column, value):
    forge(path, "measure", column, value)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) in (
        f"{path}: trials that nnsweep did not write; {FRESH}",
        f"{path}: the names of its numbers are not as they were written; restore the file from a copy, or {FRESH}",
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("ended", "\x1b[31m"), ("ended", "x" * 41), ("command", b"x"), ("environment", b"x"),
        ("trials", -1), ("trials", "many"), ("seconds", float("inf")), ("seconds", "long"),
    ],
)  # fmt: skip
def test_a_forged_run(path, column, value):
    forge(path, "run", column, value)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: runs that nnsweep did not write; restore the file from a copy, or {FRESH}"


def describe(path: Path, text: object) -> None:
    """Store another sweep."""
    change(path, "update shown set sweep = ?", (text,))


SWEEP = {"name": "a", "trainer": "t", "axes": [["alpha", "alpha", [0.0, 0.125, 0.25]]], "metrics": [], "success": None}
AXIS = {"axes": [["alpha", "alpha", [1, 2]]]}


@pytest.mark.parametrize(
    "change",
    [
        {"name": 7}, {"name": ""}, {"name": "\x1b[31m"}, {"trainer": None}, {"more": 1}, {"axes": {}}, {"axes": [[]]},
        {"axes": [["alpha"]]}, {"axes": [["alpha", "alpha", []]]}, {"axes": [["alpha", "alpha", [[1]]]]},
        {"axes": [["alpha", "alpha", [2**63]]]}, {"axes": [["alpha", "alpha", [1, 1]]]}, {"axes": AXIS["axes"] * 2},
        {"metrics": "error"},
        {"metrics": ["a", "a"]}, {"metrics": ["\x9b2J"]}, {"success": {"metric": "error", "below": "0.5"}},
        {"success": {"bound": 1}}, {"success": {"metric": "error"}},
        {"success": {"metric": "error", "below": 0.5, "above": None, "bound": 1}},
        {"success": {"metric": "error", "above": None}}, {"success": {"metric": "error", "below": 0.5, "above": 0.4}},
        {"success": {"metric": "error", "below": 10**400}}, {"overrides": "alpha=1"},
        {"folder": "a\0b"}, {"source": []}, {"description": 7},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_sweep(path, change):
    describe(path, json.dumps(SWEEP))
    everything(path)
    describe(path, json.dumps(SWEEP | change))
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: a sweep that nnsweep did not write; run the sweep again with --fresh"


@pytest.mark.parametrize("code", ["-1", "3", "4611686018427387904", "(select a0 from grid where position = 1)"])
def test_a_forged_grid(path, code):
    """A code that stands for no value, or that puts two trials in one place."""
    describe(path, json.dumps(SWEEP))
    change(path, f"update grid set a0 = {code} where position = 0")
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: a grid that nnsweep did not write; run the sweep again with --fresh"


def test_a_giant_text_in_place_of_a_number_is_not_read(path):
    describe(path, json.dumps(SWEEP))
    loosen(path, "grid")
    change(path, "update grid set a0 = ? where position = (select max(position) from grid)", ("x" * 100_000,))
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert (
        str(caught.value) == f"{path}: the file is damaged (string or blob too big); restore it from a copy, or {FRESH}"
    )


@pytest.mark.parametrize("found", [1.5, None, b"{}"])
def test_what_is_no_text_is_no_json(found):
    with pytest.raises(contents.Foreign):
        contents.parse(found)


@pytest.mark.parametrize(("column", "value"), [("a0", "x"), ("trial", b"x"), ("trial", 1e300)])
def test_a_grid_of_other_types(path, column, value):
    forge(path, "grid", column, value)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == (
        f"{path}: the file is damaged (no whole number where one must be); restore it from a copy, or {FRESH}"
    )
