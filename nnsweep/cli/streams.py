"""Standard output is this program's alone, and takes any text whatever its encoding."""

from __future__ import annotations

import codecs
import io
import os
import sys

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
        line_by_line = 1 if sys.stdout.isatty() else -1
        own = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = open(own, "w", line_by_line, encoding=sys.stdout.encoding, errors=PLAIN)  # noqa: SIM115 (for good)
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors=PLAIN)


def _is_descriptor(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:  # it is closed
        return False
    return True
