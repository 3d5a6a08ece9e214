"""What a trainer prints: handed on to standard error, and a bounded part of it kept with its trial."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, TextIO

from nnsweep.trainers.failures import LONGEST

HALF = LONGEST // 2
LONGEST_LINE = 4096
"""Characters after which a line is handed on that has not ended: a pipe takes no more in one piece."""


class Printed(io.TextIOBase):
    """A text stream that keeps the beginning and the end of what is written to it, and hands all of it on.

    With a `name` lines are handed on whole, the name before each, so that those of several processes do not mix.
    Without, they go on as they come.
    """

    def __init__(self, stream: TextIO | None, name: str | None = None) -> None:
        self._stream, self._name = stream, name
        self._head, self._tail, self._size, self._left_out = "", list[str](), 0, 0
        self._line = ""

    def write(self, text: str) -> int:
        """Keep a text, and hand it on."""
        self._keep(text)
        if self._name is None:
            self._hand_on(text)
        else:
            *lines, self._line = (self._line + text).split("\n")
            if len(self._line) > LONGEST_LINE:
                lines, self._line = [*lines, self._line], ""
            self._hand_on("".join(map(self._named, lines)))
        return len(text)

    def flush(self) -> None:
        """Hand on what waits, but no line that has not ended where lines are to be whole."""
        if self._stream is not None:
            with suppress(OSError, ValueError):  # it is closed
                self._stream.flush()

    def finish(self) -> str:
        """Hand on a last line that has not ended, and give what was kept."""
        if self._line:
            self._hand_on(self._named(self._line))
            self._line = ""
        self.flush()
        self._cut()
        middle = f"\n… {self._left_out:,} characters left out …\n" if self._left_out else ""
        return self._head + middle + "".join(self._tail)

    def _named(self, line: str) -> str:
        return f"{self._name} | {line.rpartition(chr(13))[2]}\n"  # of what a progress bar has overwritten, the last

    def _hand_on(self, text: str) -> None:
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
        """Say that texts can be written."""
        return True

    def isatty(self) -> bool:
        """Say whether what is handed on appears on a terminal as it comes."""
        return self._name is None and self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Give the descriptor of the stream, for child processes: what they print is not kept."""
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
    """Have what is printed in the block, to either stream, go to standard error; or, `silent`, nowhere."""
    printed = Printed(None if silent else sys.stderr, name)
    with redirect_stdout(printed), redirect_stderr(printed):
        yield printed
