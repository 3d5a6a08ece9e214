"""The report of a whole sweep: its tables and figures, the page, and the printed text.

Nothing is imported here, so that a process that draws can be started before anything else is imported.
"""
