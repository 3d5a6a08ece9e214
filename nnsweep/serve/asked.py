"""What a page of a sweep is asked to show: the part of an address behind `?`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from nnsweep.errors import NnsweepError
from nnsweep.serve.heatmap import measures_of
from nnsweep.serve.trials import LiveTrials

AT = "at "
"""In front of the name of an axis that stands in no place of the heatmaps."""


@dataclass(frozen=True)
class Asked:
    """The measure of the heatmaps, the values at which axes beyond three stand, a cell, and the quantity of curves."""

    show: str = ""
    at: Mapping[str, int] = field(default_factory=dict)
    cell: int | None = None
    curve: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], trials: LiveTrials | None) -> Asked:
        """Read what is asked of a sweep.

        Raises:
            NnsweepError: there is no such measure, value or cell.
        """
        if trials is None:
            return cls()
        shown = measures_of(trials)
        show = query.get("show") or shown[0]
        if show not in shown:
            raise NnsweepError(f"show={show}: allowed: {', '.join(shown)}")
        rest = {name: len(trials.labels[name]) for name in trials.layout.rest}
        at = {name: _number(query, f"{AT}{name}", count) or 0 for name, count in rest.items()}
        return cls(show, at, _number(query, "cell", len(trials.first)), query.get("curve", ""))

    def link(self, **changes: Any) -> str:
        """Write the address of the same page with something changed."""
        changed = replace(self, **changes)
        pairs: dict[str, Any] = {"show": changed.show, **{f"{AT}{name}": place for name, place in changed.at.items()}}
        pairs |= {"cell": changed.cell, "curve": changed.curve}
        return "?" + urlencode({name: value for name, value in pairs.items() if value not in (None, "")})


def _number(query: Mapping[str, str], name: str, count: int) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) < count):
        raise NnsweepError(f"{name}={text}: allowed: a number from 0 to {count - 1}")
    return int(text)
