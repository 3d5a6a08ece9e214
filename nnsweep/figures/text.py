"""Texts of figures: numbers, labels, titles and notes."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnsweep.design.spelling import bare
from nnsweep.design.sweep import SEED, Sweep
from nnsweep.format import INTERVAL

if TYPE_CHECKING:
    import pandas as pd

Settings = Sequence[tuple[str, Any]]
"""Names and values that identify a panel or page: `(("hidden", 2),)`."""
LONGEST = 24
"""Characters in a line of a label, at most."""


def tick_labels(values: Iterable[Any]) -> list[str]:
    """Format the values of an axis; long decimals get as few digits as keep them different; long names are wrapped.

    >>> tick_labels([0.001, 0.05]), tick_labels([1e-3, 0.0021544346900318843])
    (['0.001', '0.05'], ['0.001', '0.00215'])
    """
    values = bare(list(values))
    for digits in range(3, 17):
        labels = [_format_value(value, digits) for value in values]
        if len(set(labels)) == len(values):
            return [broken(text) for text in labels]
    return [broken(str(value)) for value in values]


def _format_value(value: Any, digits: int) -> str:
    typed = str(value)
    return f"{value:.{digits}g}" if isinstance(value, float) and len(typed) > 7 else typed


def broken(text: str, width: int = LONGEST) -> str:
    """Wrap a text to lines of at most `width` characters, but not around a sign such as `=`."""
    glued = re.sub(r" ([=<>]) ", "\xa0\\1\xa0", text)
    return ("\n".join(textwrap.wrap(glued, width)) or text).replace("\xa0", " ")


def fitted(text: str, points: float, inches: float) -> str:
    """Wrap a text to lines that are at most this many inches wide."""
    from nnsweep.figures.style import text_size

    if text_size(text, points)[0] <= inches:
        return text
    tried = (broken(text, width) for width in range(len(text) - 1, 1, -1))
    return next((lines for lines in tried if text_size(lines, points)[0] <= inches), text)


def shortened(text: str, points: float, inches: float) -> str:
    """Cut a text of one line to at most this many inches, with `…` in its middle: names often differ at their end."""
    from nnsweep.figures.style import text_size

    if text_size(text, points)[0] <= inches:
        return text
    tried = (
        f"{text[: (kept + 1) // 2].rstrip()}…{text[len(text) - kept // 2 :]}" for kept in range(len(text) - 1, 0, -1)
    )
    return next((each for each in tried if text_size(each, points)[0] <= inches), "…")


def cell_texts(frames: Sequence[pd.DataFrame], signed: bool = False) -> list[list[list[str]]]:
    """Format the value of each cell of each matrix; an empty text for a missing value.

    Counts are written in full. Other numbers get as many decimals as give the largest three significant digits (two
    with a sign). If many would then be shown as 0, each gets two significant digits of its own.
    """
    return number_texts(
        [[[_plain(cell) for cell in row] for row in frame.to_numpy(dtype=object)] for frame in frames], signed
    )


def number_texts(values: Sequence[Sequence[Sequence[float | None]]], signed: bool = False) -> list[list[list[str]]]:
    """Format matrices as `cell_texts` does; None is a missing value.

    >>> number_texts([[[0.25, None], [12.0, 0.5]]]), number_texts([[[7, 0]]])
    ([[['0.2', ''], ['12.0', '0.5']]], [[['7', '0']]])
    """
    known = [abs(v) for frame in values for row in frame for v in row if v is not None and math.isfinite(v)]
    pattern = f"+{_cell_format(known, 2)}" if signed else _cell_format(known, 3)
    return [[["" if v is None else _format_cell(v, pattern) for v in row] for row in frame] for frame in values]


def _plain(cell: Any) -> int | float | None:
    import pandas as pd

    if pd.isna(cell):
        return None
    return int(cell) if float(cell).is_integer() and not isinstance(cell, float) else float(cell)


def _cell_format(known: Sequence[int | float], digits: int) -> str:
    if all(isinstance(value, int) for value in known):
        return "d"
    largest = max(known)
    decimals = max(0, digits - 1 - math.floor(math.log10(largest))) if largest else digits - 1
    vanishing = sum(0 < value < 0.5 * 10**-decimals for value in known)
    readable = 1e-3 <= largest < 1e4 and vanishing <= len(known) / 4
    return f".{decimals}f" if readable or not largest else ".2g"


def _format_cell(value: float, pattern: str) -> str:
    text = format(value, pattern)
    zero = math.isfinite(value) and not any(digit in text for digit in "123456789")
    return text.lstrip("+-") if zero else minus(text)


def minus(number: str) -> str:
    """Replace the hyphen in front of a number by a minus sign."""
    return number.replace("-", "−", 1) if number.startswith("-") else number


def short_number(number: str) -> str:
    """Replace hyphens in a number by minus signs, and drop leading zeros of the exponent.

    >>> [short_number(number) for number in ("1e-05", "-2e+06", "0.1")]
    ['1e−5', '−2e6', '0.1']
    """
    return number.replace("-", "−").replace("e−0", "e−").replace("e+0", "e").replace("e+", "e")


def notes(marks: Mapping[str, int], empty: bool) -> str:
    """Explain hatched and grey cells, if there are any.

    >>> notes({"diverged": 3, "failed": 0}, empty=True)
    'Hatched: trials diverged (3).  Grey: no value.'
    """
    ways = " or ".join(f"{way} ({count})" for way, count in marks.items() if count)
    said = [f"Hatched: trials {ways}."] if ways else []
    return "  ".join([*said, "Grey: no value."] if empty else said)


def settings_text(settings: Settings) -> str:
    """Format the settings of a panel or page: `hidden = 2, activation = relu`; a failure pattern without its name."""
    said = (
        f"{name.strip()} = {tick_labels([value])[0]}" if name != "signature" else str(value) for name, value in settings
    )
    return ", ".join(said).replace("\n", " ")


def success_title(sweep: Sweep, page: Settings = ()) -> str:
    """Title of a map of successes: `forum: successes of 50 seeds (error < 0.05)`."""
    rule = f" ({sweep.success})" if sweep.success is not None else ""
    return _titled(sweep, f"successes of {seeds(sweep)}{rule}", page)


def rate_title(sweep: Sweep, page: Settings = ()) -> str:
    """Title of success rates: `forum: success rate of 50 seeds (error < 0.05)`."""
    rule = f" ({sweep.success})" if sweep.success is not None else ""
    return _titled(sweep, f"success rate of {seeds(sweep)}{rule}", page)


def median_title(sweep: Sweep, metric: str, page: Settings = ()) -> str:
    """Title of a map of medians: `forum: median error of 50 seeds`."""
    return _titled(sweep, f"median {metric} of {seeds(sweep)}", page)


def curves_title(sweep: Sweep, metric: str, page: Settings = ()) -> str:
    """Title of curves: `digits: accuracy, median of 10 seeds; bands hold the middle half`."""
    count = seeds(sweep)
    what = metric.replace("_", " ") if count == "1 seed" else f"{metric.replace('_', ' ')}, median of {count}"
    return _titled(sweep, what if count == "1 seed" else f"{what}; bands hold the middle half", page)


def curves_note(diverged: int, interval: bool = False) -> str:
    """Explain curves that show their median's interval, or some of whose trials diverged.

    >>> curves_note(1), curves_note(0, interval=True)
    ('1 trial diverged and counts up to there.', 'Darker: 95 % interval of the median, a bootstrap over the seeds.')
    """
    trials = "1 trial diverged and counts" if diverged == 1 else f"{diverged:,} trials diverged and count"
    darker = f"Darker: {INTERVAL} of the median, a bootstrap over the seeds." if interval else ""
    return "  ".join(filter(None, (darker, f"{trials} up to there." if diverged else "")))


def signatures_title(sweep: Sweep, page: Settings = (), summed: str | None = None) -> str:
    """Title of a map of failure patterns: `forum: how trials of 50 seeds fail (success: error < 0.05)`.

    `summed` is an axis whose values are counted together.
    """
    rule = f" (success: {sweep.success})" if sweep.success is not None else ""
    together = f", every {summed} together" if summed is not None else ""
    return _titled(sweep, f"how trials of {seeds(sweep)} fail{rule}{together}", page)


def distribution_title(sweep: Sweep, metric: str, page: Settings = ()) -> str:
    """Title of strips: `forum: error of each of 50 seeds`."""
    return _titled(sweep, f"{metric.replace('_', ' ')} of each of {seeds(sweep)}", page)


def marginal_title(sweep: Sweep, page: Settings = ()) -> str:
    """Title of a marginal view: `forum: each axis, averaged over all else; 50 seeds`."""
    rule = f" ({sweep.success})" if sweep.success is not None else ""
    return _titled(sweep, f"each axis, averaged over all others; {seeds(sweep)} a cell{rule}", page)


SURE = "All cells share their seeds, so that an average is taken to be no surer than a single one of them."


def against_note(averaged: bool, bands: bool) -> str:
    """Explain the lines and bands of a figure over the axes.

    >>> against_note(averaged=False, bands=True)
    'Bands: 95 % intervals.'
    """
    if not averaged:
        return f"Bands: {INTERVAL}s." if bands else ""
    thin = "Thin lines: each value of what is averaged over."
    return f"{thin} Bands: {INTERVAL}s, averaged like the lines. {SURE}" if bands else thin


def marginal_note() -> str:
    """Explain the dots, lines and ticks of a marginal view."""
    return (
        f"Dots: averages, the axis that matters most first. Lines: {INTERVAL}s of cells, averaged too. Ticks: the "
        f"cells. {SURE}"
    )


def strips_note(lost: pd.Series) -> str:
    """Explain the dots, boxes and numbers of strips; `lost` are the statuses of trials without a value.

    >>> import pandas as pd
    >>> strips_note(pd.Series(["diverged", "diverged", "failed"]))[57:]
    'Numbers at the right: trials without a value (2 diverged, 1 failed).'
    """
    said = "Dots: trials, by seed. Boxes: middle half; bars: median. "
    ways = ", ".join(f"{count:,} {status}" for status, count in lost.value_counts().items())
    return f"{said}Numbers at the right: trials without a value ({ways})." if ways else said.rstrip()


def difference_title(sweep: Sweep, what: str, first: Settings, last: Settings, page: Settings = ()) -> str:
    """Title of a difference map: `forum: successes of 50 seeds, hidden = 4 minus 2`."""
    taken = settings_text(first).removeprefix(f"{first[0][0]} = ") if len(first) == 1 else settings_text(first)
    return _titled(sweep, f"{what} of {seeds(sweep)}, {settings_text(last)} minus {taken}", page)


def _titled(sweep: Sweep, what: str, page: Settings) -> str:
    where = settings_text(page)
    return f"{sweep.name}: {what}" + (f", {where}" if where else "")


def seeds(sweep: Sweep) -> str:
    """Count the seeds of a sweep: `50 seeds`."""
    count = next((len(axis.values) for axis in sweep.axes if axis.parameter == SEED), 1)
    return f"{count} seed" + ("s" if count != 1 else "")
