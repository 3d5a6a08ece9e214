"""One SQLite file per results folder: every trial, its metrics, its history, its failure."""

from nnsweep.store.lock import is_held, lock
from nnsweep.store.record import SUFFIX as RECORD
from nnsweep.store.record import read_record, record_of
from nnsweep.store.seal import find_seal, seal
from nnsweep.store.store import Store

__all__ = ["RECORD", "Store", "find_seal", "is_held", "lock", "read_record", "record_of", "seal"]
