"""How messages quote texts from users' files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

WIDTH = 60
"""Characters of a text that a message shows."""
LONGEST_LINE = 200
"""Characters of a text of the user's that is shown as a line."""


def quoted(text: str) -> str:
    r"""Put a text in quotation marks, shorten it, and escape characters that cannot be printed.

    >>> quoted("a\tb"), quoted("é")
    ('"a\\tb"', '"é"')
    """
    return json.dumps(shortened(text), ensure_ascii=not text.isprintable())


def shortened(text: str) -> str:
    """Return the first characters of a long text, with `…` behind them."""
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def plain_line(text: object) -> str:
    """Return a text's first line, shortened, with characters escaped that cannot be printed."""
    try:
        line = next(iter(str(text).strip().splitlines()), "")[:LONGEST_LINE]
    except BaseException as error:  # The user's exception may raise anything when it is asked for its text.
        if isinstance(error, KeyboardInterrupt):  # it may be Ctrl-C
            raise
        line = ""
    return line if line.isprintable() else ascii(line)[1:-1]


def escaped(text: str) -> str:
    r"""Return a text as a line: shortened, and with line breaks and all that cannot be printed escaped.

    >>> print(escaped("a\nb"))
    a\nb
    """
    short = text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"
    return short if short.isprintable() else ascii(short)[1:-1]


def first_twice(names: Iterable[str]) -> str | None:
    """Return the first name that occurs twice; None if no name does.

    >>> first_twice(["x", "y", "y", "x"]), first_twice(["x", "y"])
    ('x', None)
    """
    counts = Counter(names)
    return next((name for name, count in counts.items() if count > 1), None)
