"""Kinds of targets: classes, several labels at once, or amounts. Data sets and metrics use them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TargetKind = Literal["binary", "one_hot", "multilabel", "amounts"]
"""binary: two classes in one column of 0 and 1. one_hot: a column for each class, and one 1 in each row.
multilabel: columns of 0 and 1 with any number of 1s in a row. amounts: anything else."""

LISTED = 6
"""Distinct values that a message lists; for more it names the range."""


def target_kind(targets: Array) -> TargetKind:
    """Find the kind of targets (N, O) from their values alone.

    >>> target_kind(np.array([[0.0], [1.0]])), target_kind(np.array([[1.0], [2.0]]))
    ('binary', 'amounts')
    >>> target_kind(np.eye(3)), target_kind(np.array([[0.0, 0.0], [1.0, 1.0]]))
    ('one_hot', 'multilabel')
    """
    if not ((targets == 0) | (targets == 1)).all():
        return "amounts"
    if targets.shape[1] == 1:
        return "binary"
    return "one_hot" if (targets.sum(axis=1) == 1).all() else "multilabel"


def format_values(targets: Array) -> str:
    """Format the distinct values of targets for a message: all if they are few, else the range.

    >>> format_values(np.array([[2.0], [1.0], [2.0]])), format_values(np.array([[0.5], [-1.0], [3.0]]))
    ('1 and 2', '-1, 0.5 and 3')
    >>> format_values(np.arange(10.0))
    '10 values from 0 to 9'
    """
    values = np.unique(targets)
    if len(values) > LISTED:
        return f"{len(values):,} values from {values[0]:g} to {values[-1]:g}"
    *others, last = (f"{value:g}" for value in values)
    return f"{', '.join(others)} and {last}" if others else last
