"""Trials: what a sweep expands to, and which of them meet a condition."""
