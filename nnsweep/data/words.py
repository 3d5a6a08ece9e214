"""How messages show what stands in a user's files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

WIDTH = 60
"""Characters of a text that a message shows."""


def quoted(text: str) -> str:
    r"""Write a text in quotation marks, shortened, with what cannot be printed escaped.

    >>> quoted("a\tb"), quoted("é")
    ('"a\\tb"', '"é"')
    """
    short = text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
    return json.dumps(short, ensure_ascii=not text.isprintable())


def plain_line(text: object) -> str:
    """Give a text's first line, shortened, with what cannot be printed escaped."""
    try:
        line = next(iter(str(text).strip().splitlines()), "")[:200]
    except Exception:  # an exception of the user's whose text cannot be had
        line = ""
    return line if line.isprintable() else ascii(line)[1:-1]


def first_twice(names: Iterable[str]) -> str | None:
    """Give the first name that stands twice, None if none does.

    >>> first_twice(["x", "y", "y", "x"]), first_twice(["x", "y"])
    ('x', None)
    """
    counts = Counter(names)
    return next((name for name, count in counts.items() if count > 1), None)
