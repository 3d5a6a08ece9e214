"""The colour scales of the figures, as rules of a style sheet: a class for each level.

The page reads them from `web/scales.css`, which `python docs/generate.py` writes: a run need not import matplotlib for
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SCALES = Path(__file__).parent / "web" / "scales.css"
LINES = 8
"""Colours of lines and dots in charts: `.c0` is the worst."""
LEVELS = 32
"""Colours of a scale; one digit to the base 32 names each."""
DARK_MIDDLE, DARK_BELOW, DARK_ABOVE = "#2b2f36", "#fdae61", "#b9a6e0"
"""The scale of differences on a dark background, where a white middle would be too bright."""


def scale_rules() -> str:
    """Write the rules: `.s0` to `.s31` from little to much, `.d0` to `.d31` from less to more, for light and dark.

    On a dark background the sequential scale is reversed, so that large values stand out there too. Text is black or
    white, whichever has more contrast (WCAG 2.1): at least 4.5 : 1 on every colour.
    """
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    from nnsweep.figures.scale import DIVERGING, SEQUENTIAL

    dark = LinearSegmentedColormap.from_list("differences", [DARK_BELOW, DARK_MIDDLE, DARK_ABOVE])
    light = [*_rules("s", colormaps[SEQUENTIAL]), *_rules("d", colormaps[DIVERGING]), *_lines(colormaps[SEQUENTIAL])]
    night = [*_rules("s", colormaps[SEQUENTIAL].reversed()), *_rules("d", dark)]
    night += _lines(colormaps[SEQUENTIAL].reversed())
    return "\n".join([*light, "@media screen and (prefers-color-scheme: dark) {", *night, "}"])


def _rules(letter: str, colours) -> Iterator[str]:
    from matplotlib.colors import to_hex

    from nnsweep.figures.contrast import is_dark

    for level in range(LEVELS):
        colour = colours(level / (LEVELS - 1))[:3]
        ink = "#fff" if is_dark(colour) else "#000"
        yield f".{letter}{level} {{ background: {to_hex(colour)}; color: {ink} }}"


def _lines(colours) -> Iterator[str]:
    """Write rules for lines, without the colour that is nearest to the background."""
    from matplotlib.colors import to_hex

    for level in range(LINES):
        yield f".c{level} {{ color: {to_hex(colours((level + 0.5) / LINES)[:3])} }}"
