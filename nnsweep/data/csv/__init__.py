"""Samples from a CSV file: a row each, a column for each input and target."""

from nnsweep.data.csv.form import Csv

__all__ = ["Csv"]
