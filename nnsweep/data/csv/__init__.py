"""Samples from a CSV file: one row for each sample, one column for each input and target."""

from nnsweep.data.csv.source import Csv

__all__ = ["Csv"]
