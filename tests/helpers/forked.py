"""Run the program many times, each time in a process of its own that does not spend its time on imports.

One process, which `multiprocessing` calls the fork server, imports the package and what it draws with, and forks.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers import PROJECT

WARM = "tests.helpers.warm"
"""The module that the fork server imports."""
HUNG = 40.0
"""Seconds by the clock after which a call is killed: other tests may share the processor."""


@dataclass(frozen=True)
class Done:
    """How a call ended; a negative code is the signal that ended it. `seconds` are the processor's."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float


class Forked:
    """The program at work, in a session of its own. It answers as `subprocess.Popen` does.

    What it prints goes to files; standard output goes to `out` if that is given.
    """

    def __init__(self, *arguments: object, cwd: Path | None = None, out: Path | None = None) -> None:
        _start_server()
        self._said = Path(tempfile.mkdtemp(prefix="nnsweep-test-"))
        self._streams = out or self._said / "out", self._said / "err"
        for stream in self._streams:
            stream.touch()
        place = cwd or Path.cwd(), dict(os.environ), self._streams, self._said / "used"
        target = [str(argument) for argument in arguments], *place
        self._process = multiprocessing.get_context("forkserver").Process(target=_become, args=target)
        self._process.start()
        self.pid = self._process.pid or 0
        self.returncode: int | None = None

    def wait(self, timeout: float) -> int:
        """Wait for the end; `subprocess.TimeoutExpired` where it does not come in time."""
        self._process.join(timeout)
        self.returncode = self._process.exitcode
        if self.returncode is None:
            raise subprocess.TimeoutExpired("nnsweep", timeout)
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit code, or `None` where the process has not ended."""
        self.returncode = self._process.exitcode
        return self.returncode

    def kill(self) -> None:
        """Kill the process, and none that it started."""
        self._process.kill()

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for the end; what was printed to standard output and to standard error."""
        done = self.done(timeout)
        return done.out, done.err

    def done(self, timeout: float) -> Done:
        """Wait for the end; what was printed and used. A process that was killed does not say what it used."""
        code = self.wait(timeout)
        out, err = (_read(stream) if stream.is_file() else "" for stream in self._streams)
        used = self._said / "used"
        seconds, megabytes = json.loads(used.read_text()) if used.exists() else (0.0, 0.0)
        shutil.rmtree(self._said)
        self._process.close()
        return Done(code, out, err, seconds, megabytes)


def call(*arguments: object, cwd: Path | None = None, out: Path | None = None, hung: float = HUNG) -> Done:
    """Call the program and wait for its end; kill it, and all that it started, where it hangs."""
    running = Forked(*arguments, cwd=cwd, out=out)
    try:
        return running.done(hung)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        return running.done(hung)


def _read(file: Path) -> str:
    return file.read_text("utf-8", "surrogateescape")


def _start_server() -> None:
    """Start the fork server, unless it is there: without threads, of which a fork would take one alone along."""
    from multiprocessing import forkserver  # Windows has none

    forkserver.set_forkserver_preload([WARM])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(PROJECT))
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        forkserver.ensure_running()


def _become(
    arguments: list[str], folder: Path, environment: dict[str, str], streams: tuple[Path, Path], used: Path
) -> None:
    """Be the program, from its first line to its exit code; write into the file `used` what it took."""
    assert WARM in sys.modules
    import resource

    from nnsweep.__main__ import main

    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams, 1):
        os.dup2(os.open(stream, os.O_WRONLY), number)
    sys.argv, sys.path[0] = ["nnsweep", *arguments], str(folder)
    code = 70
    try:
        main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 71
    except BaseException:
        sys.excepthook(*sys.exc_info())
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = 120  # as Python has it
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(each.ru_utime + each.ru_stime for each in usages)
    used.write_text(json.dumps([seconds, max(each.ru_maxrss for each in usages) / 1000]))
    os._exit(code)
