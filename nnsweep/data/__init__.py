"""Data sets, named, described by a table or made by a function: arrays, and what identifies them."""

from nnsweep.data.arrays import Data
from nnsweep.data.form import Form
from nnsweep.data.sets import DATASETS, load, refresh
from nnsweep.data.source import Source

__all__ = ["DATASETS", "Data", "Form", "Source", "load", "refresh"]
