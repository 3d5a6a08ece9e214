"""Spellings of values: in a sweep file, in `--set`, and in tables."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from nnsweep.design.table import NONE
from nnsweep.format import OBEYED

STRING = (
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}'
    r"|'''(?:[^']++|'(?!''))*+'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'"
)
_WORD = re.compile(rf"(?P<string>{STRING})|(?P<word>[^\s,\[\]{{}}=\"']+)(?P<key>\s*=)?", re.DOTALL)

FORMULAS = (*"=+-@\uff1d\uff0b\uff0d\uff20", "\t", "\r", "\n")
"""Prefixes that a text in a table must not have: a spreadsheet would run it as a formula, also of the full width."""
INNER = re.compile(r'([;\t\r\n][\s"\\]*)([=+\-@\uff1d\uff0b\uff0d\uff20])')
"""The start of a formula within a text, for a spreadsheet that takes a semicolon, a tab or a line's end for a comma."""
MISSING = {
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
    *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
}
"""Texts that `pandas.read_csv` reads as missing values."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|Infinity|NaN')


class TooLargeError(ValueError):
    """A number that is too large for a float."""


def read_float(text: str) -> float:
    """Read a TOML number with a point or an exponent.

    Raises:
        TooLargeError: it would become infinity.
    """
    value = float(text)
    if math.isinf(value) and "inf" not in text:
        raise TooLargeError(text)
    return value


def spell(value: Any) -> str:
    """Write a value in TOML, in full: different values have different spellings.

    >>> spell((8, True, "relu")), spell(1e-05), spell({"gate": "xor", "inputs": 3}), spell(None)
    ('[8, true, "relu"]', '1e-05', '{ gate = "xor", inputs = 3 }', '{ none = true }')
    """
    if isinstance(value, bool | str):
        return _quote(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(spell, value))}]"
    if isinstance(value, BaseModel):
        return spell(value.model_dump(exclude_defaults=True))
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(key)} = {spell(each)}' for key, each in value.items())} }}" if value else "{}"
    return spell(NONE) if value is None else str(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quote(key)


def _quote(value: bool | str) -> str:
    """Write a text in quotes, without characters that a terminal obeys or that start a formula within it."""
    text = OBEYED.sub(_escape, json.dumps(value, ensure_ascii=False))
    return INNER.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def read_values(text: str) -> list[Any]:
    """Read the comma-separated values of `--set`: TOML, in which plain words need no quotes.

    >>> read_values("relu,tanh"), read_values("[[8, 8], [16]]"), read_values('true,"1"')
    (['relu', 'tanh'], [[[8, 8], [16]]], [True, '1'])

    Raises:
        ValueError: it is no TOML. TooLargeError: a number would become infinity. RecursionError: it nests too deeply.
    """
    table = tomllib.loads(f"values = [{_WORD.sub(_quoted, text)}]", parse_float=read_float)
    if list(table) != ["values"]:
        raise ValueError(f"{text!r} is more than values")
    return table["values"]


def plain_words(text: str) -> list[str]:
    """List the words in the values of `--set` that are neither quoted nor keys."""
    return [match["word"] for match in _WORD.finditer(text) if match["word"] and not match["key"]]


def _quoted(match: re.Match[str]) -> str:
    """Put quotes around a word that TOML cannot read without."""
    word = match["word"]
    if not word or match["key"]:
        return match[0]
    try:
        tomllib.loads(f"value = {word}")
    except ValueError:
        return json.dumps(word, ensure_ascii=False)
    return word


def label(value: Any) -> Any:
    """Show a value in a table: numbers and truth values unchanged, a list of one width as the width, others as `8-8`.

    A table of the sweep file, such as a data set, is shown by its own text. A text that a CSV reader would turn into
    something else gets a `'` in front; a text of several lines, or with a formula in it, is written as in a sweep file.

    >>> [label(each) for each in (8, (8,), (8, 8), (), "relu", "1.10", "NA", "+ momentum", (-1, 2), None)]
    [8, 8, '8-8', '[]', 'relu', "'1.10", "'NA", "'+ momentum", '[-1, 2]', 'none']
    >>> label("a;=1+1")
    '"a;\\\\u003d1+1"'
    """
    if isinstance(value, tuple):
        return _list_label(value)
    text = str(value) if isinstance(value, BaseModel) else "none" if value is None else value
    if not isinstance(text, str):
        return text
    if _is_unsafe(text):
        return spell(text)
    return text if stays_text(text) else f"'{text}"


def _list_label(value: tuple[Any, ...]) -> Any:
    if len(value) == 1 and not isinstance(value[0], tuple):
        return label(value[0])
    text = "-".join(str(item) for item in value)
    return text if stays_text(text) and not _is_unsafe(text) else spell(value)


def bare(labels: Sequence[Any]) -> list[Any]:
    """Drop the `'` in front of labels for texts that are not read back, unless two labels would become equal.

    >>> bare(["'+ momentum", "plain"]), bare(["1", "'1"])
    (['+ momentum', 'plain'], ['1', "'1"])
    """
    found = [_bare(each) if isinstance(each, str) else each for each in labels]
    return found if len(set(map(str, found))) == len(found) else list(labels)


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and label(text[1:]) == text else text


def _is_unsafe(text: str) -> bool:
    return OBEYED.search(text) is not None or INNER.search(text) is not None


def stays_text(text: str) -> bool:
    """Return whether pandas reads a cell as this text without options, and no spreadsheet runs it."""
    strange = text.startswith(FORMULAS) or text[:1].isspace()
    return not (strange or text in MISSING or text.lower() in ("true", "false") or is_number(text))


def is_number(text: str) -> bool:
    """Return whether a text can be read as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def to_json(value: Any, **options: Any) -> str:
    """Write JSON like `json.dumps`, but infinity as 1e999: every reader takes it for a number, most for infinity.

    >>> to_json([float("-inf"), "Infinity"])
    '[-1e999, "Infinity"]'

    Raises:
        ValueError: a number is NaN.
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        return _TOKEN.sub(_number, json.dumps(value, **options))


def _number(match: re.Match[str]) -> str:
    if match[0] == "NaN":
        raise ValueError("NaN is no value of a sweep")
    return "1e999" if match[0] == "Infinity" else match[0]
