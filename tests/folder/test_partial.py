"""What is stored of a run that goes on, or was interrupted, can be read."""

import signal
from pathlib import Path

import pytest

import nnsweep
from nnsweep.store import Store
from tests.helpers import call, start

TRAINER = """
from pathlib import Path
import time


def train(alpha=0.1, seed=0):
    if seed == 3:
        Path(f"waiting-{alpha}").touch()
        while not Path("go").exists():
            time.sleep(0.01)
    time.sleep(0.11)  # longer than what a kill may cost: it is stored as soon as it ends
    return {"error": alpha + seed}
"""
GRID = """
name = "slow"
trainer = "slow_trainer:train"
[axes]
alpha = [0.1, 0.2]
seed = { count = 5 }
[success]
metric = "error"
below = 2.0
"""
VERBS = [
    ["best", "slow"], ["export", "slow"], ["diagnose", "slow", "--no-figures"], ["figure", "rates", "slow"],
    ["show", "slow", "seed=0"], ["best", "grid.toml"],
]  # fmt: skip


@pytest.fixture
def running(tmp_path, module):
    """Start a run of 10 trials of which 3 are stored and the fourth waits; yield its process."""
    module(TRAINER, "slow_trainer.py")
    (tmp_path / "grid.toml").write_text(GRID, encoding="utf-8")
    process = start("grid.toml", "--jobs", "1", "--no-figures", cwd=tmp_path)
    while not stored():
        assert process.poll() is None, process.communicate()
    yield process
    process.kill()
    process.communicate()


def stored():
    """Count the trials that are stored, once the fourth is waiting."""
    if not Path("waiting-0.1").exists():
        return 0
    with Store.read(Path("results/slow/trials.db")) as store:
        return len(store.ids())


def test_a_run_that_goes_on_and_was_interrupted(running, capsys):
    told = f"warning: {stored()} of 10 trials are stored: a run is going on\n"
    for verb in VERBS:
        code, out, err = call(capsys, *verb)
        assert (code, err, bool(out)) == (0, told if verb[0] != "show" else err, True), verb
    assert call(capsys, "ls")[1].rstrip().endswith("UTC, running")
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=60)[1].endswith("run the same command to go on.\n")
    told = f"warning: {stored()} of 10 trials are stored: run it again for the others\n"
    for verb in VERBS:
        code, out, err = call(capsys, *verb)
        assert (code, err, bool(out)) == (0, told if verb[0] != "show" else err, True), verb
    found = nnsweep.open("slow")
    assert str(found).splitlines()[:2] == [told.rstrip(), f"slow: {stored()} trials stored"]
    assert found.trials["status"].tolist().count("missing") == 10 - stored()
