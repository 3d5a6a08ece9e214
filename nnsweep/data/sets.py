"""The table of data sets, and how one is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from nnsweep.data import files
from nnsweep.data.arrays import Array, Data, by_content
from nnsweep.data.digits import digits
from nnsweep.data.form import Form
from nnsweep.data.function import call
from nnsweep.data.gates import GATES, GateName, truth_table
from nnsweep.data.parabolas import parabolas
from nnsweep.data.places import beside
from nnsweep.errors import DataError


@dataclass(frozen=True)
class Generator:
    """A data set made from a seed.

    Raise `version` when the same seed would give other points; with None, the points themselves identify the set.
    """

    make: Callable[[int], tuple[Array, Array]]
    version: int | None = None


def _gate(name: GateName) -> Generator:
    return Generator(lambda seed: truth_table(name))


DATASETS: dict[str, Generator] = {
    "parabolas": Generator(parabolas, version=1),
    "digits": Generator(digits),
    **{name: _gate(name) for name in GATES},
}


def load(source: str | Form, seed: int = 0) -> Data:
    """Make or read a data set: a name of DATASETS, "package.module:function" or a `Form`. Its arrays are shared.

    >>> load("xor").targets.ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]

    Raises:
        DataError: it cannot be made or read.
    """
    found = _loaded(source, seed, beside() if isinstance(source, str) else "")
    if isinstance(found, str):
        raise DataError(found)
    return found


def refresh() -> None:
    """Forget what was loaded if a file has changed since, or if something could not be loaded."""
    if _FAILED or files.changed():
        _loaded.cache_clear()
        files.forget()
        _FAILED.clear()


_FAILED: list[str] = []


@lru_cache(maxsize=64)
def _loaded(source: str | Form, seed: int, beside: str) -> Data | str:
    """Load it, or say why not: a sweep asks thousands of times, and is to hear it as soon the second time.

    Functions of one name may be others `beside` another sweep file.
    """
    try:
        return _made(source, seed)
    except DataError as error:
        _FAILED.append(str(error))
        return str(error)


def _made(source: str | Form, seed: int) -> Data:
    if isinstance(source, Form):
        return source.make()
    if source not in DATASETS:
        return call(source, seed)
    generator = DATASETS[source]
    inputs, targets = generator.make(seed)
    if generator.version is None:
        return by_content(inputs, targets)
    # A generator is identified by its name, not its bits: sin and cos may differ in the last of them between hosts.
    return Data(inputs, targets, f"{source} version {generator.version} seed {seed}")
