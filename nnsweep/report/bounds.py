"""How much a run draws and tables unasked: of a grid of many axes, that doubles with each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FIGURES = 12
"""Figures of one run."""
PANELS = 24
"""Panels of one figure."""
MATRICES = 24
"""CSV files of matrices of one run; the summary has all cells anyway."""
NAMED = 4
"""Kinds of files left out that are named."""


@dataclass(frozen=True)
class Chosen:
    """Kinds of files that are written, and how many files there are of those left out."""

    kinds: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __contains__(self, kind: str) -> bool:
        return kind in self.kinds


def choose(files: Mapping[str, int], most: int, panels: Mapping[str, int] | None = None) -> Chosen:
    """Choose kinds of files, in their order, each with all its files or none, as long as the files are at most `most`.

    A kind whose figures have more than `PANELS` panels is left out too.

    >>> choose({"success": 16, "error_median": 16}, 24)
    Chosen(kinds=('success',), left_out={'error_median': 16})
    """
    kinds: list[str] = []
    left: dict[str, int] = {}
    count = 0
    for kind, number in files.items():
        if count + number > most or (panels or {}).get(kind, 1) > PANELS:
            left[kind] = number
        else:
            kinds.append(kind)
            count += number
    return Chosen(tuple(kinds), left)


def everything(files: Mapping[str, int]) -> Chosen:
    """Choose all."""
    return Chosen(tuple(files))


def format_unwritten(figures: Mapping[str, int], matrices: Mapping[str, int]) -> str:
    """Say what is left out and how to have it; nothing if nothing is."""
    parts = [_counted(figures, "figure", "figures"), _counted(matrices, "matrix", "matrices")]
    said = " and ".join(part for part in parts if part)
    return f"left out, as there are many: {said}; --all-files writes them" if said else ""


def _counted(files: Mapping[str, int], one: str, many: str) -> str:
    count = sum(files.values())
    if not count:
        return ""
    more = f" and {len(files) - NAMED} more kinds" if len(files) > NAMED + 1 else ""
    names = list(files)[: NAMED if more else None]
    return f"{count:,} {one if count == 1 else many} ({', '.join(names)}{more})"
