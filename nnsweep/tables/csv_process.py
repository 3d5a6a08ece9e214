"""Write a large CSV file in a process of its own, while this one makes other tables of the same parts."""

from __future__ import annotations

import os
import pickle
import secrets
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Self

from nnsweep.parent import end_with_parent
from nnsweep.tables.columns import Columns
from nnsweep.tables.csv_files import csv_blocks

LEAST = 100_000
"""Rows from which on it is worth a process."""
WAITING = 4
"""Parts that wait for the process at most: each takes some MB."""
SERVE = "import sys; sys.path[:] = sys.argv[1:]; from nnsweep.tables.csv_process import serve; serve()"


class CsvProcess:
    """A process that writes the parts of a table to a draft in a folder. A context manager, which ends the process.

    It is only faster: where it cannot be started, or fails, `take` says so, and its user writes the file.
    """

    def __init__(self, folder: Path, rows: int, cores: Callable[[], int]) -> None:
        """Start the process, if so many rows are worth it and there is a second core for it."""
        self._draft = folder / f".{secrets.token_hex(8)}.draft.csv"
        self._parts = Queue[bytes](WAITING)
        self._process: subprocess.Popen[bytes] | None = None
        if rows >= LEAST and cores() > 1 and sys.executable:
            command = [sys.executable, "-c", SERVE, *map(os.path.abspath, sys.path)]
            pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
            with suppress(OSError), self._draft.open("xb") as draft:  # its own group, so that it takes no Ctrl-C
                self._process = subprocess.Popen(command, stdin=pipe, stdout=draft, stderr=nothing, process_group=0)
        self._thread = Thread(target=self._send, daemon=True)
        if self._process is not None:
            self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._end()
        with suppress(OSError):
            self._draft.unlink()

    @property
    def is_started(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def put(self, part: Columns) -> None:
        """Have a part written."""
        if self._process is not None:
            self._parts.put(pickle.dumps(part, pickle.HIGHEST_PROTOCOL))

    def take(self, path: Path) -> bool:
        """Move the file to a path when all parts are written; return whether it was written."""
        if self._process is None:
            return False
        self._end()
        written, self._process = self._process.returncode == 0, None
        if written:
            self._draft.replace(path)
        return written

    def _end(self) -> None:
        """Wait until the process has written what it got, or has ended otherwise."""
        assert self._process is not None
        if self._thread.is_alive():
            self._parts.put(b"")
            self._thread.join()
        self._process.wait()

    def _send(self) -> None:
        """Send parts, in a thread: it waits for the process."""
        process, part = self._process, b""
        assert process is not None
        assert process.stdin is not None
        with suppress(OSError), process.stdin:  # OSError: it has ended
            while part := self._parts.get():
                process.stdin.write(part)
        while part:  # so that nobody waits to put one
            part = self._parts.get()


def serve() -> None:
    """Write the parts of a table, which come on standard input, to standard output as CSV."""
    end_with_parent(os.getppid())
    with suppress(EOFError), open(1, "w", encoding="utf-8", newline="", closefd=False) as file:
        header = True
        while True:
            file.writelines(csv_blocks(pickle.load(sys.stdin.buffer), header))
            header = False
