"""A store of every earlier version opens, gives what was stored, and is brought up to date once."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from nnsweep.errors import StoreError
from nnsweep.store import Store
from nnsweep.store.schema import VERSION
from nnsweep.trainers.protocol import Outcome
from tests.helpers import FILES, PROJECT
from tests.helpers.fake_trials import TRAINER, sweep, trial

VERSIONS = range(1, VERSION + 1)
FAILURE = """Traceback (most recent call last):
  File "model.py", line 7, in train
    raise ValueError("é")
ValueError: é
"""
OUTCOMES = [
    Outcome("ok", {"error": 0.25}, {"error": [0.5, 0.25]}, 0.125),
    Outcome("ok", {"error": 0.1}, {"error": [0.3, 0.1]}, 0.25),
    Outcome("diverged", {}, {"error": [0.5, nan]}, 0.5, "not finite after epoch 2"),
    Outcome("failed", {}, {}, 0.0, FAILURE),
    Outcome("crashed", {}, {}, 0.0, "its worker died three times"),
]
"""What each fixture holds, as trials 0 to 4; it was written by the nnsweep of its version."""
DIAGNOSES = ({"dead": 0.5, "changed": 0.25}, {"dead": 0.0}, {"nonfinite_epoch": 2.0}, {}, {})
"""What the fixtures hold of these trials besides, from version 3 on."""
IDS = [f"{number:016d}" for number in range(6)]


@pytest.fixture(params=VERSIONS)
def path(request, tmp_path: Path) -> Path:
    return Path(shutil.copy(FILES / f"store_{request.param}.db", tmp_path / "trials.db"))


@pytest.fixture
def written(path: Path) -> str:
    """What the fixture at `path` holds; nan is not equal to itself, but its repr is."""
    diagnoses = DIAGNOSES if version(path) >= 3 else ({},) * 5
    found = [replace(each, diagnosis=more) for each, more in zip(OUTCOMES, diagnoses, strict=True)]
    return repr(dict(zip(IDS, found, strict=False)))


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return Path(shutil.copy(FILES / "store_1.db", tmp_path / "trials.db"))


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("pragma user_version").fetchone()[0]


def told(store: Store) -> list[str]:
    """All that is read of a store; nan is not equal to itself, but its repr is."""
    (run,) = store.runs()
    kept = [run[name] for name in ("number", "command", "environment", "trials", "seconds")]
    return [repr(kept), repr(store.outcomes(IDS)), repr(store.params(IDS)), repr(store.ids())]


def test_a_store_of_any_version_gives_what_was_written(path, written):
    with Store.open(path) as store:
        assert repr(store.outcomes(IDS)) == written
        assert store.ids() == set(IDS[:5])
        assert store.verify() == 5
        assert store.params(IDS[:1]) == {IDS[0]: {"alpha": 0.1, "hidden": [2], "number": 0}}
        assert store.statuses() == {"ok": 2, "crashed": 1, "diverged": 1, "failed": 1}
        (run,) = store.runs()
        assert (run["number"], run["command"], run["trials"], run["seconds"]) == (1, "nnsweep grid.toml", 5, 1.5)
    assert version(path) == VERSION
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*), max(alpha), min(error) from results").fetchone() == (6, 0.3, 0.1)


def test_a_second_opening_changes_nothing(path):
    with Store.open(path) as store:
        before = told(store)
    content = path.read_bytes()
    with Store.open(path) as store:
        assert told(store) == before
    # Opening switches the journal's mode and back, which counts in the header's bytes 24-27 and 92-99.
    again = path.read_bytes()
    assert [
        at for at in range(len(content)) if content[at] != again[at] and at not in (*range(24, 28), *range(92, 100))
    ] == []
    assert list(path.parent.iterdir()) == [path]


def test_reading_an_older_one_leaves_it_as_it_is(path, written):
    content = path.read_bytes()
    with Store.read(path) as store:
        assert repr(store.outcomes(IDS)) == written
        assert store.verify() == 5
    assert path.read_bytes() == content


def test_the_tables_are_those_of_a_new_store(path, written, tmp_path):
    diagnoses = DIAGNOSES if version(path) >= 3 else ({},) * 5
    with Store.open(tmp_path / "new.db") as store:
        run = store.begin_run({}, "")
        found = [replace(each, diagnosis=more) for each, more in zip(OUTCOMES, diagnoses, strict=True)]
        trials = [trial(number, alpha=0.1 * (1 + number // 2), hidden=2 + 2 * (number % 2)) for number in range(5)]
        store.write(run, TRAINER, zip(trials, found, strict=True))
        store.describe(sweep(["alpha", "hidden"], trials=trials), ["error"], trials)
    Store.open(path).close()
    found = []
    for file in (path, tmp_path / "new.db"):
        with closing(sqlite3.connect(file)) as connection:
            names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
            found.append({name: connection.execute(f"pragma table_info({name})").fetchall() for name in names})
            for columns in found[-1].values():
                columns[:] = [(*column[:4], column[5]) for column in columns]  # An added column has a default.
    assert found[0] == found[1]


def test_a_row_that_nnsweep_cannot_read_is_kept_aside_as_it_was(path):
    if version(path) in (1, VERSION):
        pytest.skip("version 1 is refused, version 4 is read as it is")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update trial set metrics = cast(x'ff00ff' as text) where id = ?", (IDS[1],))
        columns = [row[1] for row in connection.execute("pragma table_info(trial)") if row[1] != "digest"]
        asked = ", ".join(f"hex({name})" for name in columns)
        before = connection.execute(f"select {asked} from trial where id = ?", (IDS[1],)).fetchall()
    with Store.open(path) as store:
        assert list(store.outcomes(IDS[2:])) == IDS[2:5]
        with pytest.raises(StoreError, match=f"trial {IDS[1]} is not as it was written .*; 1 of 5 rows read"):
            store.verify()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(f"select {asked} from damaged").fetchall() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update shown set sweep = '{}'", "its sweep is not as it was written"),
        ('update grid set settings = \'{"alpha":0.1,"hidden":4}\'', "its grid is not as it was written"),
        ("update grid set settings = '7' where position = 2", "its sweep is not as it was written"),
        ("delete from trial where id like '%3'", "the ids of its 4 trials are not those of the 5 written"),
        ("update tally set trials = 6", "the ids of its 5 trials are not those of the 6 written"),
        ("update tally set ids = '1'", "the ids of its 5 trials are not those of the 5 written"),
    ],
)
def test_what_was_wrong_before_stays_wrong(path, change, said):
    if version(path) not in (2, 3):
        pytest.skip("version 1 has neither tally nor sweep")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    for opened in (Store.read, Store.open, Store.open):
        with opened(path) as store, pytest.raises(StoreError) as caught:
            store.verify()
        assert str(caught.value) == f"{path}: {said}; restore the file from a copy, or train again with --fresh"


def test_the_sweep_is_the_one_that_was_described(path):
    if version(path) == 1:
        pytest.skip("its sweep is dropped: the next run writes it again")
    with Store.open(path) as store:
        record = store.sweep_record()
    assert [(axis.name, axis.parameter, axis.values, axis.added) for axis in record.sweep.axes] == [
        ("alpha", "learning_rate", (0.1, 0.2, 0.3), ()),
        ("hidden", "hidden", (2, 4), ()),
    ]
    assert [(each.id, each.settings) for each in record.trials] == [
        (IDS[number], {"alpha": (0.1, 0.2, 0.3)[number // 2], "hidden": (2, 4)[number % 2]}) for number in range(6)
    ]


@pytest.mark.parametrize("column", ["metrics", "history", "failure", "status"])
def test_a_row_that_was_wrong_before_stays_wrong(first, column):
    with closing(sqlite3.connect(first)) as connection, connection:
        connection.execute(f"update trial set {column} = 'ok' where id = ?", (IDS[4],))
    for _ in range(2):
        with Store.open(first) as store:
            assert list(store.outcomes(IDS[:4])) == IDS[:4]
            with pytest.raises(StoreError) as caught:
                store.outcomes(IDS)
            assert str(caught.value) == (
                f"{first}: trial {IDS[4]} is not as it was written (its digest does not match; 1 of 5 rows read); "
                "restore the file from a copy, or train again with --fresh"
            )
    assert version(first) == VERSION


def test_a_damaged_file_is_not_brought_up_to_date(first):
    with closing(sqlite3.connect(first)) as connection:
        (page,) = connection.execute(
            "select rootpage from sqlite_master where name like '%autoindex_trial%'"
        ).fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    content = first.read_bytes()
    index = content[(page - 1) * size : page * size].replace(IDS[4].encode(), b"5" * 16)
    first.write_bytes(content[: (page - 1) * size] + index + content[page * size :])
    with pytest.raises(StoreError) as caught:
        Store.open(first)
    assert str(caught.value) == (
        f"{first}: the file is damaged (row 5 missing from index sqlite_autoindex_trial_1); "
        "restore it from a copy, or train again with --fresh"
    )
    assert version(first) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from nnsweep.store import Store
from nnsweep.store.bounded import Bounded
statements, execute, executemany = [], Bounded.execute, Bounded.executemany

def killed(self, sql, *values):
    if statements or sql == "begin immediate":
        statements.append(sql)
    if len(statements) == int(sys.argv[2]) or sql == "commit":
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(self, sql, *values)

def many(self, sql, rows):
    killed(self, "select 1")
    return executemany(self, sql, rows)

Bounded.execute, Bounded.executemany = killed, many
Store.open(Path(sys.argv[1]))
"""
COMMIT = 1000
"""A number of statements that are never reached: then the program is killed before the last, the commit."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("when", [1, 3, 8, 13, 20, 30, 40, 50, 60, COMMIT])
def test_killed_in_the_middle_it_is_what_it_was(first, when):
    command = [sys.executable, "-c", KILLED, str(first), str(when)]
    assert subprocess.run(command, cwd=PROJECT, timeout=60, check=False).returncode == -9
    assert version(first) == 1
    with Store.open(first) as store:
        assert repr(store.outcomes(IDS)) == repr(dict(zip(IDS, OUTCOMES, strict=False)))
        assert store.verify() == 5
    assert list(first.parent.iterdir()) == [first]
