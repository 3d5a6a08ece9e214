"""The level of all statistics: intervals have 95 % confidence, and tests a level of 5 %."""

LEVEL = 0.05
"""A difference is more than chance if its adjusted p-value is below this."""
CONFIDENCE = 1 - LEVEL
