"""The stored text of a trial's failure, of bounded length; what was raised, and where."""

from __future__ import annotations

import re
import traceback
from itertools import takewhile
from pathlib import Path

from nnsweep.data.words import plain_line
from nnsweep.errors import NnsweepError

LONGEST = 16_000
"""How many characters of a failure are kept: half from its beginning, half from its end."""
LINE = 400
"""How many characters of a message are shown in a line."""

PACKAGE = Path(__file__).parents[1]
GROUP, BRANCH = re.compile(r" *\+ Exception Group Traceback"), re.compile(r" *\+-\+--")
"""How the traceback of a group begins, and where what is in the group begins."""
FRAME = re.compile(r'^ *File "(?P<file>.*)", line (?P<line>\d+), in (?P<function>.*)$')


def traceback_of(error: BaseException) -> str:
    """Write a traceback from the first frame that is a user's; of an error of this package, its message alone."""
    frame = error.__traceback__
    while frame is not None and PACKAGE in Path(frame.tb_frame.f_code.co_filename).parents:
        frame = frame.tb_next
    if frame is None and isinstance(error, NnsweepError):
        return shorten(str(error))
    try:
        lines = traceback.format_exception(type(error), error, frame or error.__traceback__)
    except Exception:  # an exception of the user may not be printable, such as a SyntaxError with a broken text
        lines = [*traceback.format_tb(frame or error.__traceback__), f"{type(error).__name__}: {plain_line(error)}\n"]
    return shorten("".join(lines))


def shorten(text: str) -> str:
    """Leave out the middle of a long text, and write how much is missing.

    >>> shorten("short")
    'short'
    """
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"


def signature(failure: str) -> tuple[str, str, str]:
    """Take from a traceback what was raised, where, and its message; of a sentence, the sentence.

    Of a group of exceptions, the group counts, not what is in it.

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
