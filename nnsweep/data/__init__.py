"""Named data sets: arrays, and what identifies them."""

from nnsweep.data.sets import DATASETS, Data, load

__all__ = ["DATASETS", "Data", "load"]
