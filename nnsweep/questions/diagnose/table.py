"""Why trials fail: how many have which signature, where, and what distinguishes them from the successes.

`trials` is a trials table, `numbers` has the same rows, and a column for each of `signatures.NUMBERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nnsweep.tables.failure_patterns import NUMBERS, SIGNATURES, conditions
from nnsweep.tables.layout import Layout
from nnsweep.tables.settings import Settings, select
from nnsweep.tables.summary import number_cells
from nnsweep.trainers.protocol import FAILURES

COUNTED = tuple(name for name in SIGNATURES if name not in FAILURES[1:])
"""Signatures that have a column of counts each: `failed` is also for crashes and time-outs, as in the summary."""
SIGNATURE = "signature"
PANELS = 12
"""Panels of a figure, at most, before those of the layout are put together."""


def diagnosis(trials: pd.DataFrame, numbers: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Count the failing trials of each signature: one row per cell of `axes` (all but the seed), in the table's order.

    `n` trials were trained, `failing` of them failed. A column for each signature, such as `constant_output`, counts
    those that have it, `failed` an error, a crash or a time-out; together they are all that failed. A trial may meet
    several conditions: `with_constant_output` counts all failing trials that meet it.
    """
    cell, first = number_cells(trials, list(axes))

    def count(mask: ArrayLike) -> NDArray[np.intp]:
        return np.bincount(cell[np.asarray(mask, dtype=bool)], minlength=len(first))

    signature = trials["signature"].replace(list(FAILURES), "failed")
    columns: dict[str, Any] = {"n": count(trials["status"] != "missing"), "failing": count(signature != "")}
    columns |= {column(name): count(signature == name) for name in COUNTED}
    columns |= {f"with_{column(name)}": count(meets & (signature != "")) for name, meets in _met(numbers).items()}
    return pd.concat([trials.loc[first, list(axes)].reset_index(drop=True), pd.DataFrame(columns)], axis="columns")


def column(signature: str) -> str:
    """Name the column that counts a signature."""
    return signature.replace(" ", "_")


def spread(
    cells: pd.DataFrame, layout: Layout, page: Settings = (), panels: int = PANELS
) -> tuple[pd.DataFrame, Layout]:
    """Give the table of `diagnosis` a row per cell and signature that occurs, with the count in `trials`, for matrices.

    The signatures are panels, beside those of the layout, or instead of them where that would make too many: counts
    are then summed over the layout's panels.
    """
    found = select(cells, page)
    occurring = [name for name in map(column, COUNTED) if found[name].to_numpy().any()]
    beside = set(found[layout.panels]) if layout.panels is not None else {None}
    placed = replace(layout, panels=layout.panels if len(occurring) * len(beside) <= panels else None)
    axes = [name for name in (*layout.rest, placed.panels, placed.rows, placed.columns) if name is not None]
    counts = pd.DataFrame(found.groupby(axes, sort=False, as_index=False, dropna=False)[occurring].sum())
    rows = counts.melt(axes, occurring, SIGNATURE, "trials")
    rows[SIGNATURE] = rows[SIGNATURE].str.replace("_", " ")
    names = tuple(name.replace("_", " ") for name in occurring)
    return rows, replace(placed, rest=(*layout.rest, SIGNATURE), values={**layout.values, SIGNATURE: names})


def examples(trials: pd.DataFrame, signature: str, count: int = 3) -> list[str]:
    """Name the first few trials of a signature by their ids."""
    return trials.loc[trials["signature"] == signature, "id"].head(count).tolist()


def met(trials: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Count the trials that meet each condition, whatever their signature: columns `failing` and `others`.

    A row per condition that any failing trial meets. The others are the successes or, where success is not defined,
    what ended well.
    """
    failing, others = _split(trials)
    found = {name: (int(meets[failing].sum()), int(meets[others].sum())) for name, meets in _met(numbers).items()}
    table = pd.DataFrame.from_dict(found, orient="index", columns=["failing", "others"])
    return table.loc[table["failing"] > 0]


def _met(numbers: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    return conditions({name: numbers[name].to_numpy() for name in NUMBERS})


def _split(trials: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    failing = (trials["signature"] != "").to_numpy()
    return failing, ~failing & (trials["status"] != "missing").to_numpy()


def extremes(trials: pd.DataFrame, axes: Sequence[str], signature: str) -> pd.DataFrame:
    """Find where along each axis a signature is most and least frequent, as a share of the trials trained there.

    One row per axis along which that differs: `axis`, `most` and `least` (values of the axis), `most_share` and
    `least_share`. Of equals the first.
    """
    trained = trials.loc[trials["status"] != "missing"]
    rows: list[dict[str, Any]] = []
    for axis in axes:
        shares = (trained["signature"] == signature).groupby(trained[axis], sort=False, dropna=False).mean()
        values, share = shares.index.tolist(), shares.to_numpy()
        most, least = int(share.argmax()), int(share.argmin())
        if share[most] > share[least]:
            ends = {"most": values[most], "least": values[least]}
            rows.append({"axis": axis.strip(), **ends, "most_share": share[most], "least_share": share[least]})
    columns = pd.Index(["axis", "most", "least", "most_share", "least_share"])
    return pd.DataFrame(rows, columns=columns, dtype=object)


def medians(trials: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Median of each number that any trial has: one row per number, columns `failing` and `others` as in `met`."""
    failing, others = _split(trials)
    found = {"failing": numbers.loc[failing].median(), "others": numbers.loc[others].median()}
    return pd.DataFrame(found).dropna(how="all")
