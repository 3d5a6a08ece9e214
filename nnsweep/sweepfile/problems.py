"""Mistakes in a sweep file: one `Problem` each, shown as one line that tells what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel

from nnsweep.format import nearest, suggest

Path = tuple[str | int, ...]
"""A place in a document: keys and list indices, outermost first."""

WIDTH = 60
"""Characters of a value or name that a message shows, at most."""
SHOWN = 100
"""Problems that one message lists, at most."""


@dataclass(frozen=True)
class Problem:
    """One mistake. `wrong` is the misspelt name for which the nearest allowed name is suggested."""

    path: Path
    message: str
    found: str = ""
    allowed: str | Sequence[str] = ""
    wrong: str = ""

    def __str__(self) -> str:
        """Format what was found, what is allowed, and the nearest name, as far as they are known."""
        text = self.message + (f": found {self.found}" if self.found else "")
        meant = self._meant()
        text += suggest(meant)
        if not self.allowed:
            return text
        allowed = self.allowed if isinstance(self.allowed, str) else ", ".join(self.allowed)
        return text + (f" Allowed: {allowed}" if meant else f"; allowed: {allowed}")

    def _meant(self) -> str:
        if not self.wrong or len(self.wrong) > WIDTH or isinstance(self.allowed, str):
            return ""
        words = re.sub(r'[(){},"]', "", " ".join(self.allowed)).split()
        return nearest(self.wrong, [word for word in words if word != self.wrong])


def listing(problems: Iterable[Problem], order: Callable[[Path], int], place: Callable[[Path], str]) -> str:
    """Format one line for each problem, in the order of their paths, with the place first."""
    each = sorted(dict.fromkeys(problems), key=lambda problem: order(problem.path))
    lines = [f"{place(problem.path)}: {problem}" for problem in each[:SHOWN]]
    more = len(each) - len(lines)
    return "\n".join(lines) + (f"\n… and {more} more" if more else "")


def show(value: Any) -> str:
    """Format a value as in a sweep file, shortened.

    >>> show((8, True, "relu")), show("x" * 99)[-3:]
    ('[8, true, "relu"]', 'xx…')
    """
    return _shortened(_written(value))


def show_name(name: Any) -> str:
    """Format a name in back-quotes, shortened, with characters escaped that cannot be printed.

    >>> show_name("alpha"), show_name("a\\nb")
    ('`alpha`', '`a\\\\nb`')
    """
    text = _shortened(str(name))
    return f"`{text if text.isprintable() else ascii(text)[1:-1]}`"


def _shortened(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _written(value: Any, depth: int = 0) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = value[:WIDTH]
        return json.dumps(text, ensure_ascii=not text.isprintable())
    if isinstance(value, int):
        return str(value) if abs(value) < 2**64 else "a whole number of more than 64 bits"
    if isinstance(value, list | tuple):
        return f"[{_joined(_written(item, depth + 1) for item in value)}]" if depth < 3 else "[…]"
    if isinstance(value, dict):
        pairs = (f"{key} = {_written(item, depth + 1)}" for key, item in value.items())
        return f"{{{_joined(pairs)}}}" if depth < 3 else "{…}"
    if isinstance(value, BaseModel):
        return _written(value.model_dump(exclude_defaults=True), depth)
    return "none" if value is None else str(value)


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(islice(parts, WIDTH // 2))
