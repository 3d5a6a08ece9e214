"""The runs of a sweep, and what changed from one to another."""
