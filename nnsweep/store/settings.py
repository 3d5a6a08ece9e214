"""The table `settings`: what trials share of what they were asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from nnsweep.design.sweep import SEED
from nnsweep.errors import StoreError
from nnsweep.store.access import Access
from nnsweep.store.rows import FOREIGN, digest

COLUMNS = "number, trainer, version, base, head, tail, params, seeded"
TYPES = (int, str, str, int, int, int, str, int)
"""Their types."""
SEED_KEY = f'"{SEED}":'
HOLE = f"{SEED_KEY}null"
DIGITS = 18
"""Of the largest seed that SQLite can hold in any case."""
LONGEST = 4096
"""Characters of params that others may be based on: what is read of a forged store stays in proportion to it."""
KEPT = 10_000
"""Settings whose numbers a writer remembers: of more, some are stored again."""


class Settings(NamedTuple):
    """The settings of trials; a seed makes the params of one of them."""

    trainer: str
    version: str
    params: str
    seeded: bool

    def with_seed(self, seed: int) -> str:
        """Give the params of the trial with a seed, as JSON."""
        return fill(self.params, seed) if self.seeded else self.params


def split(params: str) -> tuple[str, str, int] | None:
    """Split params (JSON) at the value of the last "seed": before, after, and the value; None without such a seed."""
    head, key, rest = params.rpartition(SEED_KEY)
    at = rest.find(",")
    value, tail = (rest[:-1], rest[-1:]) if at < 0 else (rest[:at], rest[at:])
    whole = value.isdecimal() and value.isascii() and (value[0] != "0" or value == "0") and len(value) <= DIGITS
    return (head, tail, int(value)) if key and whole else None


def fill(params: str, seed: int) -> str:
    """Put a seed where `split` found it, and null stands."""
    head, _, tail = params.rpartition(HOLE)
    return f"{head}{SEED_KEY}{seed}{tail}"


class SettingsWriter:
    """Numbers settings, and collects the `new` ones for the next transaction."""

    def __init__(self, access: Access) -> None:
        """Read where the numbers end."""
        ((self._last,),) = access.rows("select coalesce(max(number), 0) from settings")
        self._known: dict[tuple[str, ...], int] = {}
        self._bases: dict[tuple[str, str], tuple[int, str]] = {}
        self.new: list[tuple[Any, ...]] = []

    def number(self, trainer: str, version: str, params: str) -> tuple[int, int]:
        """Give the number of settings, and the seed that they leave out, or 0."""
        found = split(params)
        if found:
            head, tail, seed = found
            number = self._known.get((trainer, version, head, tail))
            if number:
                return number, seed
            seeded = f"{head}{HOLE}{tail}"
            if fill(seeded, seed) == params:  # not so where null is another "seed"
                return self._add((trainer, version, head, tail), seeded, 1), seed
        return self._known.get((trainer, version, params)) or self._add((trainer, version, params), params, 0), 0

    def _add(self, key: tuple[str, ...], text: str, seeded: int) -> int:
        self._last += 1
        trainer, version, *_ = key
        row = (self._last, trainer, version, *self._shortened(trainer, version, text), seeded)
        self.new.append((*row, digest(row)))
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[key] = self._last
        return self._last

    def _shortened(self, trainer: str, version: str, text: str) -> tuple[int, int, int, str]:
        """Give the base, and what differs from it; a text of which more than half differs is the next base."""
        base, other = self._bases.get((trainer, version), (0, ""))
        head = _common(text, other)
        tail = _common(text[head:][::-1], other[head:][::-1])
        if base and 2 * (head + tail) >= len(text):
            return base, head, tail, text[head : len(text) - tail]
        if len(text) <= LONGEST:
            self._bases[trainer, version] = self._last, text
        return 0, 0, 0, text


def _common(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def read_settings(access: Access, numbers: Iterable[int]) -> dict[int, Settings]:
    """Read settings by their numbers. Those that are not as they were written are left out.

    Raises:
        StoreError: nnsweep did not write them.
    """
    rows = _read(access, numbers)
    bases = rows | _read(access, {row[3] for row in rows.values()} - rows.keys() - {0})
    found = {}
    for number, (_, trainer, version, base, head, tail, params, seeded) in rows.items():
        if base in bases:
            other = bases[base][6][:LONGEST]
            params = other[: max(0, head)] + params + other[max(0, len(other) - tail) :]
        if base in bases or not base:
            found[number] = Settings(trainer, version, params, bool(seeded))
    return found


def _read(access: Access, numbers: Iterable[int]) -> dict[int, tuple[Any, ...]]:
    rows = access.numbered("settings", f"{COLUMNS}, digest", numbers)
    found = {row[0]: row[:-1] for row in rows if digest(row[:-1]) == row[-1]}
    if not {tuple(map(type, row)) for row in found.values()} <= {TYPES}:
        raise StoreError(f"{access.path}: {FOREIGN}")
    return found
