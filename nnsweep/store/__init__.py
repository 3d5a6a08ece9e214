"""The store: every trial that ever ended, in one SQLite file."""

from nnsweep.store.lock import lock
from nnsweep.store.store import Store

__all__ = ["Store", "lock"]
