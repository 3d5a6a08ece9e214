"""A figure of one panel, with lines of text above it and a note below."""

from __future__ import annotations

from collections.abc import Sequence

from nnsweep.figures.page import EDGE, Box
from nnsweep.figures.style import FAINT, NOTE, SPACE, TITLE, Figure, text_size
from nnsweep.figures.text import fitted


def sheet(title: Sequence[str], note: str, size: tuple[float, float]) -> tuple[Figure, Box]:
    """Make a figure with a box of `size`, in inches, for its panel; the first line of the title is large.

    The box is returned in fractions of the figure.
    """
    width, height = size
    first, said, note = fitted(title[0], TITLE, width), _lines(title[1:], width), fitted(note, NOTE, width)
    above, beneath = text_size(first, TITLE)[1] + SPACE, text_size(said, NOTE)[1] + 2 * SPACE
    below = EDGE + (text_size(note, NOTE)[1] + 2 * SPACE if note else 0.0)
    high, wide = EDGE + above + beneath + height + below, width + 2 * EDGE
    figure = Figure(figsize=(wide, high), facecolor="white")
    left, top, bottom = EDGE / wide, 1 - EDGE / high, EDGE / high
    figure.text(left, top, first, fontsize=TITLE, va="top", linespacing=1.2)
    figure.text(left, top - above / high, said, fontsize=NOTE, color=FAINT, va="top", linespacing=1.2)
    figure.text(left, bottom, note, fontsize=NOTE, color=FAINT, va="bottom", linespacing=1.2)
    return figure, (left, below / high, width / wide, height / high)


def _lines(texts: Sequence[str], width: float) -> str:
    return "\n".join(fitted(text, NOTE, width) for text in texts)
