"""A surrogate of what a search measured, and what it says: on which axes the value depends, and how."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from nnsweep.design.places import AxisPlaces, Floats
from nnsweep.questions.search.configurations import Configurations
from nnsweep.statistics.sobol import sampled_shares
from nnsweep.statistics.surrogate import Surrogate, cross_validated_r2
from nnsweep.tables import Columns
from nnsweep.tables.columns import column
from nnsweep.threads import one_thread

MOST = 200
"""Configurations to which a surrogate is fitted, at most: the time grows with their third power."""
LEAST = 10
"""Configurations that a surrogate needs."""
GOOD = 0.5
"""The least R² with which a surrogate is believed."""
SAMPLES, SEED = 2048, 18
"""Points of each of the two samples for the shares, and the seed with which they are drawn."""
RUNAWAY = 1000
"""Positive values are fitted by their logarithms if the largest is this many times the median, as figures draw them."""
MIDDLE = 0.5
"""The place of an axis that does not count."""
PAIRS = 2
DECIMALS = 6
"""Decimals of a share: those after them depend on the processor, and are beyond what samples can tell."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A surrogate of the values of configurations over the axes on which they differ."""

    found: Configurations

    @cached_property
    def rows(self) -> np.ndarray:
        """The configurations to which it is fitted: those with a value or, of very many, some evenly among them."""
        known = np.flatnonzero(~np.isnan(self.found.value))
        if len(known) <= MOST:
            return known
        return known[np.linspace(0, len(known) - 1, MOST).round().astype(int)]

    @cached_property
    def is_log(self) -> bool:
        """Whether logarithms of the values are fitted."""
        values = self.found.value[self.rows]
        return bool((values > 0).all() and values.max(initial=0.0) > RUNAWAY * np.median(values))

    @cached_property
    def _values(self) -> Floats:
        values = self.found.value[self.rows]
        return np.log10(values) if self.is_log else values / self._unit

    @property
    def _unit(self) -> float:
        """What values are divided by, so that squares of the largest numbers are finite."""
        return float(np.abs(self.found.value[self.rows]).max(initial=0.0)) or 1.0

    @cached_property
    def why_not(self) -> str:
        """Why there is no surrogate that can be believed; empty if there is one."""
        values = self._values
        if not self.found.axes:
            return "no axis but the seeds has several values"
        if len(values) < LEAST:
            return f"{len(values)} configurations have a value; a surrogate needs {LEAST}"
        if np.ptp(values) == 0:
            return f"the {self.found.name} is the same everywhere"
        if self.r2 < GOOD:
            return (
                f"a surrogate predicts {max(0.0, self.r2):.0%} of what varies between configurations that it has not "
                f"seen; {GOOD:.0%} are needed"
            ).replace("%", " %")
        return ""

    @cached_property
    def r2(self) -> float:
        """The share of the variance of configurations that surrogates predict which were not fitted to them."""
        with one_thread():
            return cross_validated_r2(self._points, self._values, self._categories)

    @cached_property
    def surrogate(self) -> Surrogate:
        """The surrogate, fitted to all `rows`."""
        with one_thread():
            return Surrogate.fit(self._points, self._values, self._categories)

    @property
    def _points(self) -> Floats:
        places = self.found.places[self.rows]
        return np.where(np.isnan(places), MIDDLE, places)

    @property
    def _categories(self) -> np.ndarray:
        return np.array([axis.categories for axis in self.found.axes], dtype=bool)

    @cached_property
    def note(self) -> str:
        """Say how good the surrogate is, and what it was fitted to."""
        left_out = self.found.count - len(self.rows)
        without = int(np.isnan(self.found.value).sum())
        parts = [
            f"Surrogate: a Gaussian process of {len(self.rows):,} configurations, cross-validated R² {self.r2:.2f}"
        ]
        parts += ["of the logarithm"] if self.is_log else []
        parts += [f"without {without:,} that have no value"] if without else []
        parts += [f"{left_out - without:,} others are left out"] if left_out > without else []
        return f"{', '.join(parts)}."

    @cached_property
    def importances(self) -> Columns | None:
        """Divide the variance over the space among the axes and their pairs: `axes` and `share`, the largest first.

        The `rest` is interactions of three or more axes, and of pairs of axes that matter little. None if the surrogate
        cannot be believed; see `why_not`.
        """
        if self.why_not:
            return None
        shares = sampled_shares(self._sampled(), len(self.found.axes))
        names = [axis.name for axis in self.found.axes]
        rows = [(" × ".join(names[at] for at in places), max(0.0, share)) for places, share in shares.items()]
        rows.sort(key=lambda row: -row[1])
        if len(names) > PAIRS:
            rows.append(("rest", max(0.0, 1 - sum(share for _, share in rows))))
        return {"axes": column([name for name, _ in rows]), "share": np.round([share for _, share in rows], DECIMALS)}

    def _sampled(self):
        """Give the surrogate at two samples of the space, mixed by axes."""
        count = len(self.found.axes)
        both = _sample(2 * count)
        halves = [self._on_axes(both[:, :count]), self._on_axes(both[:, count:])]
        factors = [[self.surrogate.factors(axis, half[:, axis]) for axis in range(count)] for half in halves]
        resting = [self.surrogate.factors(axis, np.array([MIDDLE])) for axis in range(count)]

        def at(axes: Collection[int]) -> Floats:
            chosen = [int(axis in axes) for axis in range(count)]
            mixed = np.stack([halves[half][:, axis] for axis, half in enumerate(chosen)], axis=1)
            counts = self._counting(mixed)
            return self.surrogate.combine(
                [
                    factors[half][axis]
                    if counts[:, axis].all()
                    else np.where(counts[:, axis, None], factors[half][axis], resting[axis])
                    for axis, half in enumerate(chosen)
                ]
            )

        return at

    def _on_axes(self, points: Floats) -> Floats:
        return np.stack([axis.level(points[:, at]) for at, axis in enumerate(self.found.axes)], axis=1)

    def _counting(self, points: Floats) -> np.ndarray:
        """Tell which axes count at points of the space, (points, axes)."""
        axes = self.found.axes
        columns = {axis.column: at for at, axis in enumerate(axes)}
        counts = np.ones(points.shape, dtype=bool)
        for at, axis in enumerate(axes):
            for name, values in axis.conditions:
                if name in columns:
                    allowed = axes[columns[name]].places(np.array(values, dtype=object))
                    counts[:, at] &= np.isclose(points[:, columns[name], None], allowed[None]).any(axis=1)
        return counts

    def predict(self, points: Floats) -> Floats:
        """Predict the value, or its logarithm, at points of the space (m, axes)."""
        settled = np.where(self._counting(points), points, MIDDLE)
        found = self.surrogate.predict(settled)
        return found if self.is_log else found * self._unit

    @cached_property
    def pair(self) -> tuple[AxisPlaces, AxisPlaces] | None:
        """The two axes that explain most together; the first two if nothing is known; None if there is one axis."""
        axes, shares = self.found.axes, self.importances
        if len(axes) < 2:
            return None
        known = {} if shares is None else dict(zip(shares["axes"].tolist(), shares["share"].tolist(), strict=True))

        def explained(pair: tuple[AxisPlaces, AxisPlaces]) -> float:
            names = [axis.name for axis in pair]
            return sum(known.get(name, 0.0) for name in (*names, " × ".join(names)))

        return max(combinations(axes, 2), key=explained)


def _sample(axes: int) -> Floats:
    from scipy.stats import qmc

    return qmc.Sobol(axes, rng=np.random.default_rng(SEED)).random(SAMPLES)
