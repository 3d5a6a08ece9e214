"""The tally reveals lost trials: how many there are, and the exclusive or of their ids."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnsweep.errors import StoreError
from nnsweep.store.access import Access
from nnsweep.store.ids import Signed
from nnsweep.store.sqlite_errors import AGAIN


class Tally(NamedTuple):
    """The number of trials, and the `checksum` of their ids."""

    trials: int
    ids: int


def checksum(ids: Signed) -> int:
    """Compute the exclusive or of ids: it changes if one id is changed, lost or added."""
    return int(np.bitwise_xor.reduce(ids.view(np.uint64)))


def read(access: Access) -> Tally:
    """Read the tally.

    Raises:
        StoreError: it is not as it was written.
    """
    try:
        ((trials, ids),) = access.rows("select trials, ids from tally")
        return Tally(int(trials), int(ids, 16))
    except (ValueError, TypeError):
        raise StoreError(f"{access.path}: its tally is not as it was written; {AGAIN}") from None


def check(access: Access, ids: Signed) -> None:
    """Compare the ids of all trials with the tally.

    Raises:
        StoreError: they are not those that were written.
    """
    written = read(access)
    if (len(ids), checksum(ids)) != written:
        raise StoreError(
            f"{access.path}: the ids of its {len(ids):,} trials are not those of the {written.trials:,} written; "
            + AGAIN
        )


def add(access: Access, ids: Signed) -> None:
    """Add new trials to the tally, inside the transaction that writes them.

    Raises:
        StoreError: the tally is not as it was written.
    """
    before = read(access)
    access.connection.execute(
        "update tally set trials = ?, ids = ?", (before.trials + len(ids), f"{before.ids ^ checksum(ids):x}")
    )
