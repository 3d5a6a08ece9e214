"""Data sets, given by a name, a table or a function, as arrays with a fingerprint."""

from nnsweep.data.arrays import Data
from nnsweep.data.data_source import DataSource
from nnsweep.data.field import DataField
from nnsweep.data.sets import DATASETS, load, refresh
from nnsweep.targets import TargetKind, format_values, target_kind

__all__ = [
    "DATASETS",
    "Data",
    "DataField",
    "DataSource",
    "TargetKind",
    "format_values",
    "load",
    "refresh",
    "target_kind",
]
