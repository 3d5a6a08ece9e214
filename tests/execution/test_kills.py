"""What is lost when the program or its workers are killed: nothing that was stored, and nobody is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from nnsweep.execution.dispatch import dispatch
from nnsweep.execution.plan import make_plan
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.trial import Trial
from tests.helpers import PROJECT, files, start, without_progress
from tests.helpers.fake_trainer import SLEEP, FakeParameters, FakeTrainer
from tests.helpers.forked import Forked
from tests.helpers.kills import GRID, TRIALS, rows, rows_of_copy, wait_until_gone
from tests.helpers.stacks import at, workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SEEDS = 4
KILLS = 25
"""For each seed: 100 in all."""
OF_WORKERS = 2
"""Workers that are killed in one run at most: with a third, a trial may rightly be `crashed`."""
WORKER_KILLS = 10
TRAINED_MEANWHILE = 20
"""Trials for each of these kills, so that the last one comes while some are trained."""

ANSWERED_WITHIN = 60.0
"""Seconds from a signal to the program's end; two where nothing else runs."""

Running = subprocess.Popen[str] | Forked
Run = Callable[..., Running]
"""Starts the program, as a user does or forked."""

INTERRUPTED = "Interrupted. What was trained is stored; run the same command to go on."


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setenv(SLEEP, "0")
    monkeypatch.chdir(tmp_path)
    Path("grid.toml").write_text(GRID, encoding="utf-8")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[dict[str, bytes], float]:
    """The files of a run that nothing ends, and how many seconds it took."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(PROJECT))
        patch.setenv(SLEEP, "0.01")
        patch.chdir(folder)
        Path("grid.toml").write_text(GRID, encoding="utf-8")
        Forked("--help").done(timeout=120)  # the first one waits for imports
        started = time.monotonic()
        assert run_to_the_end(Forked, folder, 2) == ""
        return files(folder / "killed"), time.monotonic() - started


def kill_at_random(
    tmp_path: Path, run: Run, kills: int, seed: int, undisturbed: tuple[dict[str, bytes], float]
) -> None:
    """Kill runs, and workers of runs, at any moment until their end, and run them again until they are whole."""
    whole, took = undisturbed
    chance, found = random.Random(seed), Counter[str]()
    while found["run"] + found["worker"] < kills:
        root = tmp_path / str(found["sweeps"]) / "killed"
        if not run_and_kill(run, root, chance, took, found):
            assert_same(files(root), whole)
            found["sweeps"] += 1
    root = tmp_path / str(found["sweeps"]) / "killed"
    run_to_the_end(run, root.parent, 2)
    assert_same(files(root), whole)
    page = (root / "report.html").read_bytes()
    assert run_to_the_end(run, root.parent, 2) == ""
    assert (root / "report.html").read_bytes() == page
    print(
        f"{found['run'] + found['worker']} kills: {found['run']} of runs, {found['drawing']} of them after the last "
        f"trial was stored, and {found['worker']} of workers; {found['sweeps'] + 1} sweeps are whole, 0 rows lost, "
        "0 tracebacks"
    )


def run_to_the_end(run: Run, results: Path, jobs: int) -> str:
    """Run the sweep; what it says on standard error."""
    out, err = run("grid.toml", "--trust", "--quiet", "--jobs", jobs, "--results", results).communicate(timeout=120)
    assert (out, "Traceback" in err) == ("", False), err
    return err


def ends_before_a_moment(running: Running, store: Path, chance: random.Random, took: float) -> bool:
    """Wait for some seconds, or until some more trials are stored; tell whether the run has ended before."""
    before = len(rows(store))
    wanted = chance.randrange(before, TRIALS) if before < TRIALS and chance.random() < 0.6 else None
    deadline = time.monotonic() + (60.0 if wanted is not None else chance.uniform(0.0, took))
    while time.monotonic() < deadline and (wanted is None or len(rows(store)) <= wanted):
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=0.01)
            return True
    return False


def run_and_kill(run: Run, root: Path, chance: random.Random, took: float, found: Counter[str]) -> bool:
    """Run the sweep, kill up to `OF_WORKERS` workers and perhaps the run; tell whether the run was killed."""
    running = run("grid.toml", "--trust", "--jobs", chance.choice([1, 2]), "--results", root.parent)
    for killed in range(OF_WORKERS + 1):
        if ends_before_a_moment(running, root / "trials.db", chance, took):
            break
        if killed < OF_WORKERS and chance.random() < 0.5 and (alive := workers(running.pid)):
            with suppress(ProcessLookupError):
                os.kill(int(chance.choice(alive)), signal.SIGKILL)
                found["worker"] += 1
            continue
        kept = rows(root / "trials.db")
        running.kill()
        assert "Traceback" not in running.communicate(timeout=60)[1]
        wait_until_gone(running.pid)
        assert kept <= rows_of_copy(root / "trials.db", Path("copy"))
        found["run"] += 1
        found["drawing"] += len(kept) == TRIALS
        return True
    out, err = running.communicate(timeout=120)
    assert (running.returncode, "Traceback" in err) == (0, False), err
    assert f"{TRIALS} trials: {TRIALS} ok" in out
    return False


def assert_same(found: dict[str, bytes], whole: dict[str, bytes]) -> None:
    """Compare a folder's files: no more and no fewer, and tables and figures byte for byte."""
    assert sorted(found) == sorted(whole)
    apart = {name for name in whole if found[name] != whole[name]}
    told = {"env.json", "report.html", "trials.db", "trials.db-count", "trials.db-last"}  # when and where it was
    assert apart <= told
    assert found["report.html"].rstrip().endswith(b"</html>")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_kills_of_the_run_and_of_workers_lose_nothing(monkeypatch, tmp_path, seed, undisturbed):
    monkeypatch.setenv(SLEEP, "0.01")
    chance = random.Random(seed)

    def run(*arguments: object) -> Running:
        """Fork most runs. One that is started as a user does draws in a process of its own, too."""
        return chance.choices((Forked, start), (4, 1))[0](*arguments)

    kill_at_random(tmp_path, run, KILLS, seed, undisturbed)


