"""Rank the cells, and find those that may be the best."""
