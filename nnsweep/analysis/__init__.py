"""Tables: trials, their summary, matrices of it, and the CSV files that keep them."""

from nnsweep.analysis.files import file_names, flat, write_csv
from nnsweep.analysis.history import has_curves, history
from nnsweep.analysis.intervals import wilson
from nnsweep.analysis.layout import Layout, choose_layout
from nnsweep.analysis.matrix import combinations, difference, matrices, matrix, pages
from nnsweep.analysis.settings import Settings
from nnsweep.analysis.summary import summary
from nnsweep.analysis.trials import check_names, trials_table

__all__ = [
    "Layout",
    "Settings",
    "check_names",
    "choose_layout",
    "combinations",
    "difference",
    "file_names",
    "flat",
    "has_curves",
    "history",
    "matrices",
    "matrix",
    "pages",
    "summary",
    "trials_table",
    "wilson",
    "write_csv",
]
