"""Tables: trials, their summary, matrices of it, and the CSV files that keep them."""

from nnsweep.analysis.columns import Columns, columns, frame
from nnsweep.analysis.files import file_names, to_csv, write_csv
from nnsweep.analysis.history import has_curves, history
from nnsweep.analysis.intervals import wilson
from nnsweep.analysis.layout import Layout, choose_layout
from nnsweep.analysis.matrix import Matrix, combinations, difference, matrices, matrix, pages, panels
from nnsweep.analysis.settings import Settings
from nnsweep.analysis.summary import summary
from nnsweep.analysis.trials import trials_table

__all__ = [
    "Columns",
    "Layout",
    "Matrix",
    "Settings",
    "choose_layout",
    "columns",
    "combinations",
    "difference",
    "file_names",
    "frame",
    "has_curves",
    "history",
    "matrices",
    "matrix",
    "pages",
    "panels",
    "summary",
    "to_csv",
    "trials_table",
    "wilson",
    "write_csv",
]
