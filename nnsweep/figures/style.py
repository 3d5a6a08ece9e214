"""Fonts, sizes and colours of every figure, and how a figure is saved."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that a figure looks the same on every machine."""
TITLE, PANEL, AXIS, TICK, CELL, NOTE = 10.5, 9.5, 9.5, 8.5, 8.5, 8.0
"""Sizes of text, in points."""
SMALLEST = 5.0
"""Text that would have to be smaller than this is left out."""
SPACE = 0.06
"""Between a thing and its text, in inches."""
DPI, SCREEN_DPI = 200, 100

SEQUENTIAL = "viridis_r"
"""Perceptually uniform, safe for the colour-blind; darker is more, in greyscale too."""
DIVERGING = "PuOr"
"""Orange below 0, purple above: safe for the colour-blind. In greyscale the sign is told by the annotation."""
EMPTY, INK, FAINT = "#e4e4e4", "#1a1a1a", "#555555"

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
}


def styled() -> AbstractContextManager[None]:
    """Draw in this style, whatever the user's matplotlibrc says; the settings before come back at the end."""
    return matplotlib.rc_context(SETTINGS)


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows without pyplot's help."""

    def _repr_png_(self) -> bytes:
        content = BytesIO()
        with styled():
            self.savefig(content, dpi=SCREEN_DPI)
        return content.getvalue()


def save(figure: matplotlib.figure.Figure, path: Path) -> None:
    """Write a PNG; equal figures give equal bytes, because the file names no software and no date."""
    with styled():
        figure.savefig(path, dpi=DPI, metadata={"Software": None})


@lru_cache(maxsize=4096)
def text_size(text: str, points: float) -> tuple[float, float]:
    """Width and height of a text of one or more lines, in inches."""
    font = FontProperties(family=FAMILY, size=points)
    widths = [text_to_path.get_text_width_height_descent(line, font, False)[0] for line in text.split("\n")]
    return max(widths) / 72, len(widths) * line_height(points)


def line_height(points: float) -> float:
    """Distance between two lines of a text, in inches."""
    return 1.2 * points / 72
