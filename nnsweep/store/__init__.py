"""One SQLite file per results folder: every trial, its metrics, its history, its failure."""

from nnsweep.store.lock import is_held, lock
from nnsweep.store.store import FILE, Store

__all__ = ["FILE", "Store", "is_held", "lock"]
