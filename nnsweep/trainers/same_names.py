"""The function that takes the place of `LiveTrial.log` while each call names the same metrics.

Its signature has their names, so that Python makes no dict for a call. It is made from a text, as `namedtuple` does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from keyword import iskeyword
from typing import Any

import numpy as np

from nnsweep.trainers.logged import NEXT, packer

PLAIN = frozenset({float, int, bool, np.float64, np.float32, np.int64})
"""Types of numbers that cannot change after they were logged."""
MOST_NAMES = 100
TEXT = """
def make(_general, _names, _plain, _missing, _pack, _refused, _type=type, _float=float, _zip=zip):
    _rows = None

    def log(_values=None, /, *, step=None, {parameters}, **_others):
        _calls = _rows
        if _calls is not None and {are_plain} and not _others and _values is None:
            try:
                _calls += _pack({next} if step is None else step, {names})
                return
            except _refused:
                pass
        _given = _zip(_names, ({names},))
        _general(_values, step=step, **{{name: value for name, value in _given if value is not _missing}}, **_others)

    def use(_calls):
        nonlocal _rows
        _rows = _calls

    return log, use
"""
MISSING = object()
REFUSED = struct.error, OverflowError, TypeError
"""What `pack` raises for a step that is no whole number of 64 bits, and for a number beyond float64."""


@dataclass(frozen=True, eq=False)
class SameNames:
    """`log` adds the step and the numbers of a call, packed, to the bytes that `use` was given.

    It does so at once, so that no other thread comes between. It calls the general function where there are no bytes,
    for other names, for what is no plain number, and for what cannot be packed.
    """

    names: tuple[str, ...]
    log: Callable[..., None]
    use: Callable[[bytearray | None], None]


def same_names(names: Sequence[Any], general: Callable[..., None]) -> SameNames | None:
    """Make the function for these names; None if they cannot be those of parameters."""
    found = tuple(names)
    if not 0 < len(found) <= MOST_NAMES or not all(map(_is_parameter, found)):
        return None
    return SameNames(found, *_maker(found)(general, found, PLAIN, MISSING, packer(len(found)).pack, REFUSED))


def _is_parameter(name: Any) -> bool:
    """Whether it is an identifier of ASCII letters, which Python does not change, and none of our own."""
    return type(name) is str and name.isascii() and name.isidentifier() and name[0] != "_" and not iskeyword(name)


@cache
def _maker(names: tuple[str, ...]) -> Callable[..., tuple[Callable[..., None], Callable[..., None]]]:
    text = TEXT.format(
        parameters=", ".join(f"{name}=_missing" for name in names),
        are_plain=" and ".join(f"(_type({name}) is _float or _type({name}) in _plain)" for name in names),
        names=", ".join(names),
        next=NEXT,
    )
    made: dict[str, Any] = {}
    exec(text, made)
    return made["make"]
