"""The text of a trial's failure as it is stored, and its error and place."""

from __future__ import annotations

import re
import traceback
from itertools import takewhile
from pathlib import Path

from nnsweep.data.words import plain_line
from nnsweep.errors import NnsweepError

LONGEST = 16_000
"""The most characters of a failure that are kept: half from its start, half from its end."""
LINE = 400
"""The most characters of a message that are shown in a line."""

PACKAGE = Path(__file__).parents[1]
GROUP, BRANCH = re.compile(r" *\+ Exception Group Traceback"), re.compile(r" *\+-\+--")
"""The first line of the traceback of an exception group, and the line before its first member."""
FRAME = re.compile(r'^ *File "(?P<file>.*)", line (?P<line>\d+), in (?P<function>.*)$')


def traceback_of(error: BaseException) -> str:
    """Write a traceback from the first frame of the user's code; of an error of this package, only the message."""
    frame = error.__traceback__
    while frame is not None and PACKAGE in Path(frame.tb_frame.f_code.co_filename).parents:
        frame = frame.tb_next
    if frame is None and isinstance(error, NnsweepError):
        return shorten(str(error))
    try:
        lines = traceback.format_exception(type(error), error, frame or error.__traceback__)
    except Exception:  # some exceptions cannot be printed, such as a SyntaxError with a broken text
        lines = [*traceback.format_tb(frame or error.__traceback__), f"{type(error).__name__}: {plain_line(error)}\n"]
    return shorten("".join(lines))


def shorten(text: str) -> str:
    """Replace the middle of a long text by the number of characters left out.

    >>> shorten("short")
    'short'
    """
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


def signature(failure: str) -> tuple[str, str, str]:
    """Return the error type, the place and the message from a traceback. A sentence counts as type and message.

    For an exception group, the group counts, not its members.

    >>> signature('Traceback (most recent call last):\\n  File "m.py", line 7, in f\\n    f(2)\\nValueError: no 2\\n')
    ('ValueError', 'm.py:7 in f', 'ValueError: no 2')
    """
    lines = failure.strip().splitlines() or [""]
    if GROUP.match(lines[0]):
        lines = [line.lstrip()[2:] for line in takewhile(lambda line: not BRANCH.match(line), lines)]
    frames = [(at, found) for at, line in enumerate(lines) if (found := FRAME.match(line))]
    if not frames:
        return _cut(lines[0]), "", _cut(lines[0])
    last, frame = frames[-1]
    raised = next((line for line in lines[last + 1 :] if not line.startswith(" ")), lines[-1])
    return _cut(raised.partition(":")[0]), f"{frame['file']}:{frame['line']} in {frame['function']}", _cut(raised)


def _cut(line: str) -> str:
    return line if len(line) <= LINE else f"{line[:LINE]} …"
