"""Readers of runs from elsewhere, one file for each kind of place."""
