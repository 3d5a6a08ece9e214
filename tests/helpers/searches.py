"""Made-up searches: sweeps with spaces, and tables of their trials that are written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nnsweep.design.search import Progress, Search, Space
from nnsweep.design.sweep import Axis, Success, Sweep
from nnsweep.questions.search.configurations import Configurations

UNIT = Space(0, 1)


def searched(
    rows: Sequence[Sequence[Any]],
    spaces: Mapping[str, Space | None],
    losses: Callable[..., float | str],
    seeds: int = 1,
    method: str = "random",
    success: Success | None = None,
    metrics: Sequence[str] = ("loss",),
    endings: Mapping[tuple[Any, ...], str] | None = None,
    conditions: Mapping[str, Any] | None = None,
    **search: Any,
) -> Configurations:
    """Make the configurations `rows`, whose values are of the axes in `spaces`, each with some seeds.

    `losses` gives for a configuration and a seed the value of the metrics, or a status.
    """
    axes = [
        Axis(
            name,
            {"alpha": "learning_rate"}.get(name, name),
            tuple(sorted({row[at] for row in rows}, key=lambda each: (str(type(each)), each))),
            space=space,
            only_if=(conditions or {}).get(name, ()),
        )
        for at, (name, space) in enumerate(spaces.items())
    ]
    axes.append(Axis("seed", "seed", tuple(range(seeds))))
    sweep = Sweep(
        "made",
        "fake",
        axes=tuple(axes),
        success=success,
        search=Search(method, metric="" if success else metrics[0], **search),
        progress=Progress("", endings or {}),
        source='name = "made"',
    )
    whole = [(*row, seed) for row in rows for seed in range(seeds)]
    found = [losses(*row) for row in whole]
    table: dict[str, Any] = {"id": np.array([f"{number:016x}" for number in range(len(whole))])}
    table |= {axis.column: np.array(column) for axis, column in zip(axes, zip(*whole, strict=True), strict=True)}
    table["status"] = np.array([each if isinstance(each, str) else "ok" for each in found], dtype=object)
    for at, metric in enumerate(metrics):
        table[metric] = np.array([np.nan if isinstance(each, str) else np.atleast_1d(each)[at] for each in found])
    if success is not None:
        table["success"] = success.holds(table[success.metric])
    return Configurations.of(sweep, table)
