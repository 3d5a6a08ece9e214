"""The number of workers is that of the processors that this process was given, not that of the machine."""

import os
from math import inf

import pytest

from nnsweep.execution import cpus
from nnsweep.execution.plan import choose_jobs


@pytest.fixture(autouse=True)
def a_large_machine(monkeypatch, tmp_path):
    """A machine of 64 processors, without a job and without limits."""
    monkeypatch.setattr("joblib.cpu_count", lambda: 64)
    monkeypatch.setattr(cpus, "PROCESS", tmp_path / "cgroup")
    monkeypatch.setattr(cpus, "GROUPS", tmp_path / "groups")
    for name in [name for name in os.environ if name.startswith("SLURM_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("job", "found"),
    [
        ({}, 64),
        ({"SLURM_CPUS_ON_NODE": "16"}, 16),
        ({"SLURM_CPUS_PER_TASK": "4", "SLURM_CPUS_ON_NODE": "16"}, 4),
        ({"SLURM_CPUS_PER_TASK": "128"}, 64),
        ({"SLURM_CPUS_PER_TASK": "many", "SLURM_CPUS_ON_NODE": "0"}, 1),
    ],
)
def test_a_job_of_slurms(monkeypatch, job, found):
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    assert (cpus.available_cpus(), choose_jobs(1e6, None), choose_jobs(1e6, 3)) == (found, found, 3)


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("quota", "found"), [("max 100000", 64), ("150000 100000", 2), ("10000 100000", 1)])
def test_a_control_group_of_version_2(tmp_path, quota, found):
    put(tmp_path / "cgroup", "0::/user/job/step\n")
    put(tmp_path / "groups/user/job/cpu.max", f"{quota}\n")
    put(tmp_path / "groups/user/job/step/cpu.max", "6400000 100000\n")
    put(tmp_path / "groups/other/cpu.max", "100000 100000\n")
    assert cpus.available_cpus() == found


def test_a_control_group_of_version_1(tmp_path):
    put(tmp_path / "cgroup", "4:memory:/job\n3:cpu,cpuacct:/job\n1:name=systemd:/\n0::/\n")
    for name, quota in (("job", "300000"), ("", "-1")):
        put(tmp_path / "groups/cpu,cpuacct" / name / "cpu.cfs_quota_us", f"{quota}\n")
        put(tmp_path / "groups/cpu,cpuacct" / name / "cpu.cfs_period_us", "100000\n")
    assert cpus.available_cpus() == 3


@pytest.mark.parametrize("text", ["", "0::\n", "nonsense\n", "0::/a/../b\n", "0:::::\n3:cpu:\n"])
def test_files_that_tell_nothing(tmp_path, text):
    assert cpus.group_cpus() == inf
    put(tmp_path / "cgroup", text)
    put(tmp_path / "groups/cpu.max", "no numbers\n")
    assert cpus.group_cpus() == inf


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="asks Linux")
def test_affinity(monkeypatch):
    monkeypatch.undo()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert cpus.available_cpus() == 1
    finally:
        os.sched_setaffinity(0, before)
