"""Trials as versions 1 to 3 of the store kept them: texts of JSON, a row for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from hashlib import blake2b
from itertools import chain
from math import isfinite, nan
from operator import xor
from typing import Any
from zlib import crc32

from nnsweep.store import contents
from nnsweep.store.ids import is_id
from nnsweep.store.rows import Row
from nnsweep.trainers.protocol import Outcome

COLUMNS = "id, trainer, version, params, status, metrics, history, failure, seconds, diagnosis, digest"
ID, DIAGNOSIS, DIGEST = 0, 9, 10


def digest_row(row: Sequence[Any]) -> str:
    """Digest a row of `COLUMNS` without its last, the digest; without a diagnosis it is as before that column."""
    id, trainer, version, params, status, metrics, history, failure, seconds, diagnosis = row[:DIGEST]
    question = crc32(str(params).encode("utf-8", "surrogatepass"))
    failure = "\1" if failure is None else failure
    text = f"{id}\0{trainer}\0{version}\0{question}\0{status}\0{metrics}\0{history}\0{failure}\0{seconds}"
    if diagnosis is not None:
        text += f"\0{diagnosis}"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def checksum(ids: Iterable[Any]) -> int:
    """Compute the exclusive or of the ids' bytes, as texts."""
    return reduce(xor, (int.from_bytes(str(id).encode("utf-8", "surrogatepass")) for id in ids), 0)


def to_row(row: Sequence[Any]) -> Row | None:
    """Read a row of `COLUMNS`; None where it is not as it was written, or as nnsweep writes it."""
    id, trainer, version, params, status, *texts, failure, seconds, diagnosis, written = row
    if digest_row(row) != written:
        return None
    try:
        metrics, history, found = (contents.parse(text) for text in (*texts, diagnosis or "{}"))
        contents.check_numbers(chain(metrics.values(), found.values()))
        contents.check_histories([history])
        sound = is_id(id) and all(isinstance(text, str) for text in (trainer, version, params, failure or ""))
        if not sound or not isinstance(seconds, float) or not isfinite(seconds) or seconds < 0:
            return None
        outcome = Outcome(contents.check_status(status), metrics, _numbered(history), seconds, failure, found)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return Row(id, trainer, version, params, outcome)


def _numbered(history: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[float]]:
    return {name: [nan if value is None else value for value in values] for name, values in history.items()}
