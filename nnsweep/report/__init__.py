"""The results folder: what was asked, where it ran, tables and figures."""

from nnsweep.report.folder import Folder
from nnsweep.report.write import write_question, write_tables

__all__ = ["Folder", "write_question", "write_tables"]
