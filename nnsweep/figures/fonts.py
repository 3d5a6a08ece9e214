"""Fonts for characters that the figures' own font lacks: an installed one, or advice on what to install."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from matplotlib.font_manager import FontEntry, findSystemFonts, fontManager, get_font

FAMILY = "DejaVu Sans"
"""It comes with matplotlib, so that a figure looks the same on every machine."""
PREFERRED = (
    *(
        "Noto Sans CJK SC",
        "Noto Sans CJK JP",
        "Noto Sans CJK",
        "Source Han Sans",
        "Noto Sans",
        "WenQuanYi",
        "Microsoft YaHei",
        "SimHei",
        "PingFang",
    ),
    *("Hiragino Sans", "Yu Gothic", "Meiryo", "Malgun Gothic", "Apple SD Gothic", "Arial Unicode", "Noto Emoji"),
)
"""Prefixes of families that are preferred, in this order."""
UNFIT = ("Last Resort", "Noto Color Emoji", "Apple Color Emoji")
"""Families that have boxes for all characters, or pictures, which matplotlib cannot draw."""
LISTED = 5
"""Characters that a note names, at most."""


def families(text: str) -> tuple[str, ...]:
    """Choose the families for a text: the figures' own, and those for characters that it lacks.

    >>> families("α = 0.1")
    ('DejaVu Sans',)
    """
    return FAMILY, *(() if text.isascii() else _others(frozenset(_lacking(text))))


def undrawn(texts: Iterable[str]) -> list[str]:
    """List the characters of some texts that no installed font has."""
    lacking = _lacking("".join(text for text in texts if not text.isascii()))
    fonts = [font for font in _candidates() if font.name in _others(frozenset(lacking))] if lacking else []
    return [each for each in lacking if not any(_had(font, {each}) for font in fonts)]


def format_note(undrawn: Sequence[str]) -> str:
    """Tell which characters no font has, and what to install.

    >>> format_note(["学", "习"])
    'no installed font has 学 and 习, which figures show as boxes; a font that has: Noto Sans CJK'
    """
    if not undrawn:
        return ""
    more = len(undrawn) - LISTED
    *first, last = [*undrawn[:LISTED], *([f"{more} more"] if more > 0 else [])]
    listed = f"{', '.join(first)} and {last}" if first else last
    fonts = list(dict.fromkeys(map(_advised, undrawn)))
    advice = f"a font that has: {fonts[0]}" if len(fonts) == 1 else f"fonts that have them: {' and '.join(fonts)}"
    return f"no installed font has {listed}, which figures show as boxes; {advice}"


def _advised(character: str) -> str:
    """Name a free font for a character, by its script."""
    script = unicodedata.name(character, "").partition(" ")[0]
    if script in ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "BOPOMOFO"):
        return "Noto Sans CJK"
    if ord(character) >= 0x1F000 or not character.isalnum():
        return "Noto Emoji" if ord(character) >= 0x1F000 else "Noto Sans Symbols 2"
    return f"Noto Sans {script.title()}"


def _lacking(text: str) -> list[str]:
    """List the characters of a text that the figures' own font lacks."""
    return [each for each in dict.fromkeys(text) if each.isprintable() and ord(each) not in _characters(_own())]


@cache
def _own() -> str:
    return next(font.fname for font in fontManager.ttflist if font.name == FAMILY and font.style == "normal")


@lru_cache(maxsize=256)
def _others(lacking: frozenset[str]) -> tuple[str, ...]:
    """Choose families that have these characters: repeatedly the one that has the most of the remaining ones."""
    chosen: list[str] = []
    left = set(lacking)
    while left:
        best = max(_candidates(), key=lambda font: len(_had(font, left)), default=None)
        if best is None or not _had(best, left):
            break
        chosen.append(best.name)
        left -= _had(best, left)
    return tuple(chosen)


@cache
def _candidates() -> list[FontEntry]:
    """List an upright font of each installed family, preferred families first."""
    known = {font.fname for font in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):  # matplotlib caches its list, which may be outdated.
        try:
            fontManager.addfont(path)
        except Exception:  # Skip a broken font, whatever is wrong with it.
            continue
    upright = [font for font in fontManager.ttflist if font.style == "normal" and not font.name.startswith(UNFIT)]
    nearest = sorted(upright, key=lambda font: (_rank(font.name), font.name, abs(_weight(font) - 400)))
    return list({font.name: font for font in reversed(nearest)}.values())[::-1]


def _rank(name: str) -> int:
    return next((place for place, start in enumerate(PREFERRED) if name.startswith(start)), len(PREFERRED))


def _weight(font: FontEntry) -> int:
    return font.weight if isinstance(font.weight, int) else 400


def _had(font: FontEntry, characters: set[str]) -> set[str]:
    """Return those of the characters that a font has."""
    return {each for each in characters if ord(each) in _characters(font.fname)}


@cache
def _characters(path: str) -> frozenset[int]:
    """Return the code points of a font file; none if it cannot be read."""
    try:
        return frozenset(get_font(path).get_charmap())
    except Exception:  # Skip a broken font, whatever is wrong with it.
        return frozenset()
