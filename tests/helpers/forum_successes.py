"""Successes of shipped sweeps, from their committed tables."""

from pathlib import Path

import numpy as np
import pandas as pd

RESULTS = Path(__file__).parents[2] / "results"


def successes(name: str, axes: list[str]) -> tuple[list[tuple], np.ndarray]:
    """The cells of a sweep and their successes, (cells, seeds)."""
    trials = pd.read_csv(RESULTS / name / "tables" / "trials.csv")
    table = trials.assign(success=trials["success"].astype(int)).pivot_table(
        index=axes, columns="seed", values="success", sort=False
    )
    return list(table.index), table.to_numpy(dtype=int)
