"""Columns that stand beside those of axes, in tables that are drawn and not written.

An axis may be called what a trainer's parameter is: no such name has a space.
"""

VALUE = "a value"
LOW, HIGH = "its low end", "its high end"
CELLS = "of cells"
GROUP = "a group"
PLACE = "a place"
GAINED, SAME = "successes gained", "the same"
