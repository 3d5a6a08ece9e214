"""Find where two outcomes of one trial differ."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from nnsweep.trainers.protocol import Outcome


def difference(stored: Outcome, again: Outcome) -> str | None:
    """Describe the first difference between two outcomes of one trial; None if they are the same bit for bit."""
    if stored.status != again.status:
        return f"it was {stored.status}, and is {again.status} now"
    epochs = stored.history.get("epoch") or again.history.get("epoch")
    firsts = [
        (place, name, old, new)
        for name in dict.fromkeys((*stored.history, *again.history))
        for place, (old, new) in enumerate(zip_longest(stored.history.get(name, ()), again.history.get(name, ())))
        if not _same(old, new)
    ]
    if firsts:
        place, name, old, new = min(firsts, key=lambda first: first[0])
        return f"{name} first differs after epoch {epochs[place] if epochs else place + 1}: {old!r} stored, {new!r} now"
    known = dict(again.diagnosis) if stored.diagnosis else {}  # older versions stored none
    one, other = {**stored.metrics, **stored.diagnosis}, {**again.metrics, **known}
    for name in dict.fromkeys((*one, *other)):
        old, new = one.get(name), other.get(name)
        if not _same(old, new):
            return f"{name} differs: {old!r} stored, {new!r} now"
    return None


def _same(one: Any, other: Any) -> bool:
    return one == other or (one != one and other != other)
