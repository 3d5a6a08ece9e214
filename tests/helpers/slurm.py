"""A Slurm of one machine, from Debian's packages: munged, slurmctld and slurmd, started and stopped by a test."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

NEEDED = "munged", "slurmctld", "slurmd", "sbatch"
READY, ENDED = 240.0, 480.0
"""Seconds within which it is ready, and within which jobs of tests end, on a machine that is slow and busy."""
CONF = """
ClusterName=test
SlurmctldHost=localhost
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1
KillWait=30
MinJobAge=600
NodeName=localhost CPUs={cpus} RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
PartitionName=spare Nodes=localhost MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
"""


def is_installed() -> bool:
    """Whether all its programs are there."""
    return all(_program(name) for name in NEEDED)


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Slurm:
    """A cluster of one node. `environment` is what its commands need."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # the name of a socket must be short
        self.environment = {"SLURM_CONF": str(self.folder / "slurm.conf")}
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start its programs, and wait until its node is idle."""
        folder = self.folder
        for name in ("state", "spool"):
            (folder / name).mkdir()
        folder.chmod(0o755)  # munged refuses a folder that others may write
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        ports = {"controller": _free_port(), "node": _free_port()}
        conf = CONF.format(user=getpass.getuser(), folder=folder, cpus=os.cpu_count(), **ports)
        (folder / "slurm.conf").write_text(conf, encoding="utf-8")
        paths = {
            "socket": "munge.socket",
            "pid-file": "munged.pid",
            "log-file": "munged.log",
            "seed-file": "munged.seed",
        }
        options = [f"--{name}={folder / file}" for name, file in paths.items()]
        self._spawn("munged", "--foreground", "--force", f"--key-file={key}", *options)
        self._wait(lambda: (folder / "munge.socket").exists())
        self._spawn("slurmctld", "-D", "-i", "-f", str(folder / "slurm.conf"))
        self._spawn("slurmd", "-D", "-N", "localhost", "-f", str(folder / "slurm.conf"))
        self._wait(lambda: "idle" in self.ask("sinfo", "--noheader", "--format=%t", "--partition=main"))

    def _spawn(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.out").open("wb") as out:
            command = [_program(name) or name, *arguments]
            started = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | self.environment)
        self._running.append(started)

    def _wait(self, what) -> None:
        began = time.monotonic()
        while not what():
            dead = [each.args[0] for each in self._running if each.poll() is not None]
            assert not dead, (dead, self.logs())
            assert time.monotonic() - began < READY, self.logs()
            time.sleep(0.05)

    def logs(self) -> str:
        """What its programs said."""
        return "\n".join(file.read_text("utf-8", "replace")[-3000:] for file in sorted(self.folder.glob("*.[lo]*")))

    def ask(self, *command: str) -> str:
        """Run one of its commands."""
        environment = os.environ | self.environment
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout

    def states(self) -> dict[str, str]:
        """The state of each job and task of an array that the controller still knows."""
        said = self.ask("squeue", "--all", "--array", "--noheader", "--states=all", "--format=%F_%K %T").split("\n")
        return dict(line.strip().replace("_N/A", "").split(" ", 1) for line in said if line.strip())

    def wait_for_all(self) -> dict[str, str]:
        """Wait until no job is pending or running."""
        began = time.monotonic()
        while True:
            states = self.states()
            if states and not {"PENDING", "RUNNING", "COMPLETING", "CONFIGURING"} & set(states.values()):
                return states
            assert time.monotonic() - began < ENDED, (states, self.logs())
            time.sleep(0.1)

    def stop(self) -> None:
        """Cancel all jobs and end its programs."""
        self.ask("scancel", "--user", getpass.getuser())
        for each in reversed(self._running):
            each.send_signal(signal.SIGTERM)
        for each in self._running:
            try:
                each.wait(timeout=20)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait(timeout=20)
        shutil.rmtree(self.folder, ignore_errors=True)
