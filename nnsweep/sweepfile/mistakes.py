"""Guesses what was meant by text that is not TOML, but Python, YAML or a Windows path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

NONE = "none, or {none=true} where the parameter takes texts"
_NUMBER = re.compile(r"[+-]?(\d[\d_]*)?\.?(\d[\d_]*)?([eE][+-]?\d+)?")
_TOKEN = re.compile(r"[^\s,\[\]{}#=\"']+")
_CALLS = {
    "range": "{ from = 1, to = 6 } or { count = 6 }",
    "arange": "{ from = 0.1, to = 0.5, step = 0.1 }",
    "linspace": "{ linspace = [0, 1], num = 5 }",
    "logspace": "{ logspace = [0.001, 1.0], num = 4 }, with values as ends",
    "geomspace": "{ logspace = [0.001, 1.0], num = 4 }",
}
"""Ranges of Python and NumPy, and how a sweep file writes them."""
_QUOTES = str.maketrans("“”„‟«»‘’‚", '""""""\'\'\'')
_COMMENTS = ("//", ";", "%", "--", "/*", "<!--")
SHOWN = 40
"""Characters of the mistake that a message shows, at most."""


def correct(word: str) -> str:
    """Translate a truth value, number or missing value to TOML; an empty text for other words.

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
    """Write a number with digits on both sides of its point and no leading zeros; an empty text if it is so already."""
    found = _NUMBER.fullmatch(word)
    if not found or not (found[1] or found[2]):
        return ""
    padded = "." in word and (not found[1] or not found[2])
    if not padded and not re.match(r"[+-]?0\d", word):
        return ""
    return repr(float(word)) if "." in word or found[3] else str(int(word))


def advise(line: str, at: int) -> tuple[int, str]:
    """Suggest what to write in a line that the parser could not read beyond `at`, and where; else an empty text.

    >>> advise("standardize = [true, False]", 21), advise("alpha: 0.1", 5)
    ((21, 'found False; write false'), (5, 'found :; write ='))
    """
    return next((found for rule in _RULES if (found := rule(line, at))), (at, ""))


Advice = tuple[int, str] | None


def _written(at: int, found: str, instead: str) -> Advice:
    shown = found if len(found) <= SHOWN else f"{found[: SHOWN - 1]}…"
    return at, f"found {shown}; write {instead}"


def _typographic(line: str, at: int) -> Advice:
    """Find quotation marks of a word processor."""
    mark = re.search("[“”„‟«»‘’‚]", line)
    return _written(mark.start(), mark[0], mark[0].translate(_QUOTES)) if mark else None


def _comment(line: str, at: int) -> Advice:
    """Find comments of other languages."""
    mark = next((each for each in _COMMENTS if line[at:].startswith(each)), None)
    return _written(at, mark, "# before a comment" if line[at + len(mark) :].strip() else "nothing") if mark else None


def _path(line: str, at: int) -> Advice:
    r"""Find a text such as "C:\Users": a backslash in double quotes begins an escape."""
    for text in re.finditer(r'"([^"]*)("|$)', line):
        if "\\" in text[1] and text.start() < at <= text.end():
            return _written(text.start(), text[0], f"'{text[1]}', in single quotes")
    return None


def _apostrophe(line: str, at: int) -> Advice:
    """Find a text such as 'it's': the next single quote ends it."""
    text = re.search(r"'([^'\"]*\w'\w[^'\"]*)'", line)
    return _written(text.start(), text[0], json.dumps(text[1], ensure_ascii=False)) if text else None


def _name(line: str, at: int) -> Advice:
    """Find a name with a space or a letter other than a to z: it needs quotes."""
    name = re.match(r"\s*([^=\"'\[{#:]*?)\s*=", line)
    if not name or at > name.end() or re.fullmatch(r"[A-Za-z0-9_.-]+", name[1]):
        return None
    if not name[1]:
        return _written(at, "=", "a name before it")
    return _written(name.start(1), name[1], f"{json.dumps(name[1], ensure_ascii=False)} in quotes")


def _equals(line: str, at: int) -> Advice:
    """Find other signs in place of =, or a missing =."""
    sign = re.match(r"(:=|\+=|==|=>|:)", line[at - 1 :] if line[at - 1 : at + 1] in ("==", "=>") else line[at:])
    if sign:
        return _written(line.index(sign[1], max(0, at - 1)), sign[1], "=")
    found = re.match(r"\s*([A-Za-z][A-Za-z0-9_-]*)\s+([^\s=].*)", line)
    if found and "=" not in line:
        return _written(found.start(1), f"{found[1]} {found[2]}", f"{found[1]} = {found[2]}"[:SHOWN])
    return None


