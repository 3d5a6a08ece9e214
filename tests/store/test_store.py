"""What is written comes back, or is missed; any SQLite tool can read it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from math import isfinite, isnan, nan, nextafter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnsweep import sweepfile
from nnsweep.errors import StoreError
from nnsweep.store import Store, record_of
from nnsweep.trainers import load
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.expand import expand
from tests.helpers import PROJECT
from tests.helpers.fake_trials import TRAINER, sweep, trial

texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
numbers = st.floats()
outcomes = st.builds(
    Outcome,
    status=st.sampled_from(["ok", "diverged", "failed", "crashed", "timeout"]),
    metrics=st.dictionaries(texts, numbers, max_size=3),
    history=st.dictionaries(texts, st.lists(numbers, max_size=5), max_size=3),
    seconds=st.floats(min_value=0, allow_infinity=False),
    failure=st.none() | texts,
    diagnosis=st.dictionaries(texts, numbers, max_size=3),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results" / "trials.db"


def stored(path: Path, *found: Outcome) -> None:
    """Write outcomes as those of the trials 0, 1, …"""
    with Store.open(path) as store:
        run = store.begin_run({}, "nnsweep grid.toml")
        store.write(run, TRAINER, [(trial(number), outcome) for number, outcome in enumerate(found)])


def as_stored(outcome: Outcome) -> Outcome:
    """What JSON keeps of an outcome: a metric that is not finite is absent, and nan in a history."""
    metrics, diagnosis = (
        {name: value for name, value in found.items() if isfinite(value)}
        for found in (outcome.metrics, outcome.diagnosis)
    )
    history = {
        name: [value if isfinite(value) else nan for value in values] for name, values in outcome.history.items()
    }
    return Outcome(outcome.status, metrics, history, outcome.seconds, outcome.failure, diagnosis)


def comparable(outcome: Outcome) -> str:
    return repr(outcome)  # nan is not equal to itself, but its repr is, and a float's repr is exact


@given(found=st.lists(outcomes, max_size=5))
def test_outcomes_come_back_bit_for_bit(found, tmp_path_factory):
    path = tmp_path_factory.mktemp("round") / "trials.db"
    stored(path, *found)
    with Store.open(path) as store:
        back = store.outcomes(f"{number:016d}" for number in range(len(found)))
    assert list(back) == [f"{number:016d}" for number in range(len(found))]
    assert [comparable(outcome) for outcome in back.values()] == [comparable(as_stored(each)) for each in found]


def test_what_sqlite_cannot_hold_in_a_text_is_escaped(path):
    stored(path, Outcome("failed", failure="before\0after \ud800"))
    with Store.open(path) as store:
        assert store.outcomes([f"{0:016d}"])[f"{0:016d}"].failure == "before\\0after \\ud800"


def test_outcomes_are_those_asked_for_in_their_order_and_once(path):
    stored(path, *[Outcome("ok", {"error": float(number)}) for number in range(4)])
    with Store.open(path) as store:
        back = store.outcomes([f"{number:016d}" for number in (3, 99, 1, 3)])
        assert store.outcomes([]) == {}
        assert store.ids() == {f"{number:016d}" for number in range(4)}
        assert store.verify() == 4
    assert [(id, outcome.metrics) for id, outcome in back.items()] == [
        (f"{3:016d}", {"error": 3.0}),
        (f"{1:016d}", {"error": 1.0}),
    ]


def test_a_trial_written_again_is_replaced(path):
    stored(path, Outcome("crashed"))
    stored(path, Outcome("ok", {"error": 0.5}))
    with Store.open(path) as store:
        assert store.outcomes([f"{0:016d}"]) == {f"{0:016d}": Outcome("ok", {"error": 0.5})}
        assert [run["number"] for run in store.runs()] == [1, 2]


def test_a_stack_is_written_whole_or_not_at_all(path):
    with Store.open(path) as store:
        run = store.begin_run({}, "")
        store.write(run, TRAINER, [(trial(0), Outcome("ok"))])
        pairs = [(trial(1), Outcome("ok")), (trial(2), Outcome(None))]  # type: ignore[arg-type]
        with pytest.raises(StoreError) as caught:
            store.write(run, TRAINER, pairs)
        assert str(caught.value) == f"{path}: cannot be used: NOT NULL constraint failed: shape.status"
        assert store.ids() == {f"{0:016d}"}


def test_a_run_is_recorded(path):
    with Store.open(path) as store:
        number = store.begin_run({"host": "here"}, "nnsweep grid.toml")
        (run,) = store.runs()
        assert (run["ended"], run["trials"], run["seconds"]) == (None, None, None)
        store.end_run(number, 48, 1.5)
        (run,) = store.runs()
    assert (run["number"], run["command"], run["trials"], run["seconds"]) == (1, "nnsweep grid.toml", 48, 1.5)
    assert json.loads(run["environment"]) == {"host": "here"}
    assert run["started"] <= run["ended"]
    assert run["started"].endswith("+00:00")


def test_one_file_is_left(path):
    with Store.open(path) as store:
        store.begin_run({}, "")
        assert len(list(path.parent.iterdir())) > 1
    assert list(path.parent.iterdir()) == [path]


def test_a_reader_may_have_it_open_when_the_writer_closes(path):
    stored(path, Outcome("ok"))
    writer = Store.open(path)
    with closing(sqlite3.connect(path)) as reader:
        writer.begin_run({}, "")
        assert reader.execute("select count(*) from run").fetchone() == (2,)
        reader.execute("begin")
        reader.execute("select * from run").fetchone()
        writer.close()
    with Store.open(path) as store:
        assert len(store.runs()) == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *[("m1", 0.25), ("history", 0), ("epochs", 1), ("shape", 2), ("failure", 1), ("seconds", 2.0), ("settings", 3)],
        *[("seed", 1), ("digest", 0)],
    ],
)
def test_a_changed_row_is_found_and_named(path, column, value):
    same = Outcome("ok", {"error": 0.5}, {"error": [0.75, 0.5]}, 1.0)
    stored(path, same, same, same, Outcome("failed", {}, {}, 0.0, "no"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"update trial set {column} = ? where id = ?", (value, 1))
    with Store.open(path) as store:
        assert set(store.outcomes([f"{0:016d}", f"{2:016d}"])) == {f"{0:016d}", f"{2:016d}"}
        with pytest.raises(StoreError) as caught:
            store.verify()
    assert str(caught.value) == (
        f"{path}: trial {1:016d} is not as it was written (its digest does not match; 1 of 4 rows read); "
        "restore the file from a copy, or train again with --fresh"
    )


@pytest.mark.parametrize(
    ("change", "concerned"),
    [
        ("update settings set params = '{}' where number = 1", 4),  # the others are stored by their difference from it
        ("update settings set trainer = 'mlp' where number = 2", 1),
        ("update settings set version = '8' where number = 3", 1),
        ("update shape set status = 'diverged' where number = 1", 3),
        ("update shape set metrics = '[]' where number = 1", 3),
        ("update history set data = zeroblob(16)", 3),
        ("update failure set text = 'yes'", 1),
    ],
)
def test_all_trials_that_share_what_was_changed_are_counted(path, change, concerned):
    same = Outcome("ok", {"error": 0.5}, {"error": [0.75, 0.5]}, 1.0)
    stored(path, same, same, same, Outcome("failed", {}, {}, 0.0, "no"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    with Store.open(path) as store, pytest.raises(StoreError) as caught:
        store.verify()
    assert re.sub(r"trial \d{15}", "trial ", str(caught.value)).endswith(
        f" is not as it was written (its digest does not match; {concerned} of 4 rows read); "
        "restore the file from a copy, or train again with --fresh"
    )


def test_any_sqlite_tool_reads_the_view(path):
    trials = [trial(0, alpha=0.1, hidden=(8, 8)), trial(1, alpha=0.2, hidden=(4,)), trial(2, alpha=0.3, hidden=(4,))]
    with Store.open(path) as store:
        run = store.begin_run({}, "")
        outcomes = [Outcome("ok", {"error": 0.5}, {}, 2.0), Outcome("diverged", {}, {}, 1.0, "not finite")]
        store.write(run, TRAINER, zip(trials[:2], outcomes, strict=True))
        store.describe(sweep(["alpha", "hidden"], trials=trials), ["error"], trials)
    with closing(sqlite3.connect(path)) as connection:
        cursor = connection.execute("select * from results")
        assert [column[0] for column in cursor.description] == [
            "id", "status", "alpha", "hidden", "error", "seconds", "failure",
        ]  # fmt: skip
        assert cursor.fetchall() == [
            (f"{0:016d}", "ok", 0.1, "8-8", 0.5, 2.0, None),
            (f"{1:016d}", "diverged", 0.2, 4, None, 1.0, "not finite"),
            (f"{2:016d}", "missing", 0.3, 4, None, None, None),
        ]


@pytest.mark.parametrize("name", ["it's", 'a "quoted" name', "back\\slash", "a.b[0]", "$", "drop table trial;--", "é"])
def test_the_view_takes_any_name(path, name):
    with Store.open(path) as store:
        run = store.begin_run({}, "")
        store.write(run, TRAINER, [(trial(0, **{name: 1}), Outcome("ok", {name + "?": 0.5}))])
        store.describe(sweep([name], trials=[trial(0, **{name: 1})]), [name + "?"], [trial(0, **{name: 1})])
    with closing(sqlite3.connect(path)) as connection:
        cursor = connection.execute("select * from results")
        assert [column[0] for column in cursor.description][2:4] == [name, name + "?"]
        assert cursor.fetchone()[2:4] == (1, 0.5)


def test_names_of_the_view_do_not_collide(path):
    with Store.open(path) as store:
        store.describe(sweep(["status", "Error"]), ["error", "error_"], [])
    with closing(sqlite3.connect(path)) as connection:
        cursor = connection.execute("select * from results")
        names = [column[0] for column in cursor.description]
    assert names == ["id", "status_", "status", "Error", "error_", "error__", "seconds", "failure"]


def test_the_view_follows_the_sweep(path):
    with Store.open(path) as store:
        store.describe(
            sweep(["alpha"], trials=[trial(0, alpha=1), trial(1, alpha=2)]),
            ["error"],
            [trial(0, alpha=1), trial(1, alpha=2)],
        )
        store.describe(sweep(["alpha"], trials=[trial(1, alpha=2)]), ["error"], [trial(1, alpha=2)])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select id, alpha from results").fetchall() == [(f"{1:016d}", 2)]


def test_the_view_is_left_alone_when_nothing_changed(path):
    with Store.open(path) as store:
        store.describe(sweep(["alpha"], trials=[trial(0, alpha=1)]), ["error"], [trial(0, alpha=1)])
    before = path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        version = connection.execute("pragma schema_version").fetchone()
    with Store.open(path) as store:
        store.describe(sweep(["alpha"], trials=[trial(0, alpha=1)]), ["error"], [trial(0, alpha=1)])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma schema_version").fetchone() == version
    assert len(path.read_bytes()) == len(before)


CUT_OFF = """
import os, signal, sys
from pathlib import Path
from nnsweep.store import Store
from nnsweep.trainers.protocol import Outcome
from tests.helpers.fake_trials import TRAINER, trial
store = Store.open(Path(sys.argv[1]))
run = store.begin_run({}, "")
store.write(run, TRAINER, [(trial(number), Outcome("ok")) for number in range(3)])
os.kill(os.getpid(), getattr(signal, sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_what_was_written_survives_the_end_of_the_program(path, how):
    command = [sys.executable, "-c", CUT_OFF, str(path), how]
    cut_off = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=60, check=False)
    assert cut_off.returncode != 0
    with Store.open(path) as store:
        assert store.verify() == 3
        assert [run["ended"] for run in store.runs()] == [None]
    assert sorted(path.parent.iterdir()) == [path, record_of(path)]


def test_nan_in_a_history_keeps_its_place(path):
    stored(path, Outcome("diverged", {}, {"error": [0.5, nan, 0.25]}))
    with Store.open(path) as store:
        first, second, third = store.outcomes([f"{0:016d}"])[f"{0:016d}"].history["error"]
    assert (first, isnan(second), third) == (0.5, True, 0.25)


def data_of(path: Path) -> list[int]:
    """How many bytes each history takes."""
    with closing(sqlite3.connect(path)) as connection:
        return [size for (size,) in connection.execute("select length(data) from history order by number")]


def test_checkpoints_of_a_training_share_its_history(path):
    errors = [1 / (1 + epoch) for epoch in range(2000)]
    checkpoints = [Outcome("ok", {}, {"error": errors[:epochs]}) for epochs in range(2001)]
    stored(path, *checkpoints)
    assert data_of(path) == [8 * 2000]
    with Store.read(path) as store:
        back = store.outcomes(f"{number:016d}" for number in range(2001))
    assert [list(each.history["error"]) for each in back.values()] == [errors[:epochs] for epochs in range(2001)]


@pytest.mark.parametrize("every", [2, 3, 7])
def test_checkpoints_that_measure_their_last_epoch_besides_store_it_alone(path, every):
    def history(epochs: int) -> dict[str, list[float]]:
        measured = [epoch for epoch in range(1, epochs + 1) if epoch % every == 0 or epoch == epochs]
        return {"error": [1 / epoch for epoch in measured], "epoch": measured}

    checkpoints = [Outcome("ok", {}, history(epochs)) for epochs in range(1, 601)]
    stored(path, *checkpoints)
    assert sum(data_of(path)) <= 16 * (600 // every + 600)
    with Store.read(path) as store:
        assert store.verify() == 600
        back = store.outcomes(f"{number:016d}" for number in range(600))
    assert [each.history for each in back.values()] == [each.history for each in checkpoints]


def test_histories_that_differ_in_one_bit_are_not_shared(path):
    found = [
        Outcome("ok", {}, {"error": [0.5, 0.25, 0.125]}),
        Outcome("ok", {}, {"error": [0.5, nextafter(0.25, 1)]}),
        Outcome("ok", {}, {"error": [0.0, 0.5]}),
        Outcome("ok", {}, {"error": [-0.0]}),
        Outcome("ok", {}, {"error": [0]}),
        Outcome("ok", {}, {"loss": [0.5]}),
    ]
    stored(path, *found)
    assert data_of(path) == [24, 16, 16, 8, 8, 8]
    with Store.read(path) as store:
        back = store.outcomes(f"{number:016d}" for number in range(6))
    assert [comparable(each) for each in back.values()] == [comparable(each) for each in found]


def test_a_part_of_a_grid_is_stored_like_its_trials_one_by_one(tmp_path):
    """With seeds, which are left out of the shared settings, and with values under which they cannot be."""
    text = 'name = "a"\n[axes]\nalpha = [0.1, 0.2]\nepochs = [1, 2]\nseed = { count = 4 }\n%s'
    mlp = load("mlp")
    for more in (
        "",
        "[cases]\none = {}\ntwo = { update = 'sequential' }",
        "[[include]]\nseed = 9_000_000_000_000_000_000",
    ):
        trials = expand(sweepfile.loads(text % more), mlp)
        found = [Outcome("ok", {"error": place / 8}, {"error": [1.0, place / 8]}, 0.5) for place in range(len(trials))]
        folder = tmp_path / str(len(trials))
        with Store.open(folder / "part.db") as part, Store.open(folder / "each.db") as each:
            part.write_grid(part.begin_run({}, ""), mlp, trials, found)
            each.write(each.begin_run({}, ""), mlp, zip(trials, found, strict=True))
            ids = [trial.id for trial in trials]
            assert part.verify() == each.verify() == len(trials)
            assert part.outcomes(ids) == each.outcomes(ids) == dict(zip(ids, found, strict=True))
            assert part.params(ids) == each.params(ids)
            assert list(part.params(ids).values()) == [json.loads(trial.params_json) for trial in trials]


def test_of_trials_with_one_id_the_last_one_counts(path):
    with Store.open(path) as store:
        run = store.begin_run({}, "")
        pairs = [(trial(number % 2), Outcome("ok", {"error": float(number)})) for number in range(5)]
        store.write(run, TRAINER, pairs)
        assert store.verify() == 2
        back = store.outcomes([f"{0:016d}", f"{1:016d}"])
    assert [outcome.metrics["error"] for outcome in back.values()] == [4.0, 3.0]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="SQLite's shell is not installed")
def test_the_shell_of_sqlite_reads_the_view(path):
    trials = [trial(0, alpha=0.1, hidden=(8, 8)), trial(1, alpha=0.2, hidden=(4,)), trial(2, alpha=0.3, hidden=(4,))]
    with Store.open(path) as store:
        run = store.begin_run({}, "")
        found = [Outcome("ok", {"error": 0.5, "count": 2**60}, {}, 2.0), Outcome("failed", {}, {}, 1.0, "it's no good")]
        store.write(run, TRAINER, zip(trials[:2], found, strict=True))
        store.describe(sweep(["alpha", "hidden"], trials=trials), ["error", "count"], trials)
    query = "select id, status, alpha, hidden, error, count, failure from results where alpha < 0.25 or error is null"
    done = subprocess.run(["sqlite3", "-readonly", path, query], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [
        f"{0:016d}|ok|0.1|8-8|0.5|{2**60}|",
        f"{1:016d}|failed|0.2|4|||it's no good",
        f"{2:016d}|missing|0.3|4|||",
    ]


def test_the_view_looks_trials_up_and_does_not_search_for_each(path):
    with Store.open(path) as store:
        store.describe(sweep(["alpha"], trials=[trial(0, alpha=1)]), ["error"], [trial(0, alpha=1)])
    with closing(sqlite3.connect(path)) as connection:
        steps = [row[-1] for row in connection.execute("explain query plan select id, error from results")]
    assert [step for step in steps if step.startswith("SCAN") and "json_each" not in step] == ["SCAN grid"]
    assert any("AUTOMATIC COVERING INDEX (id=?)" in step for step in steps), steps
