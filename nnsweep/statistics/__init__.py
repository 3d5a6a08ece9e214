"""Tests and intervals in which a seed is the unit: pure functions of arrays, shaped (cells, seeds)."""
