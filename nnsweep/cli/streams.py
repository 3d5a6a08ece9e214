"""Standard output is this program's alone, and takes any text whatever its encoding."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Any

from nnsweep.errors import NnsweepError

PLAIN = "nnsweep.plain"
"""The name of the error handler that writes what an encoding has not in letters that it has."""

SPELLED = {
    "×": "x", "·": ".", "…": "...", "–": "-", "—": "-", "−": "-", "≥": ">=", "≤": "<=", "≠": "!=", "→": "->", "±": "+-",
    "µ": "u", "μ": "u", "σ": "sigma", "α": "alpha", "²": "^2", "½": "1/2", "─": "-", "│": "|", "█": "#",
    "“": '"', "”": '"', "‘": "'", "’": "'", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip
"""What this program's own texts hold besides ASCII; whatever else cannot be encoded becomes `?`."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(SPELLED.get(each, "?") for each in error.object[error.start : error.end]), error.end


def prepare() -> None:
    """Take any text on both streams, and keep standard output to what this program says.

    What C code and child processes print, in this process and in workers, goes to standard error: standard output may
    be read by a program. Nothing is done where another program, such as a test, has put streams of its own in place.
    """
    codecs.register_error(PLAIN, _plain)
    if sys.stdout is sys.__stdout__ and sys.stdout is not None and _is_descriptor(1) and _is_descriptor(2):
        sys.stdout.flush()
        own = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = _text(_Output(own, "w"), sys.stdout.encoding, sys.stdout.isatty())
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper) and _is_descriptor(2):
        sys.stderr = _text(_Messages(2, "w", closefd=False), sys.stderr.encoding, line_by_line=True)


class OutputError(NnsweepError):
    """Standard output takes no more, as its disk is full."""


class _Output(io.FileIO):
    """Standard output: refuses once, and then lets the program end without another word."""

    is_full = False

    def write(self, data: Any) -> int:
        try:
            return memoryview(data).nbytes if self.is_full else super().write(data)
        except BrokenPipeError:  # whoever reads has enough, which click knows how to take
            raise
        except OSError as error:
            self.is_full = True
            raise OutputError(f"standard output cannot be written: {error.strerror}") from None


class _Messages(io.FileIO):
    """Standard error: what it cannot take is lost, because a run is worth more than what is said of it."""

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
