"""report.html: what a sweep was asked and what it answered, in one file that needs no other."""

from nnsweep.report.html.found import Found
from nnsweep.report.html.render import write_page

__all__ = ["Found", "write_page"]
