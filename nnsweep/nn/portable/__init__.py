"""Functions with the same bits on every processor."""
