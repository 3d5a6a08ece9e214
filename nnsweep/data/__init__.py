"""Data sets, named, described by a table or made by a function: arrays, and what identifies them."""

from nnsweep.data.arrays import Data
from nnsweep.data.form import Form
from nnsweep.data.sets import DATASETS, load, refresh
from nnsweep.data.source import Source
from nnsweep.targets import TargetKind, format_values, target_kind

__all__ = [
    "DATASETS",
    "Data",
    "Form",
    "Source",
    "TargetKind",
    "format_values",
    "load",
    "refresh",
    "target_kind",
]
