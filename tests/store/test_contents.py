"""Values that nnsweep would not have stored, with digests that are right: a line, whatever is asked."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store
from nnsweep.store.rows import COLUMNS, digest, digest_row
from nnsweep.store.schema import RUN_COLUMNS
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_trials import TRAINER, sweep, trial

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
        store.end_run(run, 3, 1.0)
        store.describe(sweep(["alpha"], trials=TRIALS), ["error"], TRIALS)
    return path


def everything(path: Path) -> None:
    ids = [each.id for each in TRIALS]
    with Store.read(path) as store:
        for ask in (store.outcomes, store.final_outcomes, store.params):
            ask(ids)
        store.with_id_prefix("0000")
        store.seconds(TRAINER)
        store.runs()
        store.sweep()
        store.sweep_record()


def forge(path: Path, table: str, names: str, column: str, value: object) -> None:
    """Put a value into the first row of a table without types, under a digest that is right."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma writable_schema = on")
        connection.execute("update sqlite_master set sql = replace(sql, 'strict', '') where name = ?", (table,))
        connection.commit()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"update {table} set {column} = ? where rowid = 1", (value,))
        row = connection.execute(f"select {names} from {table} where rowid = 1").fetchone()
        found = digest_row(row) if table == "trial" else digest(row)
        connection.execute(f"update {table} set digest = ? where rowid = 1", (found,))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("trainer", b"x"), ("version", b"x"), ("params", "[]"), ("params", NESTED), ("params", '{"a": NaN}'),
        ("status", "banana"), ("metrics", '{"error": "0.5"}'), ("metrics", '{"error": 1e999}'),
        ("metrics", '{"error": true}'), ("metrics", '{"error": NaN}'), ("metrics", "[0.5]"),
        ("metrics", f'{{"error": {"9" * 400}}}'), ("metrics", f'{{"error": {"9" * 5000}}}'), ("metrics", NESTED),
        ("metrics", '{"error": 0.5}, {"error": 0.5}'), ("metrics", b"{}"), ("history", '{"error": 0.5}'),
        ("history", '{"error": [[0.5]]}'), ("history", '{"error": [1, 2], "epoch": [1, 1e300]}'),
        ("history", '{"error": [1, 2], "epoch": [2, 1]}'), ("history", '{"error": [1, 2], "epoch": [1]}'),
        ("history", f"[{'[],' * 2_000_000}[]]"), ("failure", b"x"), ("seconds", "soon"), ("seconds", -1.0),
        ("seconds", float("inf")), ("diagnosis", '{"dead": []}'), ("diagnosis", 7),
    ],
)  # fmt: skip
def test_a_forged_trial(path, column, value):
    everything(path)
    forge(path, "trial", COLUMNS, column, value)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: trials that nnsweep did not write; {FRESH}"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("ended", "\x1b[31m"), ("ended", "x" * 41), ("command", b"x"), ("environment", b"x"),
        ("trials", -1), ("trials", "many"), ("seconds", float("inf")), ("seconds", "long"),
    ],
)  # fmt: skip
def test_a_forged_run(path, column, value):
    forge(path, "run", RUN_COLUMNS, column, value)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: runs that nnsweep did not write; restore the file from a copy, or {FRESH}"


def describe(path: Path, text: object, settings: object) -> None:
    """Store another sweep, and other settings of its first trial."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update grid set settings = ? where position = 0", (settings,))
        found = blake2b(digest_size=16)
        for id, each in connection.execute("select trial, settings from grid order by position"):
            found.update(f"{id}{each}\n".encode())
        row = (text, found.hexdigest())
        connection.execute("update shown set sweep = ?, grid = ?, digest = ?", (*row, digest(row)))


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
        {"success": {"bound": 1}}, {"overrides": "alpha=1"}, {"folder": "a\0b"}, {"source": []}, {"description": 7},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_sweep(path, change):
    describe(path, json.dumps(SWEEP), '{"alpha": 0.0}')
    everything(path)
    describe(path, json.dumps(SWEEP | change), '{"alpha": 0.0}')
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: a sweep that nnsweep did not write; run the sweep again with --fresh"


@pytest.mark.parametrize(
    "settings",
    [
        "[]",
        "{}",
        '{"other": 0.0}',
        '{"alpha": [1]}',
        '{"alpha": NaN}',
        f'{{"alpha": {-(2**63) - 1}}}',
        "7",
        NESTED,
        "{",
    ],
)
def test_a_forged_grid(path, settings):
    describe(path, json.dumps(SWEEP), settings)
    with pytest.raises(StoreError) as caught:
        everything(path)
    assert str(caught.value) == f"{path}: a grid that nnsweep did not write; run the sweep again with --fresh"
