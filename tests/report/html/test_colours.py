"""The colours of the page are those of the figures."""

from __future__ import annotations

from nnsweep.report.html.colours import SCALES, scale_rules


def test_the_style_sheet_has_the_colours_of_the_figures():
    assert SCALES.read_text(encoding="utf-8") == scale_rules() + "\n", "make it again: python docs/generate.py"
