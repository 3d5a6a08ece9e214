"""Checks everything that a store holds of its trials, in flat memory."""

from __future__ import annotations

import numpy as np

from nnsweep.store import tally
from nnsweep.store.access import AT_ONCE, Access
from nnsweep.store.ids import from_texts
from nnsweep.store.migrate import check_pages
from nnsweep.store.rows import digest
from nnsweep.store.settings import COLUMNS
from nnsweep.store.trial_reader import TrialReader
from nnsweep.store.trial_writer import digest_history


def verify(access: Access, trials: TrialReader) -> int:
    """Check every trial, all that trials refer to, and the structure of the file; return the number of trials.

    Raises:
        StoreError: something is not as it was written, or the file is damaged.
    """
    with access.snapshot():
        settings, histories = _sound_settings(access), _sound_histories(access)
        last, found = -1, [from_texts(())]
        while block := trials.block("from trial where number > ? order by number limit ?", (last, AT_ONCE)):
            trials.check_shared(block.columns, "settings", settings)
            trials.check_shared(block.columns, "history", histories)
            found.append(block.ids.view(np.int64))
            last = access.check_order(last, int(block.columns["number"][-1]))
        with access.translate_errors():
            check_pages(access.connection)
        tally.check(access, np.concatenate(found))
    return sum(map(len, found))


def _sound_settings(access: Access) -> set[int]:
    """Give the numbers of the settings that are as they were written, and so are those that they are based on."""
    found: dict[int, int] = {}
    for rows in access.parts(f"select {COLUMNS}, digest from settings where number > ? order by number"):
        found |= {row[0]: row[3] for row in rows if digest(row[:-1]) == row[-1]}
    return {number for number, base in found.items() if not base or base in found}


def _sound_histories(access: Access) -> set[int]:
    """Give the numbers of the histories that are as they were written, and 0, which stands for none."""
    found: dict[int, int] = {0: 0}
    # A flipped bit may leave no text.
    query = "select number, base, head, cast(data as blob), cast(digest as blob) from history"
    with access.translate_errors():
        for *row, written in access.connection.execute(query):
            if digest_history(*row).encode() == written:
                found[row[0]] = row[1]
    return {number for number, base in found.items() if base in found}
