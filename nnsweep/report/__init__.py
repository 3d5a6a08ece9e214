"""The results folder: what was asked, where it ran, tables, figures, and what is said of them."""

from nnsweep.report.folder import Folder
from nnsweep.report.words import planned, told

__all__ = ["Folder", "planned", "told"]
