"""Call the program many times, each in a process of its own that is told how much time and memory it took.

A fresh interpreter for each call would spend its time on imports, so one process imports the package once, and forks.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.helpers import PROJECT

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
    """A process that calls the program in the folder `cwd`, as often as it is asked."""

    def __init__(self, cwd: Path) -> None:
        command = [sys.executable, "-m", "tests.helpers.forked"]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(PROJECT), "."])}
        self._server = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def call(self, *arguments: object) -> Done:
        """Call the program."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
        self._server.stdin.flush()
        return Done(**json.loads(self._server.stdout.readline()))


def _serve() -> None:

    import nnsweep.cli
    import nnsweep.report.html
    import nnsweep.results  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(_call(json.loads(line))), flush=True)


def _call(arguments: list[str]) -> dict[str, object]:
    files = [os.memfd_create(name) for name in ("out", "err")]
    child = os.fork()
    if child == 0:
        _become(arguments, *files)
    status, usage = _wait(child)
    texts = [os.pread(file, 10**8, 0).decode("utf-8", "surrogateescape") for file in files]
    for file in files:
        os.close(file)
    seconds, megabytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000
    return {"code": status, "out": texts[0], "err": texts[1], "seconds": seconds, "megabytes": megabytes}


def _wait(child: int):
    """Wait for a call; kill it, and all that it started, once it hangs."""
    until = time.monotonic() + HUNG
    while time.monotonic() < until:
        number, status, usage = os.wait4(child, os.WNOHANG)
        if number:
            return os.waitstatus_to_exitcode(status), usage
        time.sleep(0.001)
    os.killpg(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage


def _become(arguments: list[str], out: int, err: int) -> None:
    os.setpgid(0, 0)
    null = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((null, out, err)):
        os.dup2(file, number)
    from nnsweep.cli import main

    code = 70
    try:
        main(arguments)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 71
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
