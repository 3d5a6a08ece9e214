"""The results folder: what was asked, where it ran, tables, figures, and what is said of them."""

from nnsweep.report.folder import Folder
from nnsweep.report.words import accepted, planned, told

__all__ = ["Folder", "accepted", "planned", "told"]
