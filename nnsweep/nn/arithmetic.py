"""The functions whose last bits depend on the machine: NumPy's own, and portable ones in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnsweep.nn import portable

Array = NDArray[np.floating]
Function = Callable[..., Any]


def _as_it_is(random: Any) -> Any:
    return random


def _total(x: Array) -> Array:
    return x.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Arithmetic:
    """Elementwise functions `f(x, out)`, `matmul(a, b, out)`, and `total(x)` over the last axis, which is kept.

    `random` and `legacy_random` make what draws uniform and normal numbers of NumPy's generators.
    """

    exp: Function = np.exp
    log: Function = np.log
    log1p: Function = np.log1p
    matmul: Function = np.matmul
    total: Callable[[Array], Array] = _total
    random: Function = _as_it_is
    legacy_random: Function = _as_it_is


NATIVE = Arithmetic()
PORTABLE = Arithmetic(
    *(portable.exp, portable.log, portable.log1p, portable.matmul, portable.total),
    *(portable.PortableRandom, portable.PortableLegacyRandom),
)

ARITHMETIC = {"native": NATIVE, "portable": PORTABLE}
"""NumPy's functions and BLAS, the fastest of each machine; and those that have the same bits on all machines."""


class HasPortable(Protocol):
    """An entry of a table; `portable` are those of its functions that portable arithmetic replaces, by field."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def portable(self) -> Mapping[str, Function]: ...


Entry = TypeVar("Entry", bound=HasPortable)


def with_math(entry: Entry, math: Arithmetic) -> Entry:
    """Give an entry of a table as this arithmetic computes it."""
    return replace(entry, **entry.portable) if math is PORTABLE else entry
