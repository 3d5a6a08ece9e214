"""Compare two settings, or two sweeps, cell by cell."""
