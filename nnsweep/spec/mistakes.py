"""What was meant by what is not TOML, but Python, YAML or a path of Windows."""

from __future__ import annotations

import re

NONE = "none, or {none=true} where the parameter takes texts"
_NUMBER = re.compile(r"[+-]?(\d[\d_]*)?\.?(\d[\d_]*)?([eE][+-]?\d+)?")


def correct(word: str) -> str:
    """Give what TOML has for a truth, a number or a missing value that it does not know; nothing for other words.

    >>> [correct(word) for word in ("True", ".5", "5.", "1.e-3", "01", "Infinity", "relu", "0.5")]
    ['true', '0.5', '5.0', '0.001', '1', 'inf', '', '']
    """
    if word.lower() in ("true", "false"):
        return word.lower() * (word != word.lower())
    if word in ("None", "NONE", "null", "Null", "NULL", "nil"):
        return NONE
    sign, name = ("-", word[1:]) if word[0] == "-" else ("", word.removeprefix("+"))
    if name.lower() in ("inf", "infinity", "nan"):
        return f"{sign}{name.lower()[:3]}" * (name not in ("inf", "nan"))
    return _number(word)


def _number(word: str) -> str:
    """Write a number with digits on both sides of its point, and no noughts before them; nothing if it has them."""
    found = _NUMBER.fullmatch(word)
    if not found or not (found[1] or found[2]):
        return ""
    padded = "." in word and (not found[1] or not found[2])
    if not padded and not re.match(r"[+-]?0\d", word):
        return ""
    return repr(float(word)) if "." in word or found[3] else str(int(word))
