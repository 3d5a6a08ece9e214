"""Names of the columns of tables, chosen so that an axis may have any name.

In memory, an axis with the name of one of the tables' own columns gets a space after its name; no parameter's name ends
in a space. In files the axis has its own name, and the tables' own column, such as `n`, is called `n_`.
"""

from __future__ import annotations

from collections.abc import Iterable

VALUE = "a value"
LOW, HIGH = "its low end", "its high end"
CELLS = "of cells"
GROUP = "a group"
PLACE = "a place"
NUMBER = "a number"
GAINED, SAME = "successes gained", "the same"
"""Columns of tables that are drawn but never written."""
FIRST, BEST, FLAWED, NONE = "the best", "among the best", "flawed", "without value"
"""Such columns of configurations: whether each is the best, may be, has a trial that failed or diverged; no value."""
FRONT = "in front"
"""Whether no other configuration is better by every metric."""

OF_TRIALS = ("id", "status", "success", "signature", "seconds", "failure")
OF_CELLS = (
    *("epoch", "n", "missing", "finished", "successes", "rate", "rate_low", "rate_high", "diverged", "failed"),
    *("failing", "unexplained", "not_diagnosed", "all_units_dead", "units_saturated", "never_updated"),
    *("constant_output", "many_units_dead", "trials", "lower", "median", "upper", "lost", "stopped"),
)
OF_VERDICTS = (
    *("pairs", "difference", "low", "high", "p", "rank", "among_best", "seeds_needed"),
    *("seeds", "more", "less", "e", "answer"),
    *("axis", "most", "least", "most_share", "least_share", "axes", "share"),
)
OWN = frozenset((*OF_TRIALS, *OF_CELLS, *OF_VERDICTS))
"""Names of columns that some table has in every sweep."""
BEGINS = ("with_", "p_")
ENDS = (
    *("_a", "_b", "_mean", "_sd", "_median", "_iqm", "_min", "_max", "_low", "_high", "_lower", "_upper"),
    *("_pairs", "_difference", "_p", "_adjusted", "_error", "_holm"),
)
"""Prefixes and suffixes of columns that tables derive from others."""


def column_of(axis: str) -> str:
    """Return the name of an axis's column in memory.

    >>> column_of("alpha"), column_of("n"), column_of("loss_mean")
    ('alpha', 'n ', 'loss_mean ')
    """
    return f"{axis} " if axis in OWN or axis.startswith(BEGINS) or axis.endswith(ENDS) else axis


def is_marked(column: str) -> bool:
    """Return whether this is the column of an axis whose name needed a space."""
    return column.endswith(" ") and column_of(column[:-1]) == column


def public_names(columns: Iterable[str]) -> list[str]:
    """Return the names that a table's columns have in files: axes keep their names, other columns give way.

    >>> public_names(["n ", "alpha", "n", "rate"])
    ['n', 'alpha', 'n_', 'rate']
    """
    columns = list(columns)
    taken = {name[:-1] for name in columns if is_marked(name)}
    return [name[:-1] if is_marked(name) else _free(name, taken) for name in columns]


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name
