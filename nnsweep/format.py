"""Format numbers, counts and names for sentences and pages, each in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from nnsweep.confidence import CONFIDENCE

SURE = f"{100 * CONFIDENCE:.0f} %"
"""The confidence of intervals and of sets of cells."""
INTERVAL = f"{SURE} interval"

OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters of terminals, and characters that change the direction of a line."""


def p_value(value: float) -> str:
    """Write a p-value: two digits, and none below a thousandth.

    >>> p_value(0.0312), p_value(1.0), p_value(2e-9)
    ('0.031', '1', '< 0.001')
    """
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def format_p(value: float) -> str:
    """Write a p-value with its name.

    >>> format_p(0.0312), format_p(2e-9)
    ('p = 0.031', 'p < 0.001')
    """
    return f"p {p_value(value)}" if value < 0.001 else f"p = {p_value(value)}"


def percent(share: float) -> str:
    """Write a share: `18 %`, one decimal below a tenth, and one digit where that would be 0.0.

    >>> percent(0.18), percent(0.0152), percent(0.0001), percent(0.0)
    ('18 %', '1.5 %', '0.01 %', '0 %')
    """
    if 0 < share < 0.0005:
        return f"{100 * share:.1g} %"
    decimals = 1 if 0 < share < 0.0995 else 0
    return f"{100 * share:.{decimals}f} %"


def whole_percent(share: float) -> str:
    """Write a rate of seeds, or an end of its interval, without its unit: tenths would be more than is known.

    >>> whole_percent(0.0977)
    '10'
    """
    return f"{100 * share:.0f}"


def disk_size(size: float) -> str:
    """Write a number of bytes, rounded to two digits.

    >>> disk_size(416e6), disk_size(1_234_567_890), disk_size(12_345)
    ('420 MB', '1.2 GB', '12 kB')
    """
    unit, name = (1e9, "GB") if size >= 995e6 else (1e6, "MB") if size >= 995e3 else (1e3, "kB")
    return f"{float(f'{size / unit:.2g}'):,g} {name}"


def signed(number: float, digits: str = ".0f") -> str:
    """Write a difference: `+4`, `−4`, `0`.

    >>> signed(-0.0123, ".3g"), signed(0.4), signed(2)
    ('−0.0123', '0', '+2')
    """
    text = f"{number:+{digits}}"
    return text.replace("-", "−") if float(text) else "0"


def signed_percent(share: float) -> str:
    """Write a difference of two rates, or an end of its interval, without its unit.

    >>> signed_percent(0.32), signed_percent(-0.001)
    ('+32', '0')
    """
    return signed(100 * share)


def interval(low: str, high: str) -> str:
    """Name an interval by its ends, as they are written.

    >>> interval("69", "90 %")
    '95 % interval 69 to 90 %'
    """
    return f"{INTERVAL} {low} to {high}"


def rate(cell: Mapping[Any, Any]) -> str:
    """Write the rate of a row of the summary with its interval.

    >>> rate({"rate": 0.18, "rate_low": 0.0977, "rate_high": 0.308})
    '18 %, 95 % interval 10 to 31 %'
    """
    share, low, high = (whole_percent(cell[name]) for name in ("rate", "rate_low", "rate_high"))
    return f"{share} %, {interval(low, f'{high} %')}"


def with_interval(value: float, low: float, high: float, write: Callable[[float], str] = "{:.4g}".format) -> str:
    """Write a number and its interval; only the number if it has none.

    >>> with_interval(0.25, 0.1, 0.4), with_interval(0.25, float("nan"), float("nan"))
    ('0.25 (95 % interval 0.1 to 0.4)', '0.25')
    """
    ends = "" if isnan(low) or isnan(high) else f" ({interval(write(low), write(high))})"
    return f"{write(value)}{ends}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number of things: `1 seed`, `2,000 seeds`.

    >>> count(1, "success", "successes"), count(8_400, "trial")
    ('1 success', '8,400 trials')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def listed(names: Sequence[str]) -> str:
    """Join names in a sentence: `a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def count_trials(number: int) -> str:
    """Count trials: `1 trial`, `8,400 trials`."""
    return count(number, "trial")


def duration(seconds: float) -> str:
    """Write a duration with two digits and a fitting unit."""
    if seconds >= 100:
        return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
    if seconds >= 0.01:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:.0f} µs"


def back_quoted(name: str) -> str:
    """Write a name in back-quotes."""
    return f"`{name}`"


def nearest(wrong: str, names: Iterable[str]) -> str:
    """Find the name that is most similar to a wrong one; empty if none is similar.

    >>> nearest("alhpa", ["alpha", "hidden"]), nearest("x", ["alpha"])
    ('alpha', '')
    """
    from difflib import get_close_matches

    return next(iter(get_close_matches(wrong, list(names), n=1)), "")


def did_you_mean(wrong: str, names: Iterable[str], quote: Callable[[str], str] = back_quoted) -> str:
    """Suggest the nearest name; empty if none is near.

    >>> did_you_mean("alhpa", ["alpha", "hidden"]), did_you_mean("x", ["alpha"])
    ('; did you mean `alpha`?', '')
    """
    return suggest(nearest(wrong, names), quote)


def suggest(name: str, quote: Callable[[str], str] = back_quoted) -> str:
    """Ask whether a name was meant; empty for an empty name."""
    return f"; did you mean {quote(name)}?" if name else ""


def printable(text: str) -> str:
    """Escape control characters except line ends and tabs.

    >>> printable("\\x1b[31mred")
    '\\\\x1b[31mred'
    """
    return OBEYED.sub(lambda found: found[0] if found[0] in "\n\t" else _escape(found[0]), text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def no_option(path: str) -> str:
    """Write a path so that it does not look like an option.

    >>> no_option("-rf.toml"), no_option("grid.toml")
    ('./-rf.toml', 'grid.toml')
    """
    return f"./{path}" if path.startswith("-") else path
