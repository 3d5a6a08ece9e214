"""How numbers, counts and names are written in sentences and on pages, each in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches


def p_value(value: float) -> str:
    """Write a p-value: two digits, and none below a thousandth.

    >>> p_value(0.0312), p_value(1.0), p_value(2e-9)
    ('0.031', '1', '< 0.001')
    """
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def format_p(value: float) -> str:
    """Write what a p-value is.

    >>> format_p(0.0312), format_p(2e-9)
    ('p = 0.031', 'p < 0.001')
    """
    return f"p {p_value(value)}" if value < 0.001 else f"p = {p_value(value)}"


def percent(share: float) -> str:
    """Write a share: `18 %`, and one decimal below a tenth.

    >>> percent(0.18), percent(0.0152), percent(0.0)
    ('18 %', '1.5 %', '0 %')
    """
    decimals = 1 if 0 < share < 0.0995 else 0
    return f"{100 * share:.{decimals}f} %"


def signed(number: int) -> str:
    """Write a difference: `+4`, `−4`, `0`."""
    return f"{number:+d}".replace("-", "−") if number else "0"


def count(number: int, noun: str) -> str:
    """Write a number of things: `1 seed`, `2,000 seeds`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def listed(names: Sequence[str]) -> str:
    """Join names in a sentence: `a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def count_trials(count: int) -> str:
    """Count trials: `1 trial`, `8,400 trials`."""
    return f"{count:,} trial{'s' * (count != 1)}"


def duration(seconds: float) -> str:
    """Two digits and a unit that fits."""
    if seconds >= 100:
        return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
    if seconds >= 0.01:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:.0f} µs"


def back_quoted(name: str) -> str:
    """Write a name in back-quotes."""
    return f"`{name}`"


def nearest(wrong: str, names: Iterable[str]) -> str:
    """Find the name that is written most like a wrong one; empty if none is like it.

    >>> nearest("alhpa", ["alpha", "hidden"]), nearest("x", ["alpha"])
    ('alpha', '')
    """
    return next(iter(get_close_matches(wrong, list(names), n=1)), "")


def did_you_mean(wrong: str, names: Iterable[str], quote: Callable[[str], str] = back_quoted) -> str:
    """Suggest the nearest name; nothing if none is near.

    >>> did_you_mean("alhpa", ["alpha", "hidden"]), did_you_mean("x", ["alpha"])
    ('; did you mean `alpha`?', '')
    """
    return suggest(nearest(wrong, names), quote)


def suggest(name: str, quote: Callable[[str], str] = back_quoted) -> str:
    """Ask whether a name was meant; nothing of an empty one."""
    return f"; did you mean {quote(name)}?" if name else ""
