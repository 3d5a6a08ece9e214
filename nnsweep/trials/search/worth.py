"""What a configuration is worth, by the outcomes of its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from statistics import fmean, median

from nnsweep.design.sweep import Success, Sweep
from nnsweep.nn import higher_is_better
from nnsweep.trainers.protocol import Outcome


@dataclass(frozen=True)
class Worth:
    """The loss of a configuration, of which less is better: by success, or by the average of a metric over its seeds.

    A trial that failed, diverged or has no metric is no success, and its metric is worse than any other.
    """

    metric: str
    lower: bool
    """Whether less of the metric is better."""
    success: Success | None = None
    average: str = "median"

    @classmethod
    def of(cls, sweep: Sweep) -> Worth:
        """Read what makes a configuration of a searched sweep good."""
        search, success = sweep.search, sweep.success
        assert search is not None
        if not search.metric:
            assert success is not None
            return cls(success.metric, success.lower, success)
        return cls.of_metric(sweep, search.metric, search.highest)

    @classmethod
    def of_metric(cls, sweep: Sweep, metric: str, highest: bool | None = None) -> Worth:
        """Judge by a metric; by default the bound of success says which direction is better, or else its name."""
        search, success = sweep.search, sweep.success
        assert search is not None
        if highest is None:
            by_success = success is not None and success.metric == metric
            highest = not success.lower if success is not None and by_success else higher_is_better(metric)
        return cls(metric, not highest, None, search.average)

    def loss(self, outcomes: Sequence[Outcome]) -> float:
        """Return the share of trials that are no success, or the average; infinity if too few trials have the metric.

        Among equal shares the median of the metric decides: it adds less than a trial would.
        """
        values = [self._value(outcome) for outcome in outcomes]
        if self.success is None:
            return median(values) if self.average == "median" else fmean(values)
        failures = sum(not self._succeeds(outcome) for outcome in outcomes)
        return (failures + _squashed(median(values)) / 2) / len(outcomes)

    def _succeeds(self, outcome: Outcome) -> bool:
        assert self.success is not None
        return outcome.status == "ok" and bool(self.success.holds(outcome.metrics.get(self.metric, float("nan"))))

    def _value(self, outcome: Outcome) -> float:
        value = outcome.metrics.get(self.metric, inf)
        if outcome.status != "ok" or isnan(value) or not isfinite(value):
            return inf
        return value if self.lower else -value


def _squashed(value: float) -> float:
    """Map all numbers to those between 0 and 1, in their order."""
    return 1.0 if value == inf else (1 + value / (1 + abs(value))) / 2


def worths_of(sweep: Sweep) -> list[Worth]:
    """Read what makes a configuration good: one thing, or each of several metrics."""
    assert sweep.search is not None
    own = sweep.search.own
    if "metrics" not in own:
        return [Worth.of(sweep)]
    most = own.get("most", ())
    return [Worth.of_metric(sweep, metric, True if metric in most else None) for metric in own["metrics"]]
