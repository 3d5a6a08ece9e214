"""The colour scales of the figures, as rules of a style sheet: a class for each level."""

from __future__ import annotations

from collections.abc import Iterator

LEVELS = 32
"""Colours of a scale; a digit to the base 32 names one."""
DARK_MIDDLE, DARK_BELOW, DARK_ABOVE = "#2b2f36", "#fdae61", "#b9a6e0"
"""The scale of differences on a dark ground, where a white middle would shine."""


def scale_rules() -> str:
    """Write the rules: `.s0` to `.s31` from little to much, `.d0` to `.d31` from less to more, for light and dark.

    On a dark ground the sequential scale is turned around, so that much stands out there too. Letters are black or
    white, whichever differs more (WCAG 2.1): at least 4.5 : 1 on every colour.
    """
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    from nnsweep.figures.style import DIVERGING, SEQUENTIAL

    dark = LinearSegmentedColormap.from_list("differences", [DARK_BELOW, DARK_MIDDLE, DARK_ABOVE])
    light = [*_rules("s", colormaps[SEQUENTIAL]), *_rules("d", colormaps[DIVERGING])]
    night = [*_rules("s", colormaps[SEQUENTIAL].reversed()), *_rules("d", dark)]
    return "\n".join([*light, "@media screen and (prefers-color-scheme: dark) {", *night, "}"])


def _rules(letter: str, colours) -> Iterator[str]:
    from matplotlib.colors import to_hex

    for level in range(LEVELS):
        colour = colours(level / (LEVELS - 1))[:3]
        ink = "#000" if _luminance(colour) > 0.179 else "#fff"
        yield f".{letter}{level} {{ background: {to_hex(colour)}; color: {ink} }}"


def _luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance; at 0.179 black and white letters have the same contrast."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
