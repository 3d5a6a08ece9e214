"""How many figures and matrices a run writes by default. Their number doubles with each further axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FIGURES = 12
"""The most figures of one run."""
PANELS = 24
"""The most panels of one figure."""
MATRICES = 24
"""The most CSV files of matrices of one run; the summary has all cells anyway."""
NAMED = 4
"""Up to this many kinds of files that are left out are named."""


@dataclass(frozen=True)
class Chosen:
    """The kinds of files that are written, and the number of files of each kind that is left out."""

    kinds: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __contains__(self, kind: str) -> bool:
        return kind in self.kinds


def choose(files: Mapping[str, int], most: int, panels: Mapping[str, int] | None = None) -> Chosen:
    """Choose kinds of files in their order, as long as there are at most `most` files. A kind is never split.

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
    """Choose all kinds."""
    return Chosen(tuple(files))


def format_unwritten(figures: Mapping[str, int], matrices: Mapping[str, int]) -> str:
    """Name the kinds that are left out, and the option that writes them; empty if there are none."""
    parts = [_counted(figures, "figure", "figures"), _counted(matrices, "matrix", "matrices")]
    names = " and ".join(part for part in parts if part)
    return f"left out, as there are many: {names}; --all-files writes them" if names else ""


def _counted(files: Mapping[str, int], one: str, many: str) -> str:
    count = sum(files.values())
    if not count:
        return ""
    more = f" and {len(files) - NAMED} more kinds" if len(files) > NAMED + 1 else ""
    names = list(files)[: NAMED if more else None]
    return f"{count:,} {one if count == 1 else many} ({', '.join(names)}{more})"