@pytest.mark.slow
def test_random_deaths_of_workers_lose_no_trial(monkeypatch):
    monkeypatch.setenv(SLEEP, "0.1")
    values = range(WORKER_KILLS * TRAINED_MEANWHILE)
    trials = [Trial(f"{value}", {}, FakeParameters(value=value, does="sleeps").model_dump(), "") for value in values]
    stacks = make_plan(trials, to_numbers(()), FakeTrainer(), jobs=2).stacks
    killed: list[int] = []
    ended = threading.Event()
    killer = threading.Thread(target=_kill_workers, args=(random.Random(5), killed, ended))
    killer.start()
    try:
        pairs = [pair for each in dispatch(FakeTrainer.name, stacks, at(2)) for pair in each.pairs]
    finally:
        ended.set()
        killer.join()
    assert len(killed) == WORKER_KILLS
    assert sorted(trial.id for trial, _ in pairs) == sorted(trial.id for trial in trials)
    assert {outcome.status for _, outcome in pairs} == {"ok"}
    assert {trial.id: outcome.metrics["square"] for trial, outcome in pairs} == {f"{v}": v**2 for v in values}
    assert workers() == []


def _kill_workers(chance: random.Random, killed: list[int], ended: threading.Event) -> None:
    while len(killed) < WORKER_KILLS and not ended.wait(chance.uniform(0.05, 0.9)):
        alive = workers()
        if alive:
            killed.append(int(chance.choice(alive)))
            os.kill(killed[-1], signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "jobs", "how"),
    [
        (start, 1, signal.SIGINT),
        (start, 2, signal.SIGTERM),
        (Forked, 2, signal.SIGINT),
        (Forked, 1, signal.SIGTERM),
        (Forked, 2, signal.SIGUSR1),
        (Forked, 1, signal.SIGUSR2),
        (Forked, 2, signal.SIGXCPU),
    ],
)
def test_an_interrupted_run_keeps_what_is_stored(monkeypatch, tmp_path, run, jobs, how):
    monkeypatch.setenv(SLEEP, "0.05")
    store = tmp_path / "results" / "killed" / "trials.db"
    running = run("grid.toml", "--trust", "--jobs", jobs)
    while len(kept := rows(store)) < 6:
        assert running.poll() is None
        time.sleep(0.01)
    assert interrupted(running, how) == INTERRUPTED
    assert kept <= rows(store)
    assert sorted(path.name for path in store.parent.glob("trials*")) == ["trials.db", "trials.db-count"]
    monkeypatch.setenv(SLEEP, "0")
    assert Forked("grid.toml", "--trust", "--no-figures").done(timeout=120).code == 0
    assert len(rows(store)) == TRIALS


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_drawing_is_gone_on_with(tmp_path, how):
    figures = tmp_path / "results" / "killed" / "figures"
    grid = ["grid.toml", "--set", "epochs=1,2", "--set", "does=a,b,c,d", "--set", "seed={count=3}"]
    running = start("--trust", *grid)
    while not list(figures.glob("*.png")):
        assert running.poll() is None
        time.sleep(0.01)
    assert interrupted(running, how) == INTERRUPTED
    drawn = len(list(figures.glob("*.png")))
    assert [path.name for path in figures.iterdir() if path.suffix != ".png" or path.name.startswith(".")] == []
    done = Forked("--trust", *grid).done(timeout=120)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("killed: nothing to train, 240 trials stored\n")
    assert len(list(figures.glob("*.png"))) > drawn


@pytest.mark.slow
def test_a_run_that_is_stopped_for_longer_than_its_limit_ends_well(monkeypatch, tmp_path):
    limit = 3.0
    monkeypatch.setenv(SLEEP, f"{limit / 6}")
    grid = ["grid.toml", "--set", "value=1", "--set", "shape=0", "--set", "seed={count=6}", "--no-figures"]
    running = start("--trust", *grid, "--jobs", "2", "--timeout", limit)
    while not rows(tmp_path / "results" / "killed" / "trials.db"):
        assert running.poll() is None
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(timeout=limit * 1.2)
    os.killpg(running.pid, signal.SIGCONT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    assert "6 trials: 6 ok; " in out


def interrupted(running: Running, how: signal.Signals) -> str:
    """Send a signal, which must end the program soon and leave no process; what it says besides its progress."""
    os.kill(running.pid, how)
    said = running.communicate(timeout=ANSWERED_WITHIN)[1]
    assert running.returncode == 130
    wait_until_gone(running.pid)
    return without_progress(said).strip()
