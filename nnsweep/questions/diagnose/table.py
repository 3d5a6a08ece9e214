"""Why trials fail: how many have each signature, in which cells, and how they differ from the successes.

`trials` is a trials table. `numbers` has the same rows, and a column for each of `failure_patterns.NUMBERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nnsweep.status import FAILURES
from nnsweep.tables.failure_patterns import NUMBERS, SIGNATURES, conditions, counted
from nnsweep.tables.layout import Layout
from nnsweep.tables.settings import Settings, select
from nnsweep.tables.summary import number_cells

COUNTED = tuple(name for name in SIGNATURES if name not in FAILURES[1:])
"""Signatures that have a column of counts. `failed` also counts crashes and time-outs, as in the summary."""
SIGNATURE = "signature"
PANELS = 12
"""The most panels of a figure; if there would be more, the counts are summed over the layout's panels."""


def diagnosis(trials: pd.DataFrame, numbers: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Count the failing trials of each signature: one row per cell of `axes` (all but the seed), in the table's order.

    `n` trials were trained, and `failing` of them failed. Each signature has a column, such as `constant_output`, that
    counts its trials; `failed` counts errors, crashes and time-outs. These columns add up to `failing`. A trial may
    meet several conditions: `with_constant_output` counts all failing trials that meet this one.
    """
    cell, first = number_cells(trials, list(axes))

    def count(mask: ArrayLike) -> NDArray[np.intp]:
        return np.bincount(cell[np.asarray(mask, dtype=bool)], minlength=len(first))

    signature = trials["signature"].replace(list(FAILURES), "failed")
    columns: dict[str, Any] = {"n": count(trials["status"] != "missing"), "failing": count(signature != "")}
    columns |= {column(name): count(signature == name) for name in COUNTED}
    columns |= {f"with_{column(name)}": count(meets & (signature != "")) for name, meets in _met(numbers).items()}
    return pd.concat([trials.loc[first, list(axes)].reset_index(drop=True), pd.DataFrame(columns)], axis="columns")


def count_signatures(trials: pd.DataFrame) -> dict[str, int]:
    """Count the failing trials of each signature, the most frequent first."""
    return counted(trials["signature"].value_counts(sort=False).to_dict())  # a Counter would make a text of each row


def column(signature: str) -> str:
    """Name the column that counts a signature."""
    return signature.replace(" ", "_")


def spread(
    cells: pd.DataFrame, layout: Layout, page: Settings = (), panels: int = PANELS
) -> tuple[pd.DataFrame, Layout]:
    """Reshape the table of `diagnosis` for matrices: one row per cell and signature, with the count in `trials`.

    Each signature that occurs is a panel, for each panel of the layout. If that makes too many panels, the counts are
    summed over the layout's panels.
    """
    on_page = select(cells, page)
    occurring = [name for name in map(column, COUNTED) if on_page[name].to_numpy().any()]
    beside = set(on_page[layout.panels]) if layout.panels is not None else {None}
    placed = replace(layout, panels=layout.panels if len(occurring) * len(beside) <= panels else None)
    axes = [name for name in (*layout.rest, placed.panels, placed.rows, placed.columns) if name is not None]
    counts = pd.DataFrame(on_page.groupby(axes, sort=False, as_index=False, dropna=False)[occurring].sum())
    rows = counts.melt(axes, occurring, SIGNATURE, "trials")
    rows[SIGNATURE] = rows[SIGNATURE].str.replace("_", " ")
    names = tuple(name.replace("_", " ") for name in occurring)
    return rows, replace(placed, rest=(*layout.rest, SIGNATURE), values={**layout.values, SIGNATURE: names})


def examples(trials: pd.DataFrame, signature: str, count: int = 3) -> list[str]:
    """List the ids of the first few trials with a signature."""
    places = np.flatnonzero((trials["signature"] == signature).to_numpy())[:count]
    return trials["id"].iloc[places].tolist()


def met(trials: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """Count the trials that meet each condition, whatever their signature: columns `failing` and `others`.

    The result has one row per condition that any failing trial meets. The others are the successes or, if success is
    not defined, the trials that ended well.
    """
    failing, others = _split(trials)
    counts = {name: (int(meets[failing].sum()), int(meets[others].sum())) for name, meets in _met(numbers).items()}
    table = pd.DataFrame.from_dict(counts, orient="index", columns=["failing", "others"])
    return table.loc[table["failing"] > 0]


def _met(numbers: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    return conditions({name: numbers[name].to_numpy() for name in NUMBERS})


def _split(trials: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    failing = (trials["signature"] != "").to_numpy()
    return failing, ~failing & (trials["status"] != "missing").to_numpy()


def extremes(trials: pd.DataFrame, axes: Sequence[str], signature: str) -> pd.DataFrame:
    """Find the value of each axis at which a signature is most and least frequent, as a share of the trained trials.

    The result has one row per axis along which the share differs: `axis`, `most` and `least` (values of the axis),
    `most_share` and `least_share`. Of equal shares the first is taken.
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
    """Medians of the diagnosed numbers: one row per number, with columns `failing` and `others` as in `met`."""
    failing, others = _split(trials)
    return pd.DataFrame({"failing": numbers.loc[failing].median(), "others": numbers.loc[others].median()}).dropna(
        how="all"
    )
