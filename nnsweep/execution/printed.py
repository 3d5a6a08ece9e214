"""Pass on what a trainer prints to standard error, and keep a bounded part of it for the store."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, TextIO

from nnsweep.trainers.failures import LONGEST

HALF = LONGEST // 2
LONGEST_LINE = 4096
"""Characters after which an unfinished line is passed on: a pipe takes no more in one piece."""


class Printed(io.TextIOBase):
    """A text stream that keeps the beginning and the end of what is written to it, and passes all of it on.

    With a `name`, lines are passed on whole and begin with the name, so that lines of several processes do not mix.
    Without a name, text is passed on as it comes.
    """

    def __init__(self, stream: TextIO | None, name: str | None = None) -> None:
        self._stream, self._name = stream, name
        self._head, self._tail, self._size, self._left_out = "", list[str](), 0, 0
        self._line = ""

    def write(self, text: str) -> int:
        """Keep a text, and pass it on."""
        self._keep(text)
        if self._name is None:
            self._pass_on(text)
        else:
            *lines, self._line = (self._line + text).split("\n")
            if len(self._line) > LONGEST_LINE:
                lines, self._line = [*lines, self._line], ""
            self._pass_on("".join(map(self._named, lines)))
        return len(text)

    def flush(self) -> None:
        """Flush the stream. An unfinished line waits if lines are passed on whole."""
        if self._stream is not None:
            with suppress(OSError, ValueError):  # it is closed
                self._stream.flush()

    def finish(self) -> str:
        """Pass on an unfinished last line, and give the text that was kept."""
        if self._line:
            self._pass_on(self._named(self._line))
            self._line = ""
        self.flush()
        self._cut()
        middle = f"\n… {self._left_out:,} characters left out …\n" if self._left_out else ""
        return self._head + middle + "".join(self._tail)

    def _named(self, line: str) -> str:
        shown = line.rpartition("\r")[2]  # a progress bar overwrites its line: only its last state is passed on
        return f"{self._name} | {shown}\n"

    def _pass_on(self, text: str) -> None:
        if text and self._stream is not None:
            with suppress(OSError, ValueError):
                self._stream.write(text)
                self._stream.flush() if self._name is not None else None

    def _keep(self, text: str) -> None:
        room = HALF - len(self._head)
        self._head, rest = self._head + text[:room], text[room:] if room > 0 else text
        self._tail.append(rest)
        self._size += len(rest)
        if self._size > 4 * HALF:
            self._cut()

    def _cut(self) -> None:
        tail = "".join(self._tail)
        self._left_out += max(0, len(tail) - HALF)
        self._tail = [tail[-HALF:]]
        self._size = len(self._tail[0])

    def writable(self) -> bool:
        """Say that text can be written."""
        return True

    def isatty(self) -> bool:
        """Say whether text appears on a terminal as it is written."""
        return self._name is None and self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Give the descriptor of the stream, for child processes. What they print is not kept."""
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Name the encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def buffer(self) -> Any:
        """Give the stream's bytes."""
        return getattr(self._stream, "buffer", None)


@contextmanager
def printing(name: str | None, silent: bool = False) -> Iterator[Printed]:
    """Redirect what is printed in the block, to either stream, to standard error; if `silent`, drop it."""
    printed = Printed(None if silent else sys.stderr, name)
    with redirect_stdout(printed), redirect_stderr(printed):
        yield printed
