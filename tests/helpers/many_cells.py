"""Sweeps with as many cells as one likes, of a function that takes no time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nnsweep
from nnsweep import sweepfile
from nnsweep.results import Results


def score(a: int = 1, b: int = 1, c: int = 1, d: int = 1, e: int = 1, f: int = 1, metrics: int = 1, seed: int = 0):
    """A number that differs from cell to cell and from seed to seed; several of it under several names."""
    value = (7 * a + 5 * b + 3 * c + 2 * d + e + f + 11 * seed) % 17 / 17
    return {"error": value} | {f"error_{number}": value + number for number in range(1, metrics)}


def many(
    folder: Path, axes: Mapping[str, int], *, seeds: int = 1, metrics: int = 1, panels: str = "", **options: Any
) -> Results:
    """Run a sweep with so many values on each axis, one of which may be that of the panels."""
    lines = [f"{name} = {{ from = 1, to = {count} }}" for name, count in axes.items()]
    text = f"""
name = "many"
trainer = "{__name__}:score"
[fixed]
metrics = {metrics}
[axes]
{chr(10).join(lines)}
seed = {{ count = {seeds} }}
[success]
metric = "error"
below = 0.3
{f'[report]{chr(10)}panels = "{panels}"' if panels else ""}
"""
    return nnsweep.run(sweepfile.loads(text), folder, jobs=1, **options)
