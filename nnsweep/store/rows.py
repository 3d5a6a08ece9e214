"""A stored trial as it is copied from store to store, and what all tables share: JSON, texts, digests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from nnsweep.status import ENDED
from nnsweep.trainers.protocol import Outcome

FOREIGN = "trials that nnsweep did not write; train again with --fresh"


class Row(NamedTuple):
    """A trial: what it was asked (`params` as JSON), and what became of it."""

    id: str
    trainer: str
    version: str
    params: str
    outcome: Outcome


def has_ended(row: Row) -> bool:
    """Whether a trial ended well or diverged."""
    return row.outcome.status in ENDED


def _plain(value: Any) -> Any:
    """Convert other mappings and sequences to those that JSON knows."""
    return dict(value) if isinstance(value, Mapping) else list(value)


# One encoder for all: `json.dumps` with these options would make one at each call, which costs twice as much.
encode = json.JSONEncoder(
    separators=(",", ":"), allow_nan=False, check_circular=False, ensure_ascii=False, default=_plain
).encode


def digest(columns: Sequence[Any]) -> str:
    """Digest columns in 16 hex digits; null and the text "None" differ."""
    text = "\0".join(["\1" if column is None else str(column) for column in columns])
    # A text that is no UTF-8 was read with surrogates in it. They were never written, so the digest differs.
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def storable(text: str) -> str:
    """Escape what an SQLite text cannot hold."""
    # SQLite's shell and C programs end a text at its first NUL. UTF-8 has no lone surrogates.
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
