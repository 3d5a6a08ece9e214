"""The table of named data sets, and loading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from nnsweep.data import files
from nnsweep.data.arrays import Array, Data, by_content
from nnsweep.data.data_source import DataSource
from nnsweep.data.digits import digits
from nnsweep.data.function import call
from nnsweep.data.gates import GATES, GateName, truth_table
from nnsweep.data.parabolas import parabolas
from nnsweep.data.places import beside
from nnsweep.errors import DataError


@dataclass(frozen=True)
class Generator:
    """A data set that is made from a seed.

    Raise `version` when the same seed gives other points than before. Without a version the points identify the set.
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


def load(source: str | DataSource, seed: int = 0) -> Data:
    """Make or read a data set: a name of DATASETS, "package.module:function" or a `DataSource`. Its arrays are shared.

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
    """Forget all loaded data sets if a file has changed since, or if a data set could not be loaded."""
    if _FAILED or files.changed():
        _loaded.cache_clear()
        files.forget()
        _FAILED.clear()


_FAILED: list[str] = []


@lru_cache(maxsize=64)
def _loaded(source: str | DataSource, seed: int, beside: str) -> Data | str:
    """Load a data set, or return the message of the error, so that an error is cached too.

    `beside` is part of the key: another sweep file may have another function of the same name.
    """
    try:
        return _made(source, seed)
    except DataError as error:
        _FAILED.append(str(error))
        return str(error)


def _made(source: str | DataSource, seed: int) -> Data:
    if isinstance(source, DataSource):
        return source.make()
    if source not in DATASETS:
        return call(source, seed)
    generator = DATASETS[source]
    inputs, targets = generator.make(seed)
    if generator.version is None:
        return by_content(inputs, targets)
    # A generated set is identified by its name: the last bits of sin and cos may differ between processors.
    return Data(inputs, targets, f"{source} version {generator.version} seed {seed}")