def _call(line: str, at: int) -> Advice:
    """Find a range of Python, or a tuple."""
    call = re.match(r"(?:[A-Za-z_]\w*\.)?([A-Za-z_]\w*)\(", line[at:])
    if call and call[1] in _CALLS:
        return _written(at, f"{call[0]})", _CALLS[call[1]])
    return _written(at, "(", "a list in square brackets, such as [1, 2]") if line[at : at + 1] == "(" else None


def _word(line: str, at: int) -> Advice:
    """Find a truth value, number or missing value in Python's spelling, or a text without quotes."""
    word = next((each for each in _TOKEN.finditer(line) if each.start() <= at <= each.end()), None)
    before = line[: word.start()].rstrip()[-1:] if word else "-"
    if not word or before not in ("=", ",", "[", "") or (not before and line[-1:] not in (",", "]")):
        return None
    instead = correct(word[0])
    if not instead and re.fullmatch(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|inf|nan)|true|false", word[0]):
        return None  # This word is TOML: the mistake is elsewhere.
    if instead == NONE:
        instead = '{ none = true }, or "none" where the parameter takes no texts'
    if not instead:
        instead = f"'{word[0]}'" if "\\" in word[0] else json.dumps(word[0], ensure_ascii=False)
        instead = f"a number, or {instead}" if re.match(r"[+-]?\d", word[0]) else instead
    return _written(word.start(), word[0], instead)


def _commas(line: str, at: int) -> Advice:
    """Find a comma too many or too few."""
    if line[at : at + 1] == "}" and line[:at].rstrip().endswith(","):
        return _written(line.rindex(",", 0, at), ", before }", "no comma there")
    if line[at : at + 1] == "," and line[:at].rstrip()[-1:] in (",", "[", "="):
        return _written(at, ",", "a value before it")
    if line[at : at + 1] and re.search(r"\[[^\]]*[\w\"']\s+$", line[:at]):
        return _written(at, _token(line, at), "a comma before it")
    return None


def _several(line: str, at: int) -> Advice:
    """Find several values without brackets."""
    values = re.search(r"=\s*([+-]?\d[^\[{\"'#=]*)$", line)
    parts = re.findall(r"[^,\s]+", values[1]) if values else []
    if not values or len(parts) < 2 or any(correct(part) or not _NUMBER.fullmatch(part) for part in parts):
        return None
    return _written(values.start(1), values[1].rstrip(), f"[{', '.join(parts)}]")


def _header(line: str, at: int) -> Advice:
    """Find a table's name without closing brackets, or with several words."""
    found = re.match(r"\s*(\[{1,2})([^\]\[=,\"']*)\]*\s*$", line)
    if not found or not found[2].strip():
        return None
    name = found[2].strip()
    name = name if re.fullmatch(r"[A-Za-z0-9_.-]+", name) else json.dumps(name, ensure_ascii=False)
    return _written(found.start(1), line.strip(), f"{found[1]}{name}{']' * len(found[1])}")


def _unclosed(line: str, at: int) -> Advice:
    """Find a text without its closing quote."""
    found = re.match(r"""(?:[^"']|"(?:[^"\\]|\\.)*"|'[^']*')*(?P<text>["'].*)$""", line)
    if not found or at < len(line) or '"""' in line or "'''" in line:
        return None
    return _written(found.start("text"), found["text"], f"{found['text']}{found['text'][0]}")


def _missing(line: str, at: int) -> Advice:
    """Find a name without a value, or a table in braces that continues on the next line."""
    if re.search(r"=\s*(#.*)?$", line) and at >= line.rindex("="):
        return _written(line.rindex("="), "= without a value", "one behind it")
    if at >= len(line.rstrip()) and line.count("{") > line.count("}"):
        return _written(line.rindex("{"), "{ at the end of a line", "the table on one line, up to its }")
    return None


def _token(line: str, at: int) -> str:
    found = re.match(r"[^\s,\]}]+", line[at:])
    return found[0] if found else line[at : at + 1]


_RULES: tuple[Callable[[str, int], Advice], ...] = (
    *(_typographic, _comment, _path, _apostrophe, _unclosed, _header, _name, _equals),
    *(_call, _several, _word, _commas, _missing),
)
