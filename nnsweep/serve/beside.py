"""The live page beside a run: a process of its own, which ends with the process of the run, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Self
from urllib.parse import quote

from nnsweep.serve import server

SERVE = "import sys; sys.path[:] = sys.argv[4:]; from nnsweep.serve.beside import answer; answer(*sys.argv[1:4])"
PATIENCE = 5.0
"""Seconds that the process has to end by itself."""


class LivePage:
    """Shows a results folder while a run goes on. A context manager; `address` is that of the sweep's page."""

    def __init__(self, results: Path, name: str, port: int | None, browser: bool) -> None:
        """Choose a port: the one asked for, or else any that is free.

        Raises:
            NnsweepError: the port is taken, or the server's libraries are not installed.
        """
        server.check_installed()
        with server.bind(server.free_port() if port is None else port) as bound:
            port = bound.getsockname()[1]
        self.address = f"http://{server.HOST}:{port}/sweeps/{quote(name)}/"
        self._options = [str(results), str(port), self.address if browser else ""]

    def __enter__(self) -> Self:
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        command = [sys.executable, "-c", SERVE, *self._options, *map(os.path.abspath, sys.path)]
        # Of another process group, so that it does not take Ctrl-C: it ends when the pipe does.
        self._process = subprocess.Popen(command, stdin=pipe, stdout=nothing, stderr=nothing, process_group=0)
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        with suppress(OSError, subprocess.TimeoutExpired):
            process.communicate(timeout=PATIENCE)
            return
        process.kill()
        process.wait()


def answer(results: str, port: str, browser: str) -> None:
    """Answer until standard input ends; open a browser at the address `browser`, if there is one."""

    def end_with_input(end: server.End) -> None:
        Thread(target=lambda: (sys.stdin.buffer.read(), end()), daemon=True).start()

    def ready(_: str) -> None:
        if browser:
            server.open_browser(browser)

    server.run(Path(results), server.bind(int(port)), ready, end_with_input)
