"""A sweep on Slurm: what is submitted, and on a real cluster of one machine what comes of it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import nnsweep
from nnsweep.store import Store
from tests.helpers import PROJECT, SMALL, call, files
from tests.helpers.fake_trainer import SLEEP, FakeTrainer
from tests.helpers.slurm import Slurm, is_installed

PYTHON = shlex.quote(sys.executable)
TRAIN = f"""#!/bin/bash
#SBATCH --job-name=small
#SBATCH --output={{folder}}/results/small/slurm/shard-%a.out
#SBATCH --open-mode=append
#SBATCH --chdir={{folder}}
#SBATCH --array=1-3
#SBATCH --requeue
#SBATCH --partition=main
#SBATCH --time=10
#SBATCH --account=me
#SBATCH --mem=4G
#SBATCH "--comment=a \\"b\\" \\$c"
#SBATCH --cpus-per-task=2
exec {PYTHON} -m nnsweep run grid.toml --timeout 60 --set alpha=0.01,0.05 --shard $SLURM_ARRAY_TASK_ID/3
"""
MERGE = f"""#!/bin/bash
#SBATCH --job-name=small-merge
#SBATCH --output={{folder}}/results/small/slurm/merge.out
#SBATCH --open-mode=append
#SBATCH --chdir={{folder}}
#SBATCH --partition=main
#SBATCH --time=10
#SBATCH --account=me
#SBATCH --mem=4G
#SBATCH "--comment=a \\"b\\" \\$c"
exec {PYTHON} -m nnsweep merge results/small-shard-{{{{1..3}}}}-of-3 --output small --results results
"""
SUBMIT = ("submit", "grid.toml", "--slurm")
OPTIONS = (
    *("--jobs", "3", "--partition", "main", "--time", "10", "--account", "me", "--cpus-per-task", "2"),
    *("--timeout", "60", "--set", "alpha=0.01,0.05", "--", "--mem=4G", '--comment=a "b" $c'),
)


def test_a_dry_run_prints_the_scripts(grid, capsys):
    scripts = f"{TRAIN}\n{MERGE}".format(folder=grid.parent)
    assert call(capsys, *SUBMIT, "--dry-run", *OPTIONS) == (0, scripts, "")
    assert not Path("results").exists()


def test_no_more_shards_than_trainings(grid, capsys):
    out = call(capsys, *SUBMIT, "--jobs", "100", "--dry-run")[1]
    assert "#SBATCH --array=1-16\n" in out
    assert " --shard $SLURM_ARRAY_TASK_ID/16\n" in out
    out = call(capsys, *SUBMIT, "--jobs", "1", "--dry-run")[1]
    assert " merge results/small-shard-1-of-1 --output small " in out


def test_nothing_is_submitted_where_nothing_is_missing(grid, capsys):
    nnsweep.run(grid, figures=False)
    assert call(capsys, *SUBMIT) == (0, "small: nothing to train, 48 trials stored\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["submit", "grid.toml"], "to which scheduler? allowed: --slurm"),
        ([*SUBMIT, "--", "--comment=a\nb"], "'--comment=a\\nb': no option of sbatch; allowed: printable characters"),
        ([*SUBMIT, "--jobs", "0"], "Invalid value for '-j' / '--jobs': 0 is not in the range x>=1."),
    ],
)
def test_wrong_options(grid, capsys, arguments, said):
    code, out, err = call(capsys, *arguments)
    assert (code, out, err.splitlines()[-1]) == (2, "", f"Error: {said}")


@pytest.fixture
def sbatch(grid, monkeypatch):
    """Write a program of that name."""
    folder = grid.parent / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def write(text: str) -> None:
        (folder / "sbatch").write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (folder / "sbatch").chmod(0o755)

    return write


def test_the_scripts_are_submitted_one_after_the_other(grid, sbatch, capsys):
    sbatch('echo "$@" >> calls; echo "$(wc -l < calls)7;cluster"')
    out = (
        "small: 48 trials to train: array 17 trains 3 shards, then job 27 merges into results/small\n"
        "to watch: squeue --job=17,27; what they print is in results/small/slurm\n"
    )
    assert call(capsys, *SUBMIT, *OPTIONS) == (0, out, "")
    folder = grid.parent / "results/small/slurm"
    said = f"--parsable {folder}/train.sh\n--parsable --dependency=afterany:17 {folder}/merge.sh\n"
    assert Path("calls").read_text(encoding="utf-8") == said
    for name, text in (("train", TRAIN), ("merge", MERGE)):
        assert (folder / f"{name}.sh").read_text(encoding="utf-8") == text.format(folder=grid.parent)


def test_slurm_refuses(sbatch, capsys):
    sbatch('echo "sbatch: error: invalid partition: x" >&2; echo "sbatch: error: Batch job failed" >&2; exit 1')
    said = "Error: sbatch: error: invalid partition: x; error: Batch job failed; nothing was submitted\n"
    assert call(capsys, *SUBMIT) == (2, "", said)
    sbatch("exit 3")
    assert call(capsys, *SUBMIT) == (2, "", "Error: sbatch: exit code 3; nothing was submitted\n")
    sbatch('case "$2" in --dependency*) echo "no more jobs" >&2; exit 1;; esac; echo 12')
    said = (
        "Error: sbatch: no more jobs; array 12 is submitted; merge its shards when it has ended: "
        "sbatch results/small/slurm/merge.sh\n"
    )
    assert call(capsys, *SUBMIT) == (2, "", said)


def test_slurm_is_not_here(grid, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(grid.parent))
    said = "sbatch is not installed here; submit from a login node of the cluster, or print the scripts: --dry-run"
    assert call(capsys, *SUBMIT) == (2, "", f"Error: {said}\n")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Slurm]:
    if not is_installed():
        pytest.skip("Slurm is not installed: apt-get install slurmctld slurmd slurm-client munge")
    found = Slurm()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture
def slurm(cluster, monkeypatch, tmp_path) -> Slurm:
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "a folder"  # with a space
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("grid.toml").write_text(SMALL, encoding="utf-8")
    return cluster


def said(name: str = "*") -> str:
    """What the jobs of a sweep printed, or those of all sweeps."""
    files = sorted(Path("results").glob(f"{name}/slurm/*.out"))
    return "\n".join(f"{path}: {path.read_text('utf-8')}" for path in files)


def numbers(out: str) -> tuple[str, str]:
    words = out.split()
    return words[words.index("array") + 1], words[words.index("job") + 1]


@pytest.mark.slow
def test_a_sweep_on_slurm_makes_the_folder_of_one_run(slurm, capsys):
    assert call(capsys, "grid.toml", "--results", "whole", "--quiet") == (0, "", "")
    code, out, err = call(capsys, *SUBMIT, "--jobs", "3", "--", "--comment=a b")
    assert (code, err) == (0, "")
    array, merge = numbers(out)
    states = slurm.wait_for_all()
    found = {number: state for number, state in states.items() if number.split("_")[0] in (array, merge)}
    assert found == {**{f"{array}_{task}": "COMPLETED" for task in (1, 2, 3)}, merge: "COMPLETED"}, said()
    made, whole = files(Path("results/small")), files(Path("whole/small"))
    told_apart = {"env.json", "report.html", "trials.db", "trials.db-count", "trials.db-last"}  # when and where
    assert {name for name in whole if made.get(name) != whole[name]} <= told_apart
    assert {name for name in made if name not in whole} == {
        f"slurm/{name}" for name in ("train.sh", "merge.sh", "merge.out", *(f"shard-{task}.out" for task in (1, 2, 3)))
    }
    assert call(capsys, *SUBMIT)[1] == "small: nothing to train, 48 trials stored\n"


@pytest.mark.slow
def test_the_job_decides_the_number_of_workers(slurm):
    count = f"{PYTHON} -c 'from nnsweep.execution.cpus import available_cpus as f; print(f())'"
    Path("job.sh").write_text(f"#!/bin/sh\nexec {count}\n", encoding="utf-8")
    for cpus in (1, 2):
        asked = [] if cpus == 1 else [f"--cpus-per-task={cpus}"]
        slurm.ask("sbatch", f"--output=out-{cpus}", *asked, "job.sh")
    slurm.wait_for_all()
    assert [Path(f"out-{cpus}").read_text(encoding="utf-8") for cpus in (1, 2)] == ["1\n", "2\n"]


LONG = f"""
name = "long"
trainer = "{FakeTrainer.name}"
[fixed]
does = "sleeps"
[axes]
value = {{ from = 1, to = 5 }}
seed = {{ count = 40 }}
[success]
metric = "square"
below = 10
"""
"""200 trials in 67 stacks of three."""


def shard(name: str) -> str:
    return f"results/{name}-shard-1-of-1"


def stored(folder: str) -> int:
    try:
        with Store.read(Path(folder) / "trials.db") as store:
            return store.verify()
    except nnsweep.StoreError:
        return -1


PATIENCE = 360.0
"""Seconds for jobs, and for programs, on a machine that is slow and busy."""


def wait(slurm: Slurm, reached: Callable[[], object]) -> None:
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < PATIENCE, (slurm.states(), said(), slurm.logs())
        time.sleep(0.1)


CUT_OFF = {"limit": "", "term": "TERM", "usr1": "USR1", "kill": "KILL"}
"""Sweeps, and the signals that cut their jobs off; none where it is the time limit."""


@pytest.mark.slow
def test_jobs_that_are_cut_off_store_what_they_have_and_the_next_go_on(slurm, monkeypatch, capsys):
    """All of them at once, so that the test waits once."""

    def submit(name: str) -> str:
        options = ("--slurm", "--jobs", "1", "--trust", "--time", "2")
        return numbers(call(capsys, "submit", f"{name}.toml", *options)[1])[0]

    monkeypatch.setenv(SLEEP, "0.5")
    for number, name in enumerate(CUT_OFF):  # each with trials of its own: none is copied from another folder
        own = LONG.replace('"long"', f'"{name}"').replace("count = 40", f"count = 40, start = {40 * number}")
        Path(f"{name}.toml").write_text(own, encoding="utf-8")
    arrays = {name: submit(name) for name in CUT_OFF}
    for name, how in CUT_OFF.items():
        wait(slurm, lambda name=name: stored(shard(name)) >= 6)
        if how:
            slurm.ask("scancel", f"--signal={how}", "--full", arrays[name])
        else:
            slurm.ask("scontrol", "update", f"JobId={arrays[name]}", "EndTime=now")
    states = slurm.wait_for_all()
    for name, how in CUT_OFF.items():
        kept = stored(shard(name))
        assert 6 <= kept < 200, (states, said(name))
        if how != "KILL":
            assert "Interrupted. What was trained is stored; run the same command to go on." in said(name)
        assert f"{kept} trials stored in results/{name}" in said(name)
    monkeypatch.setenv(SLEEP, "0")
    for name in CUT_OFF:
        submit(name)
    slurm.wait_for_all()
    for name in CUT_OFF:
        assert (stored(shard(name)), stored(f"results/{name}")) == (200, 200), said(name)


@pytest.mark.slow
def test_a_job_that_is_requeued_goes_on_by_itself(slurm, monkeypatch, capsys):
    monkeypatch.setenv(SLEEP, "0.05")
    Path("grid.toml").write_text(LONG, encoding="utf-8")
    array, _ = numbers(call(capsys, *SUBMIT, "--jobs", "1", "--trust")[1])
    wait(slurm, lambda: stored(shard("long")) >= 6)
    slurm.ask("scontrol", "requeue", array)
    states = slurm.wait_for_all()
    assert set(states.values()) >= {"COMPLETED"}, (states, said())
    assert (stored(shard("long")), stored("results/long")) == (200, 200), said()
    with Store.read(Path(shard("long")) / "trials.db") as store:
        assert [run["ended"] is not None for run in store.runs()] == [True, True]
        assert sum(run["trials"] for run in store.runs()) == 200


def commands(section: str) -> list[str]:
    """The commands of a section of the page on clusters."""
    page = (PROJECT / "docs" / "cluster.md").read_text(encoding="utf-8").partition(f"\n## {section}\n")[2]
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.partition("\n## ")[0], re.M | re.S)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.slow
def test_the_page_can_be_followed_from_a_laptop_to_servers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("sweeps").symlink_to(PROJECT / "sweeps")
    for section in ("A laptop", "Servers"):
        for line in commands(section):
            program, verb, *words = shlex.split(line)
            assert program == "nnsweep"
            code, out, err = call(capsys, verb, *words, *(["--no-figures"] if verb != "plan" else []))
            assert (code, err) == (0, ""), line
            assert "8,400 trials" in out or "--shard" in words
        shutil.rmtree("results")


@pytest.mark.slow
def test_the_page_can_be_followed_on_slurm(slurm):
    Path("sweeps").symlink_to(PROJECT / "sweeps")
    first, *others = commands("Slurm")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    run = {"shell": True, "check": True, "capture_output": True, "text": True, "timeout": PATIENCE, "env": environment}
    command = first.replace("nnsweep", f"{PYTHON} -m nnsweep", 1)
    array, _ = numbers(subprocess.run(command, **run).stdout)
    assert set(slurm.wait_for_all().values()) <= {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT"}
    assert "8,400 trials stored in results/forum" in said(), array
    found = [subprocess.run(line.replace("nnsweep", f"{PYTHON} -m nnsweep", 1), **run).stdout for line in others]
    assert found[0].split()[:2] == ["JOBID", "PARTITION"]
    assert found[1].startswith("forum               8,400 trials: 8,400 ok  ")
    for name in ("trials.csv", "summary.csv"):
        assert (
            Path(f"results/forum/tables/{name}").read_bytes() == (PROJECT / f"results/forum/tables/{name}").read_bytes()
        )


@pytest.mark.slow
def test_dask_jobqueue_starts_the_workers_of_a_run(slurm):
    pytest.importorskip("dask_jobqueue")
    Path("sweeps").symlink_to(PROJECT / "sweeps")
    page = (PROJECT / "docs" / "cluster.md").read_text(encoding="utf-8").partition("\n## Slurm\n")[2]
    (script,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    for text, small in (("cores=8", "cores=1"), ('"16GB"', '"900MB"'), ("jobs=4", "jobs=2"), ("02:00:00", "00:05:00")):
        assert text in script
        script = script.replace(text, small)
    script += "print(results.trained, results.work.seconds > 0)\ncluster.close()\n"
    Path("script.py").write_text(script, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, "8400 True\n"), done.stderr
    for name in ("results/forum/tables/trials.csv", "results/forum/tables/summary.csv"):
        assert Path(name).read_bytes() == (PROJECT / name).read_bytes()
    with Store.read(Path("results/forum/trials.db")) as store:
        environment = json.loads(store.runs()[0]["environment"])
    assert "cluster" in environment
