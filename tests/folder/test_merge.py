"""Joined stores hold every trial of each, once, and both results where two differ."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import nnsweep
from nnsweep.store import Store, lock
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.trial import Trial, canonical_json
from tests.helpers import FILES, SMALL, call, files, slow
from tests.helpers.fake_trials import TRAINER, sweep, trial
from tests.helpers.forked import Forked

RESULTS = Path("results")
SHARDS = tuple(f"results/small-shard-{number}-of-3" for number in (1, 2, 3))
TAKEN = (18, 15, 15)
"""Trials of each."""


@pytest.fixture
def shards(grid):
    for number in (1, 2, 3):
        nnsweep.run(grid, shard=(number, 3))
    return SHARDS


def dump(store: str | Path, *tables: str) -> list[tuple]:
    with closing(sqlite3.connect(store)) as connection:
        return [row for table in tables for row in connection.execute(f"select * from {table}")]


def make(folder: Path, *outcomes: Outcome, environment: object = None) -> Path:
    """Store outcomes as those of the trials 0, 1, … of a sweep."""
    pairs = [(trial(number, value=number), outcome) for number, outcome in enumerate(outcomes)]
    trials = [each for each, _ in pairs]
    with Store.open(folder / "trials.db") as store:
        run = store.begin_run(environment or {}, f"nnsweep of {folder.name}")
        store.write(run, TRAINER, pairs)
        store.describe(sweep(["value"], trials=trials), ["error"], trials)
        store.end_run(run, len(pairs), 1.0)
    return folder


def outcomes(folder: Path) -> dict[str, Outcome]:
    with Store.read(folder / "trials.db") as store:
        assert store.verify() == len(store.ids())
        return store.outcomes(store.ids())


def rejected(folder: Path) -> list[tuple]:
    return [
        (id, run, where, json.loads(content))
        for id, run, where, _, content, *_ in dump(folder / "trials.db", "rejected")
    ]


@pytest.mark.parametrize("options", [["--no-figures"], slow([])])
def test_shards_make_the_folder_of_one_run(shards, capsys, options):
    assert call(capsys, "grid.toml", "--results", "whole", "--quiet", *options) == (0, "", "")
    code, out, err = call(capsys, "merge", *shards, *options)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        *(f"{shard}: {count} trials: {count} new" for shard, count in zip(shards, TAKEN, strict=True)),
        "48 trials stored in results/small",
    ]
    made, whole = files(RESULTS / "small"), files(Path("whole/small"))
    assert sorted(made) == sorted(whole.keys() - {"trials.db-last"})
    told_apart = {"env.json", "report.html", "trials.db", "trials.db-count", "trials.db-last"}  # when and where
    assert {name for name in made if made[name] != whole[name]} <= told_apart
    here, there = (outcomes(folder) for folder in (RESULTS / "small", Path("whole/small")))
    assert {id: replace(each, seconds=0) for id, each in here.items()} == {
        id: replace(each, seconds=0) for id, each in there.items()
    }
    assert call(capsys, "run", "grid.toml", "--no-figures")[1].startswith("small: nothing to train, 48 trials stored\n")
    with Store.read(RESULTS / "small/trials.db") as store:
        runs = store.runs()
    assert [run["trials"] for run in runs] == [*TAKEN]
    for run, shard in zip(runs, shards, strict=True):
        with Store.read(Path(shard) / "trials.db") as store:
            assert run | {"number": 1} == store.runs()[0]
    assert Counter(run for _, run in dump_runs(RESULTS / "small")) == {1: 18, 2: 15, 3: 15}


def dump_runs(folder: Path) -> list[tuple]:
    with closing(sqlite3.connect(folder / "trials.db")) as connection:
        return connection.execute("select id, run from trial").fetchall()


def test_merging_again_changes_nothing(shards, capsys):
    assert call(capsys, "merge", *shards, "--no-figures")[0] == 0
    before = dump("results/small/trials.db", "trial", "run", "history", "grid", "shown", "tally")
    code, out, err = call(capsys, "merge", *reversed(shards), "results/small", "--no-figures")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "results/small-shard-3-of-3: 15 trials: 15 there already",
        "results/small-shard-2-of-3: 15 trials: 15 there already",
        "results/small-shard-1-of-3: 18 trials: 18 there already",
        "48 trials stored in results/small",
    ]
    assert dump("results/small/trials.db", "trial", "run", "history", "grid", "shown", "tally") == before


def test_the_target_shows_what_it_lacks(shards, capsys):
    code, out, err = call(capsys, "merge", shards[0], shards[0], "--no-figures")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "results/small-shard-1-of-3: 18 trials: 18 new",
        "warning: 18 of 48 trials are stored: run it again for the others",
        "18 trials stored in results/small",
    ]
    lines = call(capsys, "grid.toml", "--no-figures")[1].splitlines()
    assert lines[:3] == [
        "small: nothing to train, 48 trials stored",
        *(f"15 of these stand in {shard}; copied" for shard in shards[1:]),
    ]


def test_a_shard_that_went_on_is_merged_again(grid, capsys):
    assert call(capsys, "grid.toml", "--shard", "1/3", "--set", "alpha=0.01", "--quiet")[0] == 0
    assert call(capsys, "merge", "small-shard-1-of-3", "--no-figures")[0] == 0
    first = call(capsys, "grid.toml", "--shard", "1/3")[1].splitlines()[0]
    assert ", " in first
    out = call(capsys, "merge", "results/small-shard-1-of-3", "--no-figures")[1]
    with Store.read(RESULTS / "small/trials.db") as store, Store.read(Path(SHARDS[0]) / "trials.db") as shard:
        assert store.ids() == shard.ids()
        assert len(store.runs()) == 2
        assert store.sweep_record().sweep.axis("alpha").values == (0.01, 0.05), "it shows what was run last"
    assert "of 48 trials are stored" in out


OK = Outcome("ok", {"error": 0.25}, {"error": [0.5, 0.25]}, 1.0, None, {"dead": 0.0})
FAILED = Outcome("failed", seconds=1.0, failure="Traceback\n  File x\nValueError: of a")
HERE = {"host": "one", "cpu": "Xeon", "packages": {"numpy": "2.3.0"}, "blas": [{"library": "openblas", "version": "1"}]}
THERE = HERE | {"host": "two", "packages": {"numpy": "2.4.6"}, "simd": ["X86_V3"]}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(OK, metrics={"error": 0.2500000000000001}), "error is 0.2500000000000001 there, 0.25 here"),
        (replace(OK, diagnosis={"dead": -0.0}), "dead is -0.0 there, 0.0 here"),
        (replace(OK, metrics={"error": 0.25, "loss": 1.0}), "loss is 1.0 there, missing here"),
        (replace(OK, history={"error": [0.4, 0.25]}), "error in record 1 of the history is 0.4 there, 0.5 here"),
        (replace(OK, history={"error": [0.5]}), "error in record 2 of the history is missing there, 0.25 here"),
        (replace(OK, status="diverged", failure="inf"), "its status is diverged there, ok here"),
    ],
)
def test_two_results_of_one_trial_are_both_kept(tmp_path, monkeypatch, capsys, other, said):
    monkeypatch.chdir(tmp_path)
    make(RESULTS / "fake", OK, OK, environment=HERE)
    make(RESULTS / "b", OK, other, environment=THERE)
    message = (
        "results/b: 2 trials: 1 there already, 1 with another result\n"
        "results/b: 1 trial with another result than in results/fake, which keeps its own; the other is in the table "
        f"`rejected` of its trials.db; of the first, 0000000000000001, {said}; the machines differ: host two there, "
        "one here; instruction sets X86_V3 there, unknown here; numpy 2.4.6 there, 2.3.0 here\n"
        "2 trials stored in results/fake\n"
    )
    for _ in range(2):
        assert call(capsys, "merge", "results/b", "--no-figures", "--quiet") == (1, "", message)
        assert outcomes(RESULTS / "fake") == {f"{0:016}": OK, f"{1:016}": OK}
        ((id, run, folder, content),) = rejected(RESULTS / "fake")
        assert (id, run, folder) == (f"{1:016}", 2, "results/b")
        assert content == {
            "trainer": "silent", "version": "7", "params": trial(1, value=1).params_json, "status": other.status,
            "metrics": other.metrics, "diagnosis": other.diagnosis, "history": other.history, "failure": other.failure,
        }  # fmt: skip
    with Store.read(RESULTS / "fake/trials.db") as store:
        assert json.loads(store.runs()[1]["environment"]) == THERE
        assert store.verify() == 2


def test_processors_of_other_kinds_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    kernel = {"blas": [{"library": "openblas", "version": "1", "architecture": "Haswell"}]}
    make(RESULTS / "fake", OK, environment=HERE | {"simd": []})
    make(RESULTS / "b", replace(OK, metrics={"error": 1.0}), environment=HERE | kernel)
    err = call(capsys, "merge", "b", "--no-figures")[2]
    assert "different kinds" not in err, "what NumPy found is known of one, what BLAS chose of the other"
    make(RESULTS / "c", replace(OK, metrics={"error": 1.0}), environment=HERE | {"simd": ["X86_V3"]})
    err = call(capsys, "merge", "c", "--no-figures")[2]
    assert (
        "; they were trained on different kinds of processor, so that their last bits may differ; the machines differ: "
        "instruction sets X86_V3 there, none here\n"
    ) in err


def test_machines_of_one_kind_are_named_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(RESULTS / "fake", OK, environment=HERE)
    make(RESULTS / "b", replace(OK, metrics={"error": 1.0}), environment=HERE)
    err = call(capsys, "merge", "b", "--no-figures")[2]
    assert "; both were trained on machines and by packages of the same kind\n" in err


def test_a_trial_that_ended_takes_the_place_of_one_that_failed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(RESULTS / "fake", FAILED, OK, FAILED)
    make(RESULTS / "b", OK, FAILED, replace(FAILED, failure="ValueError: of b"))
    said = (
        "results/b: 3 trials: 1 in place of failures, 2 failed otherwise than there\n3 trials stored in results/fake\n"
    )
    assert call(capsys, "merge", "results/b", "--no-figures") == (0, said, "")
    assert outcomes(RESULTS / "fake") == {f"{0:016}": OK, f"{1:016}": OK, f"{2:016}": FAILED}
    found = [(id, run, folder, content["failure"]) for id, run, folder, content in rejected(RESULTS / "fake")]
    assert found == [
        (f"{0:016}", 1, "results/fake", FAILED.failure),
        (f"{1:016}", 2, "results/b", FAILED.failure),
        (f"{2:016}", 2, "results/b", "ValueError: of b"),
    ]
    assert dump_runs(RESULTS / "fake")[-1] == (0, 2)


def test_other_numbers_of_seconds_are_no_difference(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(RESULTS / "fake", OK)
    make(RESULTS / "b", replace(OK, seconds=7.0, diagnosis={}))
    said = "results/b: 1 trial: 1 there already\n1 trial stored in results/fake\n"
    assert call(capsys, "merge", "results/b", "--no-figures") == (0, said, "")
    assert outcomes(RESULTS / "fake") == {f"{0:016}": OK}


def test_what_trials_printed_comes_along(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(RESULTS / "b", OK, OK)
    with Store.open(RESULTS / "b/trials.db") as store:
        run = store.begin_run({}, "nnsweep again")
        store.write(run, TRAINER, [(trial(1, value=1), OK)], {f"{1:016}": "it said this\n"})
    nnsweep.merge(["b"], figures=False)
    with Store.read(RESULTS / "fake/trials.db") as store:
        assert (store.printed(f"{0:016}"), store.printed(f"{1:016}")) == ("", "it said this\n")


def test_a_damaged_folder_does_not_keep_others_from_being_merged(shards, capsys):
    path = Path(shards[1]) / "trials.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update trial set m1 = 7 where number = 8")
    code, out, err = call(capsys, "merge", *shards, "no-such-folder", "--no-figures")
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert lines[:2] == [
        "results/small-shard-1-of-3: 18 trials: 18 new",
        "results/small-shard-2-of-3: 0 trials",
    ]
    assert lines[2].startswith(f"not merged: {path}: trial ")
    assert lines[2].endswith(
        " is not as it was written (its digest does not match; 1 of 15 rows read); restore the file from a copy, or "
        "train again with --fresh"
    )
    assert lines[3:] == [
        "results/small-shard-3-of-3: 15 trials: 15 new",
        "no-such-folder: 0 trials",
        "not merged: no-such-folder: no trials are stored here",
        "warning: 33 of 48 trials are stored: run it again for the others",
        "33 trials stored in results/small",
    ]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_stores_of_earlier_versions(tmp_path, monkeypatch, capsys, version):
    monkeypatch.chdir(tmp_path)
    old = RESULTS / "old" / "trials.db"
    old.parent.mkdir(parents=True)
    shutil.copy(FILES / f"store_{version}.db", old)
    before = old.read_bytes()
    with Store.read(old) as store:
        there = store.outcomes(sorted(store.ids()))
    notice = "5 of 6 trials are stored: run it again for the others"
    if version == 1:  # which kept the sweep in another way
        notice = "results/joined: its only run was interrupted as it began; run the sweep again"
    said = f"results/old: 5 trials: 5 new\nwarning: {notice}\n5 trials stored in results/joined\n"
    assert call(capsys, "merge", "results/old", "-o", "joined", "--no-figures") == (0, said, "")
    found = outcomes(RESULTS / "joined")
    assert repr([found[id] for id in there]) == repr([*there.values()])
    assert old.read_bytes() == before


def test_folders_of_several_sweeps_need_a_name(grid, capsys):
    nnsweep.run(grid, figures=False)
    grid.write_text(SMALL.replace('"small"', '"other"').replace("count = 4", "count = 5"), encoding="utf-8")
    nnsweep.run(grid, "elsewhere", figures=False)
    said = (
        "Error: found several sweeps: `small` (results/small), `other` (elsewhere/other); allowed: folders of one "
        "sweep, or a target: -o NAME\n"
    )
    assert call(capsys, "merge", "small", "elsewhere/other") == (2, "", said)
    code, out, err = call(capsys, "merge", "small", "elsewhere/other", "-o", "third/both", "--no-figures")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "results/small: 48 trials: 48 new", "elsewhere/other: 60 trials: 12 new, 48 there already",
        "60 trials stored in third/both",
    ]  # fmt: skip
    assert len(nnsweep.open("third/both").trials) == 60


def test_a_folder_into_itself(shards, capsys):
    said = "Error: results/small-shard-1-of-3: it cannot be merged into itself; name other results folders\n"
    assert call(capsys, "merge", shards[0], "-o", "small-shard-1-of-3") == (2, "", said)
    assert call(capsys, "merge", "empty", "void") == (2, "", "Error: empty, void: no sweep is stored there\n")
    assert not (RESULTS / "small").exists()


def test_a_run_in_one_of_the_folders(shards, capsys):
    with lock(Path(shards[0])):
        assert call(capsys, "merge", *shards, "--no-figures")[1].splitlines()[:2] == [
            "results/small-shard-1-of-3: 18 trials: 18 new",
            "results/small-shard-1-of-3: a run is going on there; merge it again when that has ended",
        ]
    with lock(RESULTS / "small"):
        code, out, err = call(capsys, "merge", *shards, "--no-figures")
    assert (code, out) == (2, "")
    assert err.startswith("Error: results/small: process ")
    assert err.endswith(" is running a sweep here; wait for it or end it\n")


def test_a_forged_run_of_a_trial(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(RESULTS / "b", OK)
    with closing(sqlite3.connect(RESULTS / "b/trials.db")) as connection, connection:
        connection.execute("update trial set run = 7")
    said = "not merged: results/b/trials.db: trials that nnsweep did not write; train again with --fresh\n"
    assert said in call(capsys, "merge", "b", "--no-figures")[2]


def test_a_changed_result_that_was_rejected_is_missed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    make(RESULTS / "fake", OK)
    make(RESULTS / "b", replace(OK, metrics={"error": 1.0}))
    call(capsys, "merge", "b", "--no-figures")
    with closing(sqlite3.connect(RESULTS / "fake/trials.db")) as connection, connection:
        connection.execute("update rejected set content = replace(content, '1.0', '0.25')")
    code, out, _ = call(capsys, "ls", "--verify")
    assert code in (1, 2)
    assert (
        "results/fake/trials.db: a result that was not merged is not as it was written; restore the file from a copy, "
        "or train again with --fresh" in out
    )


def test_the_result_in_python_names_the_counts(shards):
    merged = nnsweep.merge([Path(shard) for shard in shards[:2]], figures=False)
    assert [(each.folder.root, each.read, each.new) for each in merged.joined] == [
        (Path(shards[0]), 18, 18), (Path(shards[1]), 15, 15),
    ]  # fmt: skip
    assert (merged.is_whole, merged.stored, merged.folder) == (True, 33, RESULTS / "small")


def kill_merges(kills: int, seed: int, signals: tuple[signal.Signals, ...], capsys) -> None:
    """Kill merges at any moment, until so many were killed; each is then merged to its end."""
    nnsweep.merge(SHARDS, "whole", figures=False)
    whole, chance, found = files(Path("whole/small")), random.Random(seed), Counter[str]()
    while found.total() < kills:
        running, how = Forked("merge", *SHARDS, "--no-figures"), chance.choice(signals)
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=chance.uniform(0.02, 0.4))
        if running.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(running.pid, how)
                found[how.name] += 1
        out, err = running.communicate(timeout=60)
        ended = f"{sum(TAKEN)} trials stored in results/small\n"
        interrupted = "Interrupted. What was merged is stored; run the same command to go on."
        assert (err.strip(), out[-len(ended) :]) in {(e, o) for e in ("", interrupted) for o in ("", ended)}, (out, err)
        if chance.random() < 0.5:
            continue
        assert call(capsys, "merge", *SHARDS, "--no-figures")[0] == 0
        made = files(RESULTS / "small")
        told_apart = {"env.json", "trials.db", "trials.db-count"}
        assert sorted(made) == sorted(whole)
        assert {name for name in whole if made[name] != whole[name]} <= told_apart
        assert outcomes(RESULTS / "small") == outcomes(Path("whole/small"))
        shutil.rmtree(RESULTS / "small")
    print(f"{kills} merges ended by signals at any moment: {dict(found)}; 0 rows lost or twice, 0 tracebacks")


@pytest.mark.parametrize("after", range(4))
def test_a_merge_is_interrupted(shards, monkeypatch, capsys, after):
    insert, calls = Store.insert, []

    def interrupted(*arguments: Any) -> None:
        calls.append(0)
        if len(calls) > after:
            raise KeyboardInterrupt
        insert(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "insert", interrupted)
        said = "Interrupted. What was merged is stored; run the same command to go on.\n"
        code, out, err = call(capsys, "merge", *shards, "--no-figures", "--quiet")
        assert (code, out, err.lstrip()) == ((130, "", said) if after < len(shards) else (0, "", ""))
    with Store.read(RESULTS / "small/trials.db") as store:
        assert store.verify() == sum(TAKEN[:after])
    assert call(capsys, "merge", *shards, "--no-figures", "--quiet") == (0, "", "")
    assert len(outcomes(RESULTS / "small")) == sum(TAKEN)


@pytest.mark.slow
def test_merges_are_killed_at_any_moment(shards, capsys):
    kill_merges(50, 2, (signal.SIGINT, signal.SIGTERM, signal.SIGKILL), capsys)


ROWS, BYTES, CACHES = 200_000, 150, 2 * 64
"""Trials of a large folder; bytes of memory that each may take, and the megabytes that SQLite keeps of two stores."""


@pytest.mark.slow
def test_a_merge_takes_no_more_memory_for_more_trials(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    took = {}
    for rows in (ROWS // 10, ROWS):
        with Store.open(tmp_path / f"{rows}" / "trials.db") as store:
            run = store.begin_run({}, "nnsweep")
            for start in range(0, rows, 10_000):
                seeds = [{"seed": seed} for seed in range(start, start + 10_000)]
                trials = [Trial(f"{each['seed']:016x}", {}, each, canonical_json(each)) for each in seeds]
                store.write(run, TRAINER, [(each, OK) for each in trials])
        done = Forked("merge", rows, "-o", f"{rows}-merged").done(300)
        assert done.out.startswith(f"{rows}: {rows:,} trials: {rows:,} new\n")
        took[rows] = done.megabytes
    print(f"merging: {took} MB at most")
    assert took[ROWS] - took[ROWS // 10] < CACHES + 0.9 * ROWS * BYTES / 1e6
