"""Which engine computes a network's steps, and which networks may share one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import NamedTuple

from nnsweep.computing import current
from nnsweep.defaults import COMPILED
from nnsweep.nn.batches import batch_of
from nnsweep.nn.engine.base import Engine
from nnsweep.nn.engine.matrices import Matrices
from nnsweep.nn.engine.rows import Rows
from nnsweep.nn.network import Dataset, Method, Network

ENGINES: dict[str, type[Engine]] = {each.name: each for each in (Rows, Matrices)}
"""Every engine by name, in order of preference: the first that a network fits trains it."""


class Choice(NamedTuple):
    """An engine, and why it was chosen."""

    engine: type[Engine]
    why: str


def choose_engine(network: Network, batch: int) -> Choice:
    """Choose the engine of networks like this, in batches of so many samples.

    The choice never depends on the size of a stack, because engines round differently.

    >>> choose_engine(Network((2, 4, 1)), batch=1).why
    'rows: 17 parameters × 1 samples in a batch, at most 128'
    >>> choose_engine(Network((2, 4, 1)), batch=100).why
    'matrices: any network fits; not rows: 17 parameters × 100 samples in a batch, more than 128'
    """
    refused: list[str] = []
    for name, engine in ENGINES.items():
        fits, why = engine.fits(network, batch)
        if fits:
            return Choice(engine, "; ".join([f"{name}: {why}", *refused]))
        refused.append(f"not {name}: {why}")
    raise ValueError(f"no engine trains this network; {'; '.join(refused)}")


def stack_engine(
    network: Network, method: Method, samples: int, metrics: Sequence[str] = (), datasets: Sequence[Dataset] = ()
) -> type[Engine]:
    """Give the engine of a stack: the one that is chosen, or the compiled one, which computes the same bits.

    `metrics` are what is measured while it trains.
    """
    engine = choose_engine(network, batch_of(method, samples)).engine
    if engine is Rows and current().engine == COMPILED:
        return _compiled_engine(network, method, samples, metrics, datasets)
    return engine


def _compiled_engine(
    network: Network, method: Method, samples: int, metrics: Sequence[str], datasets: Sequence[Dataset]
) -> type[Engine]:
    from nnsweep.nn.engine.compiled.accepts import accepts
    from nnsweep.nn.engine.compiled.engine import Compiled

    return Compiled if accepts(network, method, samples, metrics, datasets) else Rows


def measures(engine: Engine, metrics: Sequence[str]) -> bool:
    """Have an engine measure metrics while it takes steps, if it can; tell whether it will."""
    return engine.name == COMPILED and _compiled_measures(engine, metrics)


def _compiled_measures(engine: Engine, metrics: Sequence[str]) -> bool:
    from nnsweep.nn.engine.compiled.accepts import measures

    return measures(engine, metrics)


def stack_key(network: Network, method: Method, samples: int) -> Hashable:
    """Return a key that is equal for trainings that may share a stack; `samples` train."""
    batch = batch_of(method, samples)
    engine = choose_engine(network, batch).engine
    widths = engine.shared_widths(network, method, batch)
    return engine.name, replace(network, widths=widths), method, samples
