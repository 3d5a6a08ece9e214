"""Faults on a Dask cluster of real processes: nothing is lost, and nothing is counted twice."""

from __future__ import annotations

import importlib.metadata
import json
import os
import random
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from nnsweep.execution.dispatch import dispatch_to_cluster
from nnsweep.execution.plan import make_plan
from nnsweep.trainers.protocol import Outcome
from nnsweep.trials.ids import to_numbers
from nnsweep.trials.trial import Trial
from tests.helpers import PROJECT, files
from tests.helpers.dask_cluster import DaskCluster, end, of_nanny, trainees, wait_for
from tests.helpers.fake_trainer import SLEEP, FakeParameters, FakeTrainer
from tests.helpers.forked import Forked
from tests.helpers.kills import GRID, TRIALS
from tests.helpers.proxy import Proxy
from tests.helpers.stacks import outcomes_of, stack, stacks_of, trial

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

KILLS = 10
CRASHED = Outcome("crashed", failure="the worker that trained it died 3 times, the last time with this trial alone")
LOST = "Error: the connection to Dask's scheduler is lost; what was trained is stored; run the same command to go on"


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setenv(SLEEP, "0.02")
    monkeypatch.chdir(tmp_path)
    Path("grid.toml").write_text(GRID, encoding="utf-8")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A cluster with two workers, for tests that leave it as it was."""
    with DaskCluster(tmp_path_factory.mktemp("dask"), **{SLEEP: "0.02"}) as cluster:
        cluster.add("--nworkers", "1")
        cluster.add("--nworkers", "1")
        cluster.wait_for_workers(2)
        yield cluster


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Another cluster, which has no workers yet."""
    with DaskCluster(tmp_path_factory.mktemp("scheduler")) as cluster:
        yield cluster


@pytest.fixture
def empty(scheduler):
    """That cluster, for tests that bring their own workers."""
    yield scheduler
    scheduler.remove_workers()


def outcomes(cluster, stacks, timeout=None):
    return outcomes_of(dispatch_to_cluster(FakeTrainer.name, stacks, str(cluster.file), timeout), stacks)


def arguments(cluster, results):
    return "grid.toml", "--trust", "--no-figures", "--scheduler", cluster.file, "--results", results


def tables(results):
    return {name: text for name, text in files(Path(results)).items() if name.endswith(".csv")}


def program(*words, cwd=None):
    """Call the program, on a machine that is busy."""
    return Forked(*words, cwd=cwd).done(timeout=240)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The tables of one process."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "grid.toml").write_text(GRID, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(PROJECT))
        patch.setenv(SLEEP, "0")
        done = program("grid.toml", "--trust", "--no-figures", "--jobs", "1", "--results", "alone", cwd=folder)
    assert done.code == 0, done.err
    return tables(folder / "alone")


def test_a_killer_is_found_and_nobody_else_is_blamed(shared):
    found = outcomes(shared, stacks_of("well", "well", "dies", "well"))
    assert found.pop("6") == CRASHED
    assert {outcome.status for outcome in found.values()} == {"ok"}
    assert len(shared.client.nthreads()) == 2


def test_a_trial_that_hangs_ends_as_timeout(shared):
    found = outcomes(shared, [stack(trial(1, "hangs"), trial(2)), stack(trial(3))], timeout=1.5)
    assert found["1"].status == "timeout"
    assert (found["2"].status, found["3"].status) == ("ok", "ok")


def test_workers_that_are_killed_lose_no_trial(shared):
    trials = [Trial(f"{v}", {}, FakeParameters(value=v, does="sleeps").model_dump(), "") for v in range(60 * KILLS)]
    stacks = make_plan(trials, to_numbers(()), FakeTrainer(), jobs=2).stacks
    killed, ended, chance = list[int](), threading.Event(), random.Random(5)

    def kill() -> None:
        while len(killed) < KILLS and not ended.wait(chance.uniform(0.2, 1.5)):
            if alive := of_nanny(chance.choice(shared.workers)):
                with suppress(ProcessLookupError):
                    os.kill(alive[0], signal.SIGKILL)
                    killed.append(alive[0])

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        found = outcomes(shared, stacks)
    finally:
        ended.set()
        killer.join()
    print(f"{len(killed)} kills of workers, 0 trials lost, 0 twice")
    assert len(killed) == KILLS
    assert {outcome.status for outcome in found.values()} == {"ok"}
    assert {id: outcome.metrics["square"] for id, outcome in found.items()} == {f"{v}": v**2 for v in range(60 * KILLS)}


