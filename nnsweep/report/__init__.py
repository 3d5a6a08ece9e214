"""What a run shows of a whole sweep: its tables and figures, the page, and the text that it prints."""

from nnsweep.report.run_text import accepted, planned, told

__all__ = ["accepted", "planned", "told"]
