"""The level at which everything is judged: intervals hold with 95 %, and a chance of 5 % counts as small."""

LEVEL = 0.05
"""A difference whose adjusted p-value is below this is more than chance; an interval misses its target as rarely."""
CONFIDENCE = 1 - LEVEL
