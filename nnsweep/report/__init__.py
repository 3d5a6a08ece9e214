"""What a run shows of a whole sweep: its tables and figures, the page, and the text that it prints."""

from nnsweep.report.run_text import format_accepted, format_plan, format_run

__all__ = ["format_accepted", "format_plan", "format_run"]
