"""What is lost when a run of a large grid is killed at any moment, between blocks and within them: nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers import files
from tests.helpers.forked import Forked
from tests.helpers.kills import rows, rows_of_copy, wait_until_gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SEEDS, KILLS = 4, 25
"""100 kills in all."""
GRID = """
name = "large"

[fixed]
data = "xor"
split = "all"
hidden = 2
metrics = ["loss"]
output = "sigmoid"
loss = "squared_error"

[axes]
alpha = {{ logspace = [0.01, 10.0], num = {alphas} }}
epochs = {{ from = 1, to = 10 }}
seed = {{ count = 100 }}
"""
LARGE, SMALL = 100, 4
"""Alphas: 100,000 trials in two blocks, and 4,000 in one."""
AT_END = 0.6
"""The share of a run's time that reading, tables and the end take, at least."""
INTERRUPTED = "Interrupted. What was trained is stored; run the same command to go on."
OF_THE_RUN = {"env.json", "trials.db", "trials.db-count", "trials.db-last"}
"""Files that say when and where a sweep was run."""


def run_and_end(results: Path, moment: float | None, how: signal.Signals = signal.SIGKILL, here: bool = False) -> bool:
    """Run the sweep, by a worker or `here`, and end it after `moment` seconds; tell whether it was still running."""
    running = Forked("grid.toml", "--no-figures", *(["--jobs", 1] if here else []), "--results", results)
    store = results / "large" / "trials.db"
    try:
        running.wait(timeout=600 if moment is None else moment)
    except subprocess.TimeoutExpired:
        kept = rows(store)
        with suppress(ProcessLookupError):  # it may have ended while its rows were read
            os.kill(running.pid, how)
        done = running.done(timeout=60)
        wait_until_gone(running.pid)
        assert kept <= rows_of_copy(store, results / "copy")
        assert (done.code, "Traceback" in done.err) in [(-signal.SIGKILL, False), (130, False), (0, False)], done.err
        assert done.code != 130 or done.err.endswith(f"{INTERRUPTED}\n")
        return done.code != 0
    done = running.done(timeout=60)
    assert (done.code, "Traceback" in done.err) == (0, False), done.err
    return False


def end_at_random(tmp_path: Path, alphas: int, kills: int, seed: int) -> None:
    """Kill runs at any moment, one in four by Ctrl-C, and run them again until they are whole.

    Half of the runs of a large grid train by a worker.
    """
    Path("grid.toml").write_text(GRID.format(alphas=alphas), encoding="utf-8")
    Forked("--help").done(timeout=60)  # the first one waits for imports
    started = time.monotonic()
    assert not run_and_end(tmp_path / "whole", None)
    took, whole = time.monotonic() - started, files(tmp_path / "whole" / "large")
    ids = {id for id, _ in rows(tmp_path / "whole" / "large" / "trials.db")}
    assert len(ids) == 1000 * alphas
    chance, found = random.Random(seed), Counter[str]()
    while found["kills"] < kills:
        root = tmp_path / str(found["sweeps"])
        how = signal.SIGINT if chance.random() < 0.25 else signal.SIGKILL
        left = 1 - len(rows(root / "large" / "trials.db")) / len(ids)
        to_the_end = not left and chance.random() < 0.5  # so that not all kills come after the last trial was stored
        moment = None if to_the_end else took * chance.uniform(0.0, max(left, AT_END))
        if run_and_end(root, moment, how, here=chance.random() < 0.5):
            found["kills" if how is signal.SIGKILL else "interrupts"] += 1
            found["at the end"] += not left
        else:
            assert_whole(root, whole, ids)
            found["sweeps"] += 1
    root = tmp_path / str(found["sweeps"])
    assert not run_and_end(root, None)
    assert_whole(root, whole, ids)
    print(
        f"{found['kills']} kills and {found['interrupts']} interrupts of a grid of {len(ids):,} trials, "
        f"{found['at the end']} of them after its last trial was stored; {found['sweeps'] + 1} sweeps are whole, "
        "0 rows lost, 0 tracebacks"
    )


def assert_whole(root: Path, whole: dict[str, bytes], ids: set[int]) -> None:
    """Compare a folder with that of a run that nothing ended: tables byte for byte, and the trials of its store."""
    found = files(root / "large")
    assert sorted(found) == sorted(whole)
    assert {name for name in whole if found[name] != whole[name]} <= OF_THE_RUN
    assert {id for id, _ in rows(root / "large" / "trials.db")} == ids


@pytest.fixture(autouse=True)
def beside(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_kills_of_a_small_grid_lose_nothing(tmp_path):
    end_at_random(tmp_path, SMALL, 2, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_kills_of_a_large_grid_lose_nothing(tmp_path, seed):
    end_at_random(tmp_path, LARGE, KILLS, seed)