def test_clients_that_are_killed_lose_nothing(shared, alone):
    chance, kills, sweeps = random.Random(7), 0, 0
    began = time.monotonic()
    assert program(*arguments(shared, "whole")).code == 0
    took = time.monotonic() - began
    while kills < KILLS:
        running = Forked(*arguments(shared, f"{sweeps}"))
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=chance.uniform(0.1, took))
        running.kill()
        assert "Traceback" not in running.communicate(timeout=60)[1]
        kills += running.returncode == -signal.SIGKILL
        if running.returncode == 0:
            assert tables(f"{sweeps}") == alone
            sweeps += 1
    done = program(*arguments(shared, f"{sweeps}"))
    assert done.code == 0, done.err
    assert f"{TRIALS} trials: {TRIALS} ok" in done.out
    assert tables(f"{sweeps}") == alone
    print(f"{kills} kills of clients, {sweeps + 1} sweeps are whole, 0 rows lost, 0 twice")


def test_processes_of_a_killed_client_end(shared, monkeypatch):
    Path("grid.toml").write_text(GRID.replace("sleeps", "hangs"), encoding="utf-8")
    running = Forked(*arguments(shared, "hanging"))

    def training() -> list[int]:
        return [child for nanny in shared.workers for child in trainees(nanny)]

    wait_for(training)
    running.kill()
    running.communicate(timeout=60)
    wait_for(lambda: not training())


def test_a_scheduler_that_is_killed_ends_the_run_and_the_same_command_goes_on(tmp_path, alone):
    with DaskCluster(tmp_path, **{SLEEP: "0.02"}) as cluster:
        cluster.add()
        cluster.wait_for_workers(1)
        running = Forked(*arguments(cluster, "results"))
        wait_for(lambda: stored("results") > 5)
        end(cluster.scheduler)
        out, err = running.communicate(timeout=60)
        kept = stored("results")
        assert (running.returncode, out) == (2, "")
        assert err.splitlines()[-1] == LOST
        assert "Traceback" not in err
        end(cluster.workers[0])
        cluster.restart()
        cluster.add()
        done = program(*arguments(cluster, "results"))
        assert done.code == 0, done.err
        assert f"{TRIALS - kept} trials trained" in done.out
        assert tables("results") == alone


def test_a_network_that_is_cut_ends_the_run_and_the_same_command_goes_on(shared, alone):
    host, port = shared.address.removeprefix("tcp://").split(":")
    proxy = Proxy(host, int(port))
    place = "grid.toml", "--trust", "--no-figures", "--results", "results", "--scheduler"
    running = Forked(*place, f"tcp://127.0.0.1:{proxy.port}")
    wait_for(lambda: stored("results") > 5)
    proxy.close()
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (2, "")
    assert err.splitlines()[-1] == LOST
    assert "Traceback" not in err
    done = program(*place, shared.address)
    assert done.code == 0, done.err
    assert tables("results") == alone


def test_workers_may_come_and_go(empty, alone):
    first = empty.add(**{SLEEP: "0.5"})  # alone, it would take longer than the second one to start
    empty.wait_for_workers(1)
    running = Forked(*arguments(empty, "results"))
    wait_for(lambda: stored("results") > 5)
    empty.add(**{SLEEP: "0.02"})
    empty.wait_for_workers(2)
    (address,) = [each for each, pid in empty.client.run(os.getppid).items() if pid == first.pid]
    empty.client.retire_workers([address])
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert f"{TRIALS} trials: {TRIALS} ok" in out
    assert "Dask: 1 worker came, " in err
    assert ", 1 left; there are 1\n" in err
    assert tables("results") == alone


