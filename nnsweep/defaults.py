"""Names and choices of the command line that other rooms use too. Imports little, so that `--help` is fast."""

from typing import Literal, get_args

RESULTS = "results"
"""The folder of the results folders, unless `--results` names another."""
EXPORT_FORMATS = ("csv", "json", "parquet", "xlsx")
"""The formats of `nnsweep export`."""
FigureFormat = Literal["png", "svg", "pdf"]
FIGURE_FORMATS: tuple[FigureFormat, ...] = get_args(FigureFormat)
"""The formats in which figures are saved."""
