"""A worker process on standard streams: a process of Dask's may start no other by `multiprocessing`."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import IO

from nnsweep.execution.backends.pool import Process
from nnsweep.execution.backends.worker import Pipe, serve
from nnsweep.execution.signals import block_sigint

LENGTH = 8
"""Bytes before each message that tell its length."""


class Streams:
    """One end of a pipe that is made of two streams."""

    def __init__(self, inbox: IO[bytes], outbox: IO[bytes]) -> None:
        self._inbox, self._outbox = inbox, outbox

    def send_bytes(self, content: bytes) -> None:
        """Send a message."""
        self._outbox.write(len(content).to_bytes(LENGTH))
        self._outbox.write(content)
        self._outbox.flush()

    def recv_bytes(self) -> bytes:
        """Wait for a message.

        Raises:
            EOFError: the other end is closed.
        """
        return self._read(int.from_bytes(self._read(LENGTH)))

    def _read(self, count: int) -> bytes:
        content = self._inbox.read(count)
        if len(content) < count:
            raise EOFError
        return content

    def close(self) -> None:
        """Close both streams."""
        for stream in (self._inbox, self._outbox):
            with suppress(OSError):  # what was not sent yet has no reader any more
                stream.close()


class Program:
    """A process, as `multiprocessing` has it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def is_alive(self) -> bool:
        """Tell whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def join(self) -> None:
        """Wait for its end."""
        self._process.wait()


def launch() -> tuple[Process, Pipe]:
    """Start a worker, which finds modules where this process does."""
    here = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)
    with block_sigint():
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import main; main({os.getpid()})"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": here},
        )
    assert process.stdin is not None
    assert process.stdout is not None
    return Program(process), Streams(process.stdout, process.stdin)


def main(parent: int) -> None:
    """Serve the parent. What is printed goes to standard error, and nothing can be read."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    serve(Streams(inbox, outbox), parent)