def test_a_trial_that_kills_workers_of_dask_is_found(tmp_path):
    """With `allowed-failures` at 0, Dask gives a task up when one worker has died of it."""
    with DaskCluster(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as cluster:
        cluster.add()
        cluster.wait_for_workers(1)
        found = outcomes(cluster, [stack(trial(1), trial(2, "kills its parent"))])
        assert found == {"1": found["1"], "2": CRASHED}
        assert found["1"].status == "ok"


MODULE = """
def train(alpha=0.1, seed=0):
    print("alpha", alpha)
    return {"loss": alpha * seed}
"""
OWN = """
name = "own"
trainer = "mine.py:train"
[axes]
alpha = [0.5, 0.25]
seed = { count = 3 }
"""
DATA = """
name = "data"
[fixed]
data = { csv = "rows.csv", target = "kind" }
epochs = 2
[axes]
hidden = [2, 3]
seed = { count = 2 }
"""


@pytest.fixture
def own(tmp_path):
    """A folder with a trainer and data."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "mine.py").write_text(MODULE, encoding="utf-8")
    (folder / "own.toml").write_text(OWN, encoding="utf-8")
    (folder / "data.toml").write_text(DATA, encoding="utf-8")
    rows = "".join(f"{row},{row % 3},{'xy'[row % 2]}\n" for row in range(20))
    (folder / "rows.csv").write_text(f"a,b,kind\n{rows}", encoding="utf-8")
    return folder


def run(cluster, folder, name, *more):
    return program(name, "--no-figures", "--scheduler", cluster.file, *more, cwd=folder)


def hidden(folder):
    """Show a worker an empty folder where the files are, as on a machine that shares no disk."""
    return "unshare", "--map-root-user", "--mount", "sh", "-c", f"mount -t tmpfs none '{folder}' && exec \"$@\"", "sh"


def test_a_worker_without_the_files_gets_them(empty, own):
    if subprocess.run([*hidden(own), "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody hide a folder")
    empty.add(before=hidden(own))
    empty.wait_for_workers(1)
    done = run(empty, own, "own.toml")
    assert (done.code, "6 trials: 6 ok" in done.out) == (0, True), done.err
    assert done.err.count(" | alpha 0.5\n") == 3  # what a trial prints is printed here
    assert run(empty, own, "data.toml").code == 0
    here = program("data.toml", "--no-figures", "--results", "here", cwd=own)
    assert here.code == 0
    assert tables(own / "results")["data/tables/trials.csv"] == tables(own / "here")["data/tables/trials.csv"]
    assert not list(empty.scratch.rglob("mine.py"))


SCRIPT = """
import locket
import nnsweep.compat.wandb as wandb
from beside import FACTOR

run = wandb.init(config={"alpha": 0.1, "epochs": 3})
weight = FACTOR + wandb.config.seed
for epoch in range(wandb.config.epochs):
    weight *= 1 - wandb.config.alpha
    wandb.log({"loss": weight})
with open("net.txt", "w") as file:
    file.write(str(weight))
wandb.save("net.txt")
run.finish()
"""


def test_a_script_is_trained_where_its_files_are_not_and_versions_are_those_of_the_worker(empty, tmp_path, own):
    if subprocess.run([*hidden(own), "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody hide a folder")
    (own / "script.py").write_text(SCRIPT, encoding="utf-8")
    (own / "beside.py").write_text("FACTOR = 2.0\n", encoding="utf-8")
    (own / "script.toml").write_text(OWN.replace("mine.py:train", "script.py"), encoding="utf-8")
    false = tmp_path / "false" / "locket-0.1.dist-info"
    false.mkdir(parents=True)
    (false / "METADATA").write_text("Metadata-Version: 2.1\nName: locket\nVersion: 0.1\n", encoding="utf-8")
    empty.add(before=hidden(own), PYTHONPATH=os.pathsep.join([str(false.parent), str(PROJECT)]))
    empty.wait_for_workers(1)
    done = run(empty, own, "script.toml")
    assert (done.code, "6 trials: 6 ok" in done.out) == (0, True), done.err
    here = program("script.toml", "--no-figures", "--results", "here", cwd=own)
    assert here.code == 0, here.err
    assert tables(own / "results") == tables(own / "here")
    packages = [json.loads((own / each / "own/env.json").read_text())["packages"] for each in ("results", "here")]
    assert [found["locket"] for found in packages] == ["0.1", importlib.metadata.version("locket")]
    listed = [program("artifacts", "own", "--results", each, cwd=own).out for each in ("results", "here")]
    assert listed[0] == listed[1]
    assert listed[0].count("net.txt") == 6


def other(folder, where, name, content):
    """Show a worker another content of a file."""
    (where / name).write_text(content, encoding="utf-8")
    return (
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        (f"mount --bind '{where / name}' '{folder / name}' && exec \"$@\""),
        "sh",
    )


@pytest.mark.parametrize(
    ("grid", "name", "content", "said"),
    [
        (
            "own.toml",
            "mine.py",
            MODULE.replace("alpha * seed", "alpha"),
            "trainer `mine.py:train`: its source is not that of the run; copy it there, or run again if it was edited",
        ),
        (
            "data.toml",
            "rows.csv",
            "a,b,kind\n1,2,x\n2,3,y\n",
            "a worker finds other data than the run began with: their file was edited, or their function makes others "
            "in each process, as with `hash()` or without its seed; nothing was stored of them; run again",
        ),
    ],
    ids=["source", "data"],
)
def test_a_worker_with_another_file_ends_the_run(empty, tmp_path, own, grid, name, content, said):
    before = other(own, tmp_path, name, content)
    if subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody replace a file")
    empty.add("--name", "node", before=before)
    empty.wait_for_workers(1)
    done = run(empty, own, grid)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == f"Error: worker node: {said}"


def test_a_worker_with_another_version_ends_the_run(empty, tmp_path):
    false = tmp_path / "false" / "numpy-1.0.dist-info"
    false.mkdir(parents=True)
    (false / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n", encoding="utf-8")
    empty.add(PYTHONPATH=os.pathsep.join([str(false.parent), str(PROJECT)]))
    empty.wait_for_workers(1)
    (address,) = empty.client.nthreads()
    done = program(*arguments(empty, "results"))
    needed = importlib.metadata.version("numpy")
    said = f"it has numpy 1.0, and this run {needed}; install the same version"
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == f"Error: worker {address}: {said}"


def test_a_worker_without_this_package_ends_the_run(empty, tmp_path):
    false = tmp_path / "false" / "nnsweep"
    false.mkdir(parents=True)
    (false / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'nnsweep'\")", encoding="utf-8")
    empty.add(PYTHONPATH=str(false.parent))
    empty.wait_for_workers(1)
    (address,) = empty.client.nthreads()
    done = program(*arguments(empty, "results"))
    needed = importlib.metadata.version("nnsweep")
    said = f"it cannot run nnsweep {needed} (Exception: ModuleNotFoundError(\"No module named 'nnsweep'\"))"
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == f"Error: worker {address}: {said}; install this version there"


def test_a_scheduler_without_this_package_ends_the_run(tmp_path):
    false = tmp_path / "false" / "nnsweep"
    false.mkdir(parents=True)
    (false / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'nnsweep'\")", encoding="utf-8")
    with DaskCluster(tmp_path, PYTHONPATH=str(false.parent)) as cluster:
        cluster.environment["PYTHONPATH"] = str(PROJECT)
        cluster.add()
        cluster.wait_for_workers(1)
        done = program(*arguments(cluster, "results"))
        assert (done.code, done.out) == (2, "")
        last = done.err.splitlines()[-1]
        assert last.startswith("Error: Dask cannot have a stack trained (RuntimeError: Error during deserialization")
        assert last.endswith(f"; the scheduler needs nnsweep {importlib.metadata.version('nnsweep')}, too")


def commands():
    """Give what the page says of Dask, but for what it installs."""
    page = (PROJECT / "docs" / "cluster.md").read_text(encoding="utf-8").partition("\n## Dask\n")[2]
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.partition("\n## ")[0], re.M | re.S)
    return [block.splitlines() for block in blocks if not block.startswith("pip install 'nnsweep[dask]'")]


@pytest.mark.parametrize("lines", commands(), ids=lambda lines: lines[-1])
def test_the_page_can_be_followed(tmp_path, lines):
    """Each command that starts a part of the cluster stays, the last one runs to its end."""
    (tmp_path / "sweeps").symlink_to(PROJECT / "sweeps")
    host = "127.0.0.1"
    port = f"{free_port()}"
    started = []
    try:
        for line in lines:
            program, *words = shlex.split(line.replace("HOST", host).replace("8786", port))
            command = [sys.executable, "-m", {"dask": "dask", "nnsweep": "nnsweep"}[program], *words]
            with (tmp_path / "log").open("ab") as log:
                begin = {"stdout": log, "stderr": log, "cwd": tmp_path, "start_new_session": True}
                started.append(subprocess.Popen([*command, *["--no-figures"] * (program == "nnsweep")], **begin))
            if words[:2] == ["scheduler", "--scheduler-file"]:
                wait_for((tmp_path / words[2]).exists)
        assert started[-1].wait(timeout=120) == 0, (tmp_path / "log").read_text(encoding="utf-8")
    finally:
        for process in started:
            end(process)
    assert "8,400 trials: 8,400 ok" in (tmp_path / "log").read_text(encoding="utf-8")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def stored(results) -> int:
    """Count the trials that a run has stored."""
    store = Path(results) / "killed" / "trials.db"
    try:
        with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("select count(*) from trial").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
