"""Uncommitted changes as the store keeps them: compressed, because it may keep those of very many runs."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

SHORT = 1_000
"""Characters up to which changes are kept as they are."""
LARGEST = 2**20
"""Bytes that are unpacked, at most: a store may come from anywhere."""


def pack_diff(record: Mapping[str, Any]) -> dict[str, Any]:
    """Compress the changes in what `environment` returns."""
    git = record.get("git") or {}
    if len(git.get("diff", "")) <= SHORT:
        return dict(record)
    packed = base64.b64encode(zlib.compress(git["diff"].encode("utf-8", "surrogatepass"))).decode()
    others = {name: value for name, value in git.items() if name != "diff"}
    return {**record, "git": {**others, "packed_diff": packed}}


def unpack_diff(git: Mapping[str, Any]) -> str:
    """Return the changes of a record of the store, as long as they are kept; empty where there are none.

    Raises:
        ValueError: they are not as `pack_diff` writes them.
    """
    packed = git.get("packed_diff")
    if packed is None:
        return str(git.get("diff", ""))
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), LARGEST)
    except (TypeError, binascii.Error, zlib.error) as error:
        raise ValueError(str(error)) from None
    return content.decode("utf-8", "replace")
