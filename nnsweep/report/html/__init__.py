"""report.html: the settings and the answer of a sweep, in one file."""

from nnsweep.report.html.context import ReportData
from nnsweep.report.html.render import write_page

__all__ = ["ReportData", "write_page"]
