"""What tells that a trial was lost: how many there are, and a sum of their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import xor
from typing import NamedTuple

from nnsweep.errors import StoreError
from nnsweep.store.access import Access

AGAIN = "restore the file from a copy, or train again with --fresh"


class Tally(NamedTuple):
    """How many trials there are, and `sum_up` of their ids."""

    trials: int
    ids: int


def sum_up(ids: Iterable[str]) -> int:
    """Sum up ids so that one that is changed, lost or added shows: the exclusive or of their bytes."""
    return reduce(xor, (int.from_bytes(str(id).encode("utf-8", "surrogatepass")) for id in ids), 0)


def read(access: Access) -> Tally:
    """Read the tally that was written.

    Raises:
        StoreError: it is not as it was written.
    """
    try:
        ((trials, ids),) = access.rows("select trials, ids from tally")
        return Tally(int(trials), int(ids, 16))
    except (ValueError, TypeError):
        raise StoreError(f"{access.path}: its tally is not as it was written; {AGAIN}") from None


def check(access: Access, ids: Collection[str]) -> None:
    """Hold the ids of all trials against the tally.

    Raises:
        StoreError: they are not those that were written.
    """
    written = read(access)
    if (len(ids), sum_up(ids)) != written:
        raise StoreError(
            f"{access.path}: the ids of its {len(ids):,} trials are not those of the {written.trials:,} written; "
            + AGAIN
        )


def add(access: Access, ids: Collection[str]) -> None:
    """Count new trials, in the transaction that writes them.

    Raises:
        StoreError: the tally is not as it was written.
    """
    before = read(access)
    access.connection.execute(
        "update tally set trials = ?, ids = ?", (before.trials + len(ids), f"{before.ids ^ sum_up(ids):x}")
    )
