"""The report of a whole sweep: its tables and figures, the page, and the printed text."""

from nnsweep.report.run_text import format_accepted, format_plan, format_run, format_shard

__all__ = ["format_accepted", "format_plan", "format_run", "format_shard"]
