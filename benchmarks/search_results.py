"""Regrets and times of searches: kept in a file as they come, compared, and printed."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import wilcoxon

Task = tuple[str, str, int]
"""A search, a problem and a repetition."""


@dataclass(frozen=True)
class Row:
    """What a search found on a problem, and how many seconds it took by the clock and of the processor."""

    search: str
    problem: str
    repetition: int
    regret: float
    clock: float
    processor: float


class File:
    """Rows in a CSV file, each of which is written as soon as it is known."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(",".join(field.name for field in fields(Row)) + "\n", encoding="utf-8")

    def add(self, row: Row) -> None:
        with self._path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(astuple(row))

    def read(self) -> pd.DataFrame:
        return pd.read_csv(self._path)

    def without(self, tasks: Sequence[Task]) -> list[Task]:
        """Leave out what is known already."""
        known = set(self.read()[["search", "problem", "repetition"]].itertuples(index=False, name=None))
        return [task for task in tasks if task not in known]


def print_regrets(rows: pd.DataFrame, chance: Mapping[str, float], pairs: Mapping[str, Sequence[str]]) -> None:
    """Print the mean regret of each search on each problem, and which searches differ by more than noise."""
    shares = rows.assign(regret=100 * rows["regret"] / rows["problem"].map(chance))
    names = list(dict.fromkeys(rows["search"]))
    print("\nRegret in % of that of a random configuration: mean over the repetitions, of which the first column tells")
    print(f"{'':21}{'':>5}" + "".join(f"{each[:13]:>15}" for each in chance) + f"{'mean':>8}")
    for name in names:
        own = shares[shares["search"] == name]
        means = own.groupby("problem")["regret"].mean().reindex(list(chance))
        count = own.groupby("problem").size().min()
        print(f"{name:21}{count:5}" + "".join(f"{mean:15.2f}" for mean in means) + f"{means.mean():8.2f}")
    print("\nProblems on which a search is behind or ahead by more than noise: p < 0.05 (Wilcoxon, Holm)")
    for name, others in pairs.items():
        for other in others:
            if name in names and other in names:
                print(f"{name} against {other}: {compared(shares, name, other)}")


def compared(shares: pd.DataFrame, name: str, other: str) -> str:
    """Test the gaps of each problem, and of all together, in the repetitions that both searches have."""
    ours, others = (
        shares[shares["search"] == each].set_index(["problem", "repetition"])["regret"] for each in (name, other)
    )
    gaps = (ours - others).dropna()
    tested = sorted((_p(own), own.mean(), str(each)) for each, own in gaps.groupby(level="problem"))
    worse, better = [], []
    for place, (p, gap, each) in enumerate(tested):
        if p * (len(tested) - place) >= 0.05:
            break
        (worse if gap > 0 else better).append(f"{each} ({gap:+.1f})")
    count = gaps.groupby(level="problem").size().min()
    of_all = f"over all {gaps.mean():+.2f} points, p = {_p(gaps):.2g}, {count} repetitions"
    return f"behind on {', '.join(worse) or 'none'}; ahead on {', '.join(better) or 'none'}; {of_all}"


def _p(gaps: pd.Series) -> float:
    return float(wilcoxon(gaps, zero_method="zsplit").pvalue) if np.any(gaps) else 1.0


def print_times(rows: pd.DataFrame, configurations: int) -> None:
    """Print how long a search takes to choose a configuration, beside the one that takes least."""
    each = rows.groupby("search", sort=False)[["clock", "processor"]].median() * 1000 / configurations
    least = each["processor"].min()
    print("\nMilliseconds for each configuration on these problems, and as a multiple of the least")
    print(f"{'':21}{'clock':>10}{'processor':>11}{'multiple':>10}")
    for name, own in each.iterrows():
        print(f"{name:21}{own['clock']:10.2f}{own['processor']:11.2f}{own['processor'] / least:10.1f}")
