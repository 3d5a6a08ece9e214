"""Reserve standard output for this program, and make it accept any text whatever its encoding."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Any

from nnsweep.errors import NnsweepError

PLAIN = "nnsweep.plain"
"""The name of the error handler that spells a character which the encoding does not have."""

SPELLED = {
    "×": "x", "·": ".", "…": "...", "–": "-", "—": "-", "−": "-", "≥": ">=", "≤": "<=", "≠": "!=", "→": "->", "±": "+-",
    "µ": "u", "μ": "u", "σ": "sigma", "α": "alpha", "²": "^2", "½": "1/2", "─": "-", "│": "|", "█": "#",
    "“": '"', "”": '"', "‘": "'", "’": "'", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
"""The characters beyond ASCII that this program prints. Any other that cannot be encoded becomes `?`."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(SPELLED.get(character, "?") for character in error.object[error.start : error.end]), error.end


def prepare() -> None:
    """Accept any text on both streams, and keep foreign output off standard output.

    Output of C code and of child processes goes to standard error, because a program may read our standard output.
    Streams that another program, such as a test, has replaced are left alone.
    """
    codecs.register_error(PLAIN, _plain)
    if sys.stdout is sys.__stdout__ and sys.stdout is not None and _is_descriptor(1) and _is_descriptor(2):
        sys.stdout.flush()
        output = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = _text(_Output(output, "w"), sys.stdout.encoding, sys.stdout.isatty())
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper) and _is_descriptor(2):
        sys.stderr = _text(_Messages(2, "w", closefd=False), sys.stderr.encoding, line_by_line=True)


class OutputError(NnsweepError):
    """Standard output cannot be written, for example because its disk is full."""


class _Output(io.FileIO):
    """Standard output. Reports the first error; later writes are dropped, so that the program can end quietly."""

    is_full = False

    def write(self, data: Any) -> int:
        try:
            return memoryview(data).nbytes if self.is_full else super().write(data)
        except BrokenPipeError:  # the reader has closed the pipe; click handles that
            raise
        except OSError as error:
            self.is_full = True
            raise OutputError(f"standard output cannot be written: {error.strerror}") from None


class _Messages(io.FileIO):
    """Standard error. Messages that cannot be written are dropped: a run is worth more than its messages."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _text(raw: io.FileIO, encoding: str, line_by_line: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors=PLAIN, line_buffering=line_by_line)


def _is_descriptor(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:  # it is closed
        return False
    return True
