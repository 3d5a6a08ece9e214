"""Estimate how long a trial takes from stored trials with nearly the same settings, where the trainer cannot tell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import median
from typing import Any

from nnsweep.design.sweep import SEED
from nnsweep.trials.trial import Trial

MOST_COMPARED, MOST_ASKED = 50, 1000
"""How many stored settings others are compared with, and how many are looked up: estimating must not take long."""

Settings = dict[str, str]
"""All parameters except the seed, each as JSON."""


class Measured:
    """The seconds that stored trials took, by their settings."""

    def __init__(self, rows: Sequence[tuple[str, float]]) -> None:
        """Take pairs of parameters, as JSON, and seconds."""
        seconds: dict[str, list[float]] = {}
        for params, took in rows:
            seconds.setdefault(_key(_settings(params)), []).append(took)
        self._medians = {key: median(each) for key, each in seconds.items()}
        self._all = median(took for _, took in rows) if rows else None
        every = max(1, len(self._medians) // MOST_COMPARED)
        self._compared = [(json.loads(key), took) for key, took in list(self._medians.items())[::every]]
        self._asked = 0

    def seconds(self, trial: Trial) -> float | None:
        """Give the median over the stored trials that differ in the fewest parameters, seeds aside; else None."""
        settings = _settings(trial.params_json)
        key = _key(settings)
        if key not in self._medians and self._compared:
            self._asked += 1
            self._medians[key] = self._nearest(settings) if self._asked <= MOST_ASKED else self._all or 0.0
        return self._medians.get(key)

    def _nearest(self, settings: Settings) -> float:
        apart = [(len(settings.items() ^ each.items()), took) for each, took in self._compared]
        least = min(distance for distance, _ in apart)
        return median(took for distance, took in apart if distance == least)


def _settings(params: str) -> Settings:
    found: dict[str, Any] = json.loads(params)
    return {name: json.dumps(value, sort_keys=True) for name, value in found.items() if name != SEED}


def _key(settings: Settings) -> str:
    return json.dumps(settings, sort_keys=True)
