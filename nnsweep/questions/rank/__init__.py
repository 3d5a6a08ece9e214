"""Rank the cells, and say which may be the best."""
