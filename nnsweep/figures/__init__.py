"""Figures: a DataFrame in, a matplotlib Figure out. Tables compute the numbers; pyplot is not used."""

from nnsweep.figures.curves import curves
from nnsweep.figures.fonts import format_note, undrawn
from nnsweep.figures.heatmap import difference_map, difference_maps, heatmaps
from nnsweep.figures.style import boxes, check_format, save
from nnsweep.figures.text import (
    curves_note,
    curves_title,
    difference_title,
    median_title,
    signatures_title,
    success_title,
)

__all__ = [
    "boxes",
    "check_format",
    "curves",
    "curves_note",
    "curves_title",
    "difference_map",
    "difference_maps",
    "difference_title",
    "format_note",
    "heatmaps",
    "median_title",
    "save",
    "signatures_title",
    "success_title",
    "undrawn",
]
