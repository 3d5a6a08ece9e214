"""How a sweep is searched: the spaces of its axes, the method that chooses values from them, and the budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

DIGITS = 5
"""Significant digits of values from a space: few enough to be typed into a grid, which then has the same trials."""

METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "random": (),
        "sobol": (),
        "latin_hypercube": (),
        "tpe": (),
        "gp": (),
        "cmaes": (),
        "nsga2": ("metrics", "most"),
        "racing": (),
        "halving": ("reduction",),
        "hyperband": ("reduction",),
    }
)
"""The keys of [search] that each method has for itself."""
STOPPING = ("racing", "halving", "hyperband")
"""Methods that stop configurations early. On a grid they need no budget, and they have no batches."""
RACING, KEPT, RULED_OUT = "racing", "kept", "ruled out"
"""A race asks which configurations may be the best; these probably may, or may not."""
OVER_EPOCHS = ("halving", "hyperband")
"""Those of them that stop after some epochs. The values of the axis of epochs are the rungs."""


@dataclass(frozen=True)
class Space:
    """The interval of an axis's values: its ends, whether its logarithm is searched, and whether values are whole."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> Any:
        """Return the value at a share of the interval, from 0 to 1, rounded to `DIGITS` digits.

        Whole numbers have equal shares; with `log`, shares are of the logarithm.

        >>> Space(1e-4, 1, log=True).at(0.25), Space(0, 3).at(0.5), Space(1, 4, whole=True).at(0.8)
        (0.001, 1.5, 4)
        """
        low, high = (self.low - 0.5, self.high + 0.5) if self.whole else (self.low, self.high)
        return self.rounded(low * (high / low) ** share if self.log else low * (1 - share) + high * share)

    def rounded(self, value: float) -> Any:
        """Round to a whole number, or to `DIGITS` digits of the interval or, with `log`, of the value. It stays inside.

        >>> Space(0, 1).rounded(0.123456789), Space(1, 9, whole=True).rounded(9.5)
        (0.12346, 9)
        """
        if self.whole:
            return int(min(max(math.floor(value + 0.5), self.low), self.high))
        size = abs(value) * 10 if self.log else self.high - self.low
        places = DIGITS - math.floor(math.log10(size))
        return min(max(round(value, places) + 0.0, float(self.low)), float(self.high))

    @property
    def size(self) -> int | None:
        """The number of values; None if they are not whole."""
        return int(self.high - self.low) + 1 if self.whole else None


@dataclass(frozen=True)
class Progress:
    """What a search has done: a line of text, and why each configuration got no more, by its values on the axes.

    `confirmed` is a text: the best on the seeds that chose it, and on fresh ones.
    """

    text: str = ""
    endings: Mapping[tuple[Any, ...], str] = field(default_factory=dict)
    confirmed: str = ""


Condition = tuple[str, tuple[Any, ...]]
"""A parameter and those of its values with which an axis counts."""


@dataclass(frozen=True)
class Search:
    """The method of a search, its budget (at least one of three), and what makes a configuration good.

    `batch` is the number of configurations that are chosen at once, before anything is known of them (None: the
    method's own). The value of a configuration is its success rate or, with `metric`, the mean or median of that metric
    over its seeds. `own` are the keys of the method alone.
    """

    method: str
    configurations: int | None = None
    trainings: int | None = None
    seconds: float | None = None
    seed: int = 0
    batch: int | None = None
    metric: str = ""
    highest: bool | None = None
    """Whether more of the metric is better; None: as for its name."""
    average: str = "median"
    confirm: int = 20
    """With how many fresh seeds the best configuration is trained in the end."""
    own: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def ranked_by(self) -> str:
        """The metric that ranks configurations: of several, the first; "" if success does."""
        return self.metric or next(iter(self.own.get("metrics", ())), "")

    def highest_of(self, metric: str) -> bool | None:
        """Return whether more of a metric is better, as far as the search says it."""
        if metric and metric == self.metric and self.highest is not None:
            return self.highest
        return True if metric in (self.own.get("most") or ()) else None
