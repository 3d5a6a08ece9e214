"""Parses the text of a sweep file into plain tables, with limits for any text."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from nnsweep.design.spelling import STRING, TooLargeError, read_float
from nnsweep.errors import SpecError
from nnsweep.sweepfile.problems import Path, Problem, show, show_name

MAX_BYTES = 2**18
MAX_DEPTH = 8
"""Levels of tables, lists and dotted keys, at most. The parser's time grows with the square of the depth."""
MAX_INTEGER = 2**63
"""TOML guarantees integers of 64 bits."""
FLOATS = "numbers up to 1.8e308, or inf"
LONGEST_LINE = 1_000
"""Characters of a line for which a message suggests what was meant, at most."""

_TOKEN = re.compile(
    rf"(?P<part>{STRING}|[A-Za-z0-9_-]++)|(?P<dot>\.)|(?P<open>[\[{{])|(?P<close>[\]}}])"
    r"|(?P<comment>\#[^\n]*+)|(?P<broken>[\"'])|(?P<other>[^\s])",
    re.DOTALL,
)


def read(path: FilePath) -> str:
    """Read a sweep file of at most `MAX_BYTES`.

    Raises:
        SpecError: it is missing, not a file, too large, or not UTF-8.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SpecError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise SpecError(f"{path}: found a directory; allowed: a sweep file, such as grid.toml") from None
    except (OSError, ValueError) as error:
        raise SpecError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > MAX_BYTES:
        raise SpecError(f"{path}: found more than 256 KiB; allowed: sweep files of at most 256 KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = position(data[: error.start].decode("utf-8", "replace"), None)
        found = f"found the byte 0x{data[error.start]:02x}, which is not UTF-8; allowed: text in UTF-8"
        raise SpecError(f"{path}:{line}:{column}: {found}") from None


def parse(text: str, where: str) -> dict[str, Any]:
    """Parse a sweep's text.

    Raises:
        SpecError: it is too large, nested too deeply, or not TOML.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise SpecError(f"{where}: found more than 256 KiB; allowed: sweep files of at most 256 KiB")
    deep = too_deep(text)
    if deep is not None:
        message = f"nested too deep; allowed: at most {MAX_DEPTH} levels of tables, lists and dotted keys"
        raise SpecError(_at(where, text, deep, message))
    try:
        return tomllib.loads(text, parse_float=read_float)
    except TooLargeError as error:
        message = f"found {error}; allowed: {FLOATS}"
        raise SpecError(_at(where, text, text.find(str(error)), message)) from None
    except tomllib.TOMLDecodeError as error:
        raise SpecError(_syntax(where, text, str(error))) from None
    except (ValueError, RecursionError):
        # One failure is left: Python refuses to convert numbers of more than 4,300 digits.
        digits = re.search(r"[\d_]{4300,}", text)
        message = "a number is too long; allowed: whole numbers of 64 bits"
        raise SpecError(_at(where, text, digits.start() if digits else 0, message)) from None


def too_deep(text: str) -> int | None:
    """Find the offset at which the text is nested deeper than `MAX_DEPTH`, without parsing; None if it is not."""
    depth = dots = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "part":
            continue
        dots = dots + 1 if kind == "dot" else 0
        depth = depth + 1 if kind == "open" else max(0, depth - (kind == "close"))
        if max(depth, dots + 1) > MAX_DEPTH:
            return token.start()
        if kind == "broken":  # an unclosed string, which the parser reports
            return None
    return None


def strange_values(value: Any, path: Path = ()) -> Iterator[Problem]:
    """Find values that a sweep cannot hold: dates, numbers beyond 64 bits, NaN, half characters, and deep nesting."""
    if len(path) > MAX_DEPTH:
        yield Problem(path, f"nested too deep; allowed: at most {MAX_DEPTH} levels")
    elif isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in pairs:
            yield from strange_values(item, (*path, key))
    elif isinstance(value, int):
        if not -MAX_INTEGER <= value < MAX_INTEGER:
            yield Problem(path, _named(path), show(value), "whole numbers of 64 bits")
    elif isinstance(value, float):
        if math.isnan(value):
            yield Problem(path, _named(path), show(value), "a number")
    elif isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            yield Problem(path, _named(path), show(value), "text in UTF-8")
    else:
        yield Problem(path, _named(path), f"a date or time, {value}", "numbers, text, true, false and lists of them")


def position(text: str, offset: int | None) -> tuple[int, int]:
    """Return line and column, counted from 1, of an offset; None means the end."""
    before = text[:offset]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _named(path: Path) -> str:
    return show_name(next((part for part in reversed(path) if isinstance(part, str)), ""))


def _at(where: str, text: str, offset: int | None, message: str) -> str:
    line, column = position(text, offset)
    return f"{where}:{line}:{column}: {message}"


def _syntax(where: str, text: str, message: str) -> str:
    """Format a syntax error: what to write instead if that is known, else the parser's message after its place."""
    from nnsweep.sweepfile.mistakes import advise

    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    line, column = (int(found[1]), int(found[2])) if found else position(text, None)
    said = message[: found.start()] if found else message.removesuffix(" (at end of document)")
    if said.startswith("Cannot"):
        return _again(where, text, said, line, column)
    lines = text.split("\n")
    if len(lines[line - 1]) > LONGEST_LINE:
        return f"{where}:{line}:{column}: not TOML: {_sentence(said)}"
    at, advice = advise(lines[line - 1].rstrip("\r"), column - 1)
    return f"{where}:{line}:{at + 1}: not TOML: {advice or _sentence(said)}"


def _again(where: str, text: str, said: str, line: int, column: int) -> str:
    """Format the error of a table or name that occurs twice."""
    header, seen = "", set[str]()
    for number, content in enumerate(text.split("\n"), 1):
        found = re.match(r"\s*(?:(\[{1,2}[^\]]*\]{1,2})|([^=#\"'\[]+?)\s*=)", content)
        key = f"{header} {found[2]}" if found and found[2] else found[1] if found else ""
        if found and found[1]:
            header = key = f"{key} {number}" if key.startswith("[[") else key
        if key in seen:
            name = found[2] if found and found[2] else key
            return f"{where}:{number}:1: not TOML: found {show_name(name)} twice; write it once, with all that it holds"
        seen |= {key} - {""}
    return f"{where}:{line}:{column}: not TOML: {_sentence(said)}"


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:120]
