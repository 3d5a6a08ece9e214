"""Finds the position of each key and list item of a TOML text.

tomllib keeps no positions, and tomlkit has no line numbers. The text is already known to be TOML, so a scan of its
tokens suffices. docs/decisions/positions-in-toml.md lists what else was tried.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict

from nnsweep.design.spelling import STRING
from nnsweep.sweepfile.problems import Path

MAX_PLACES = 100_000
"""Keys and items that are located, so that a hostile file gets its answer soon; later ones have less exact places."""
_BLANK = re.compile(r"(?:[ \t\r\n]++|\#[^\n]*+)*+")
_KEY = re.compile(rf"{STRING}|[A-Za-z0-9_-]++")
_DOT = re.compile(r"[ \t]*+\.[ \t]*+")
_SCALAR = re.compile(rf"{STRING}|[^,\]}}#\n]++", re.DOTALL)
_CLOSING = re.compile(r"[ \t]*+\]++")


def offsets(text: str) -> dict[Path, int]:
    """Return the offset of each key (in a header: of the header) and list item of a valid TOML text, by path.

    >>> offsets("[axes]\\nalpha = [1, 2]")[("axes", "alpha", 1)]
    19
    """
    scan = _Scan(text)
    scan.document()
    return scan.found


class _Scan:
    """One pass over a text: `found` collects offsets, `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {(): 0}
        self.lengths: defaultdict[Path, int] = defaultdict(int)

    def document(self) -> None:
        table: Path = ()
        while self.blank() < len(self.text) and len(self.found) < MAX_PLACES:
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)

    def header(self) -> Path:
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        self.blank()
        *outer, last = self.key()
        path: Path = ()
        for part in outer:
            path = self.note((*path, part), start)
            path = (*path, self.lengths[path] - 1) if path in self.lengths else path
        path = self.note((*path, last), start)
        if many:
            self.lengths[path] += 1
            path = self.note((*path, self.lengths[path] - 1), start)
        self.skip(_CLOSING)
        return path

    def pair(self, table: Path) -> None:
        start = self.at
        for part in self.key():
            table = self.note((*table, part), start)
        self.at = self.text.index("=", self.at) + 1
        self.value(table)

    def value(self, path: Path) -> None:
        self.blank()
        if self.text[self.at] not in "[{":
            return self.skip(_SCALAR)
        close, index = ("]" if self.text[self.at] == "[" else "}"), 0
        self.at += 1
        while self.text[self.blank()] != close and len(self.found) < MAX_PLACES:
            if close == "]":
                self.value(self.note((*path, index), self.at))
            else:
                self.pair(path)
            index += 1
            self.at = self.blank() + (self.text[self.at] == ",")
        self.at += 1
        return None

    def key(self) -> list[str]:
        parts = [self.part()]
        while _DOT.match(self.text, self.at):
            self.skip(_DOT)
            parts.append(self.part())
        return parts

    def part(self) -> str:
        start = self.at
        self.skip(_KEY)
        text = self.text[start : self.at]
        if text[0] == '"' and "\\" in text:
            return next(iter(tomllib.loads(f"{text} = 0")))
        return text.strip(text[0]) if text[0] in "\"'" else text

    def note(self, path: Path, offset: int) -> Path:
        self.found.setdefault(path, offset)
        return path

    def blank(self) -> int:
        self.skip(_BLANK)
        return self.at

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
