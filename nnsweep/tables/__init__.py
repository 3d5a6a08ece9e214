"""Tables of trials, summaries and matrices, and CSV files."""

from nnsweep.tables.columns import Columns, columns, frame
from nnsweep.tables.csv_files import file_names, to_csv, write_csv
from nnsweep.tables.history import has_curves, history
from nnsweep.tables.layout import Layout, choose_layout
from nnsweep.tables.matrix import Matrix, combinations, difference, matrices, matrix, pages, panels
from nnsweep.tables.settings import Settings
from nnsweep.tables.summary import summary
from nnsweep.tables.trials import trials_table

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
    "write_csv",
]
