"""Fonts, sizes and colours of all figures, and saving."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.figure
from matplotlib.backend_bases import RendererBase
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from nnsweep.errors import NnsweepError
from nnsweep.figures.fonts import FAMILY, families, undrawn

TITLE, PANEL, AXIS, TICK, CELL, NOTE = 10.5, 9.5, 9.5, 8.5, 8.5, 8.0
"""Sizes of text, in points."""
SMALLEST = 5.0
"""The smallest size of text; what would be smaller is left out."""
SPACE = 0.06
"""Space between a thing and its text, in inches."""
DPI, SCREEN_DPI = 200, 100

FORMATS: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""The formats of figures, with the metadata that each file must not contain: software and date."""
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that a name may have and an SVG file may not, not even escaped: XML 1.0, section 2.2."""
EMPTY, GRID, INK, FAINT = "#e4e4e4", "#dddddd", "#1a1a1a", "#555555"

SETTINGS: dict[Any, Any] = {
    "font.family": FAMILY,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.unicode_minus": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.spines.bottom": False,
    "hatch.linewidth": 0.6,
    "text.usetex": False,
    "text.parse_math": False,
    "svg.fonttype": "none",  # Text stays text, which can be searched and edited.
    "svg.hashsalt": "nnsweep",  # Without it, names in the file are random.
    "pdf.fonttype": 42,  # Fonts are embedded as they are, which journals ask for.
}


def styled() -> AbstractContextManager[None]:
    """Draw in this style, whatever the user's matplotlibrc says; earlier settings are restored at the end."""
    return matplotlib.rc_context(SETTINGS)


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows without pyplot."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure, with fonts that have the characters of its texts."""
        _choose_fonts(self)
        super().draw(renderer)

    def _repr_png_(self) -> bytes:
        # 256 colours take a third of the bytes, which a notebook stores, and nobody sees the difference.
        from PIL import Image

        drawn, content = BytesIO(), BytesIO()
        with styled(), _ignore_missing_glyphs():
            self.savefig(drawn, dpi=SCREEN_DPI)
        with Image.open(drawn) as image:
            few = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(content, "png", optimize=True)
        return content.getvalue()


def check_format(path: Path) -> None:
    """Refuse a file name whose suffix is not that of a format.

    Raises:
        NnsweepError: its suffix is none of FORMATS.
    """
    if path.suffix.lower() not in FORMATS:
        found = f"the suffix {path.suffix}" if path.suffix else "no suffix"
        raise NnsweepError(f"{path}: {found} for a figure; allowed: {', '.join(FORMATS)}")


def save(figure: matplotlib.figure.Figure, path: Path) -> None:
    """Write a PNG, SVG or PDF file, by its suffix; equal figures give equal bytes.

    Raises:
        NnsweepError: the suffix is none of FORMATS.
    """
    check_format(path)
    path.write_bytes(encode(figure, path.suffix))


def encode(figure: matplotlib.figure.Figure, suffix: str) -> bytes:
    """Give the content of a file of the format that has this suffix, one of FORMATS."""
    suffix, drawn = suffix.lower(), BytesIO()
    with styled(), _ignore_missing_glyphs():
        figure.savefig(drawn, format=suffix[1:], dpi=DPI, metadata=FORMATS[suffix])
    if suffix != ".svg":
        return drawn.getvalue()
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", drawn.getvalue().decode()).encode()


def boxes(figure: matplotlib.figure.Figure) -> list[str]:
    """List the characters of a figure that no installed font has."""
    return undrawn(each.get_text() for each in _texts(figure))


@contextmanager
def _ignore_missing_glyphs() -> Iterator[None]:
    """Suppress matplotlib's warning for each character that no font has: `format_note` tells it in one line."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


def _choose_fonts(figure: matplotlib.figure.Figure) -> None:
    """Set other fonts on texts with characters that the style's font lacks."""
    for each in _texts(figure):
        if len(families(each.get_text())) > 1:
            each.set_fontfamily(families(each.get_text()))


def _texts(figure: matplotlib.figure.Figure) -> list[Text]:
    return [each for each in figure.findobj(Text) if isinstance(each, Text) and not each.get_text().isascii()]


@lru_cache(maxsize=4096)
def text_size(text: str, points: float) -> tuple[float, float]:
    """Return the width and height of a text of one or more lines, in inches."""
    font = FontProperties(family=families(text), size=points)
    plain = text.isascii() and text.replace("\n", "").isprintable()
    with nullcontext() if plain else _ignore_missing_glyphs():
        widths = [text_to_path.get_text_width_height_descent(line, font, False)[0] for line in text.split("\n")]
    return max(widths) / 72, len(widths) * line_height(points)


def line_height(points: float) -> float:
    """Return the distance between two lines of a text, in inches."""
    return 1.2 * points / 72
